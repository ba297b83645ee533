"""A project that has no translations, far from Greenwich."""

from __future__ import annotations

from gallery_project.settings import *  # noqa: F403

USE_I18N = False
LANGUAGE_CODE = "de"  # and yet the gallery speaks English: nothing is translated
TIME_ZONE = "Asia/Kolkata"
