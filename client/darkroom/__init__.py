"""Report what you make to a Darkroom gallery while you make it."""

from __future__ import annotations

from darkroom.async_gallery import AsyncGallery
from darkroom.errors import DarkroomError, OutboxFull, Refused, TokenRefused

__all__ = ["AsyncGallery", "DarkroomError", "OutboxFull", "Refused", "TokenRefused"]
