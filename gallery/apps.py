from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class GalleryConfig(AppConfig):
    """The live gallery."""

    name = "gallery"
    verbose_name = _("Gallery")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gallery import logins  # noqa: F401  (connects its signal)
        from gallery.conf import check_time_zones
        from gallery.task_queue import check_backend

        checks.register(check_backend)
        checks.register(check_time_zones)
