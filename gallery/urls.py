from __future__ import annotations

from django.urls import path

from gallery.api.api import urls as api_urls
from gallery.ingest.http import notify_view
from gallery.views.health import healthz, readyz

app_name = "gallery"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/notify", notify_view, name="notify"),
    path("api/", api_urls),
]
