"""System messages: said to everyone, or to everyone in one folder."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gallery.admin.base import LiveAdmin
from gallery.models import SystemMessage
from gallery.services.messages import delete_messages, save_message


@admin.register(SystemMessage)
class SystemMessageAdmin(LiveAdmin):
    list_display = ["text", "level", "folder", "starts_at", "expires_at", "dismissible", "created_by"]
    list_filter = ["level"]
    list_select_related = ["folder", "created_by"]
    search_fields = ["text"]
    autocomplete_fields = ["folder"]
    fields = ["text", "level", "folder", "dismissible", "expires_at", "starts_at", "created_by"]
    readonly_fields = ["starts_at", "created_by"]

    def save_model(self, request: HttpRequest, message: SystemMessage, form: Any, change: bool) -> None:
        message.created_by = message.created_by or request.user
        save_message(message)

    def delete_model(self, request: HttpRequest, message: SystemMessage) -> None:
        delete_messages([message.id])

    def delete_queryset(self, request: HttpRequest, system_messages: QuerySet[SystemMessage]) -> None:
        delete_messages(list(system_messages.values_list("id", flat=True)))
