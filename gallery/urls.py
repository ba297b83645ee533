"""The gallery's pages, files and doors. Include it with the namespace ``gallery`` (see docs/install.md)."""

from __future__ import annotations

from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.i18n import set_language

from gallery.api.api import urls as api_urls
from gallery.contract import limits
from gallery.ingest.http import notify_view
from gallery.views import (
    arrivals,
    batches,
    choices,
    downloads,
    folder_copies,
    folder_settings,
    folders,
    generators,
    items,
    mass_actions,
    media,
    members,
    messages,
    own_actions,
    panel,
    questions,
    selection,
    trash,
    uploads,
)
from gallery.views.health import healthz, readyz
from gallery.views.metrics import metrics


class IdConverter(StringConverter):
    """An id of the contract's alphabet: whatever else stands in an address leads nowhere."""

    regex = limits.ID_PATTERN


register_converter(IdConverter, "gallery_id")

KINDS = "media|thumb|thumb2|thumb4|rendition|preview"
FILE = rf"^media/items/(?P<item_id>{limits.ID_PATTERN})/(?P<version>[a-z0-9]{{1,64}})/(?P<kind>{KINDS})$"

app_name = "gallery"
urlpatterns = [
    path("", folders.home, name="home"),
    path("trash/", trash.all_trash, name="all_trash"),
    path("trash/empty/", trash.empty_all, name="empty_all_trash"),
    path("folders/", folders.create_folder, name="create_folder"),
    path("folders/<gallery_id:folder_id>/", folders.folder, name="folder"),
    path("folders/<gallery_id:folder_id>/panel/", panel.panel, name="panel"),
    path("folders/<gallery_id:folder_id>/settings/", folder_settings.settings, name="folder_settings"),
    path("folders/<gallery_id:folder_id>/settings/change/", folder_settings.change, name="change_folder"),
    path("folders/<gallery_id:folder_id>/copy/", folder_copies.ask_to_copy, name="ask_to_copy_folder"),
    path("folders/<gallery_id:folder_id>/copy/now/", folder_copies.copy, name="copy_folder"),
    path("folders/<gallery_id:folder_id>/people/", members.members, name="members"),
    path("folders/<gallery_id:folder_id>/people/put/", members.put, name="put_member"),
    path("folders/<gallery_id:folder_id>/people/<int:user_id>/remove/", members.remove, name="remove_member"),
    path("folders/<gallery_id:folder_id>/delete/", folder_settings.ask_to_delete, name="ask_to_delete_folder"),
    path("folders/<gallery_id:folder_id>/delete/now/", folder_settings.delete, name="delete_folder"),
    path("folders/<gallery_id:folder_id>/download/", downloads.download_folder, name="download_folder"),
    path("folders/<gallery_id:folder_id>/trash/", trash.trash, name="trash"),
    path("folders/<gallery_id:folder_id>/trash/empty/", trash.empty, name="empty_trash"),
    path("folders/<gallery_id:folder_id>/upload/", uploads.upload, name="upload"),
    path("folders/<gallery_id:folder_id>/selection/", selection.count_selection, name="count_selection"),
    path("folders/<gallery_id:folder_id>/choices/", choices.choices, name="filter_choices"),
    path("folders/<gallery_id:folder_id>/arrivals/", arrivals.count_arrivals, name="count_arrivals"),
    path("items/<gallery_id:item_id>/", items.item, name="item"),
    path("items/<gallery_id:item_id>/rename/", items.rename_item, name="rename_item"),
    path("items/<gallery_id:item_id>/remove/", items.remove_item, name="remove_item"),
    path("items/<gallery_id:item_id>/star/", items.star, name="star_item"),
    path("items/<gallery_id:item_id>/tags/", items.tag, name="tag_item"),
    path("items/<gallery_id:item_id>/cover/", folder_settings.choose_cover, name="choose_cover"),
    path("items/<gallery_id:item_id>/download/", downloads.download_item, name="download_item"),
    path("items/<gallery_id:item_id>/retry/", items.retry_item, name="retry_item"),
    path("batches/<gallery_id:batch_id>/cancel/", batches.cancel_batch, name="cancel_batch"),
    path("folders/<gallery_id:folder_id>/actions/download/", downloads.download_selected, name="download_selected"),
    path("batches/<gallery_id:batch_id>/again/", batches.try_again, name="try_again"),
    path("folders/<gallery_id:folder_id>/actions/<slug:kind>/", mass_actions.act, name="act"),
    path("folders/<gallery_id:folder_id>/undo/<int:moment>/", mass_actions.undo_delete, name="undo_delete"),
    path(
        "folders/<gallery_id:folder_id>/undo/<gallery_id:target_id>/<int:revision>/",
        mass_actions.undo_move,
        name="undo_move",
    ),
    path("folders/<gallery_id:folder_id>/ask/<slug:kind>/", questions.ask, name="ask"),
    path("folders/<gallery_id:folder_id>/ask/<slug:kind>/places/", questions.places, name="places"),
    path("folders/<gallery_id:folder_id>/generate/<slug:name>/", generators.generate, name="generate"),
    path("actions/", own_actions.show_own, name="own_actions"),
    path("actions/download/", downloads.download_items, name="download_items"),
    path("actions/<slug:kind>/", mass_actions.act_on_items, name="act_on_items"),
    path("actions/<gallery_id:action_id>/cancel/", mass_actions.cancel, name="cancel_action"),
    path("actions/<gallery_id:action_id>/undo/", mass_actions.undo_mass_action, name="undo_action"),
    path("language/", set_language, name="set_language"),
    path("messages/<gallery_id:message_id>/dismiss/", messages.dismiss_message, name="dismiss_message"),
    re_path(FILE, media.item_file, name="media"),
    path(
        "media/placeholders/<gallery_id:batch_id>/<int:index>/<slug:version>",
        media.slot_preview,
        name="slot_preview",
    ),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/notify", notify_view, name="notify"),
    path("api/", api_urls),
]
