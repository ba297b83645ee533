"""Batches and locks: looked at, cancelled, broken."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery.access import SITE
from gallery.admin.base import ReadOnlyAdmin
from gallery.models import Batch, Folder, ItemLock
from gallery.services.batch_ends import cancel_batch
from gallery.services.locks import break_lock


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ["label", "folder", "who", "status", "stalled", "done_count", "failed_count", "total", "started_at"]
    list_filter = ["status"]
    list_select_related = ["folder"]
    fields = [
        "label", "folder", "status", "message", "total", "done_count", "failed_count", "who", "token", "started_at",
        "heard_at", "ended_at", "id",
    ]  # fmt: skip
    search_fields = ["label", "id", "who", "folder__name"]
    ordering = ["-started_at"]
    actions = ["cancel"]

    @admin.display(description=_("stalled"), boolean=True)
    def stalled(self, batch: Batch) -> bool:
        return batch.is_stalled

    @admin.action(description=_("Cancel: ask the worker to stop"), permissions=["change"])
    def cancel(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        self.do_each(
            request,
            batches,
            lambda batch: cancel_batch(SITE, batch.id),
            ngettext_lazy("%(count)d batch is asked to stop.", "%(count)d batches are asked to stop.", "count"),
        )


@admin.register(ItemLock)
class ItemLockAdmin(ReadOnlyAdmin):
    list_display = ["item", "folder", "holder_name", "expires_at"]
    fields = ["item", "holder_name", "expires_at", "fence"]
    list_select_related = ["item__folder", "holder"]
    search_fields = ["item__name", "item__id", "holder_name"]
    ordering = ["expires_at"]
    actions = ["break_locks"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemLock]:
        """Those that are held now."""
        return super().get_queryset(request).filter(expires_at__gt=timezone.now())

    @admin.display(description=_("folder"), ordering="item__folder__name")
    def folder(self, lock: ItemLock) -> Folder:
        return lock.item.folder

    @admin.action(description=_("Break: free the item for others"), permissions=["change"])
    def break_locks(self, request: HttpRequest, locks: QuerySet[ItemLock]) -> None:
        self.do_each(
            request,
            locks,
            lambda lock: break_lock(lock.item_id),
            ngettext_lazy("%(count)d lock was broken.", "%(count)d locks were broken.", "count"),
        )
