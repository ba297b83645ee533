"""Worker tokens: made (the secret is shown once), revoked, asked to drain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext

from gallery.admin.base import LiveAdmin
from gallery.models import WorkerToken
from gallery.services.commands import ask_to_drain
from gallery.services.tokens import delete_token, revoke_token, save_token

DRAIN_MESSAGE = "An administrator asks you to finish what you do and to take nothing new."


@admin.register(WorkerToken)
class WorkerTokenAdmin(LiveAdmin):
    list_display = ["name", "owner", "folder", "state", "created_at", "expires_at", "last_used_at"]
    list_select_related = ["owner", "folder"]
    search_fields = ["name", "owner__username"]
    autocomplete_fields = ["owner", "folder"]
    fields = ["name", "owner", "folder", "expires_at", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["created_at", "last_used_at", "revoked_at"]
    actions = ["revoke", "drain"]

    @admin.display(description=_("state"))
    def state(self, token: WorkerToken) -> str:
        if token.revoked_at:
            return pgettext("a token", "revoked")
        is_over = token.expires_at and token.expires_at <= timezone.now()
        return pgettext("a token", "expired") if is_over else pgettext("a token", "valid")

    def save_model(self, request: HttpRequest, token: WorkerToken, form: Any, change: bool) -> None:
        if not change:
            token.secret = token.renew_secret()
        save_token(token)

    def response_add(
        self, request: HttpRequest, token: WorkerToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The only page that shows the secret: it is neither stored nor sent on to a next page."""
        context = self.admin_site.each_context(request) | {
            "title": _("The token was created"),
            "opts": self.opts,
            "token": token,
            "secret": token.secret,
        }
        response = TemplateResponse(request, "admin/gallery/workertoken/created.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def delete_model(self, request: HttpRequest, token: WorkerToken) -> None:
        delete_token(token)

    def delete_queryset(self, request: HttpRequest, tokens: QuerySet[WorkerToken]) -> None:
        for token in tokens:
            delete_token(token)

    @admin.action(description=_("Revoke: worth nothing from now on, its sockets close"), permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[WorkerToken]) -> None:
        self.do_each(
            request,
            tokens,
            revoke_token,
            ngettext_lazy("%(count)d token was revoked.", "%(count)d tokens were revoked.", "count"),
        )

    @admin.action(description=_("Ask to drain: finish, and take nothing new"), permissions=["change"])
    def drain(self, request: HttpRequest, tokens: QuerySet[WorkerToken]) -> None:
        self.do_each(
            request,
            tokens,
            lambda token: ask_to_drain(token, DRAIN_MESSAGE),
            ngettext_lazy("%(count)d worker was asked to drain.", "%(count)d workers were asked to drain.", "count"),
        )
