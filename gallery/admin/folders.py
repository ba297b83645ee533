"""Folders and who may do what in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gallery.access import SITE
from gallery.admin.base import LiveAdmin
from gallery.models import Folder, Item, Membership
from gallery.services.folder_removal import delete_folder
from gallery.services.folders import announce_access, save_folder


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Folder)
class FolderAdmin(LiveAdmin):
    list_display = ["name", "owner", "visibility", "item_count", "member_count", "created_at"]
    list_filter = ["visibility"]
    list_select_related = ["owner"]
    search_fields = ["name", "id", "owner__username"]
    autocomplete_fields = ["owner"]
    fields = ["name", "owner", "visibility", "id", "revision", "created_at"]
    readonly_fields = ["id", "revision", "created_at"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Folder]:
        return super().get_queryset(request).annotate(items_in_it=_counted(Item), members_of_it=_counted(Membership))

    @admin.display(description=_("items"), ordering="items_in_it")
    def item_count(self, folder: Folder) -> int:
        return folder.items_in_it

    @admin.display(description=_("members"), ordering="members_of_it")
    def member_count(self, folder: Folder) -> int:
        return folder.members_of_it

    def save_model(self, request: HttpRequest, folder: Folder, form: Any, change: bool) -> None:
        save_folder(folder)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        announce_access(form.instance.id)

    def get_deleted_objects(self, folders: Iterable[Folder], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What goes with a folder, in numbers: its items may be a hundred thousand."""
        names = [
            ngettext("%(name)s, with its one item", "%(name)s, with its %(count)s items", count)
            % {"name": folder.name, "count": number_format(count, force_grouping=True)}
            for folder in folders
            for count in [folder.items.count()]
        ]
        return names, {"folders": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, folder: Folder) -> None:
        delete_folder(SITE, folder.id)

    def delete_queryset(self, request: HttpRequest, folders: QuerySet[Folder]) -> None:
        for folder_id in list(folders.values_list("id", flat=True)):
            delete_folder(SITE, folder_id)


def _counted(model: type[Item] | type[Membership]) -> Coalesce:
    """How many of these a folder has, without a JOIN that would multiply the other count."""
    rows = model.objects.filter(folder=OuterRef("pk")).order_by().values("folder")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
