"""Report what you make to a Darkroom gallery while you make it."""

from __future__ import annotations

from darkroom.async_batch import AsyncBatch
from darkroom.async_gallery import AsyncGallery
from darkroom.async_item import AsyncItem
from darkroom.batch import Batch, Item
from darkroom.errors import Cancelled, DarkroomError, OutboxFull, Refused, TokenRefused
from darkroom.gallery import Gallery

__all__ = [
    "AsyncBatch",
    "AsyncGallery",
    "AsyncItem",
    "Batch",
    "Cancelled",
    "DarkroomError",
    "Gallery",
    "Item",
    "OutboxFull",
    "Refused",
    "TokenRefused",
]
