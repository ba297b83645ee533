from __future__ import annotations

from typing import Any

from django.urls import path

from gallery_project.urls import urlpatterns as of_the_gallery
from tests.documents import blocks

_said: dict[str, Any] = {"__name__": "tests.host.views"}
exec(dict(blocks("embed.md"))["view"], _said)

urlpatterns = [path("today/<slug:folder_id>/", _said["today"]), *of_the_gallery]
