"""What the administrator's pages have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gallery.contract.errors import NotifyError


class LiveAdmin(admin.ModelAdmin):
    """What a service refuses is said as a sentence, not as an error page."""

    show_full_result_count = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except NotifyError as error:
            return self._refused(request, error)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except NotifyError as error:
            return self._refused(request, error)

    def _refused(self, request: HttpRequest, error: NotifyError) -> HttpResponse:
        self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def do_each(self, request: HttpRequest, rows: Iterable[Any], work: Callable[[Any], object], done: str) -> None:
        """Do ``work`` to each row; ``done`` is what is said of them, by their ``count`` (``ngettext_lazy``)."""
        count = 0
        for row in rows:
            try:
                work(row)
                count += 1
            except NotifyError as error:
                self.message_user(request, f"{row}: {error.message}", messages.ERROR)
        if count:
            self.message_user(request, done % {"count": count}, messages.SUCCESS)


class ReadOnlyAdmin(LiveAdmin):
    """Rows that only workers and people make; here they are looked at, and acted on."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)
