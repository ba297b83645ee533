"""What this server process does: a page of the admin with the figures of ``/metrics`` in words."""

from __future__ import annotations

import os
import socket
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from gallery.admin.figure_words import groups
from gallery.live.figures import LastMinute, observe_from_thread
from gallery.live.switchboard import running_board


class _Meta:
    """What the admin's list of models asks of a model; there is no table behind this one."""

    app_label = "gallery"
    model_name = "figures"
    object_name = "Figures"
    verbose_name = verbose_name_plural = _("Figures of this server")
    abstract = swapped = is_composite_pk = False

    @property
    def app_config(self) -> Any:
        return apps.get_app_config(self.app_label)


class Figures:
    _meta = _Meta()


class FiguresAdmin(admin.ModelAdmin):
    """Looked at by whoever may open the admin; nothing can be changed."""

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.figures_view), name="gallery_figures_changelist")]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {"view": True}

    def check(self, **options: Any) -> list[Any]:
        return []

    def figures_view(self, request: HttpRequest) -> HttpResponse:
        """Fetched again every two seconds by the page itself."""
        board = running_board()
        if board is not None:
            observe_from_thread(board)
        minute = LastMinute()
        context = self.admin_site.each_context(request) | {
            "title": _("Figures of this server"),
            "groups": groups(minute),
            "process": os.getpid(),
            "machine": socket.gethostname(),
            "seconds": round(minute.seconds),
            "is_serving": board is not None,
        }
        return TemplateResponse(request, "admin/gallery/figures.html", context)


admin.site.register([Figures], FiguresAdmin)
