"""Darkroom's gallery: ``notify`` and ``anotify`` push events, ``NotifyError`` says why one was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gallery.contract.errors import NotifyError
    from gallery.ingest.python import anotify, notify

__all__ = ["NotifyError", "anotify", "notify"]


def __getattr__(name: str) -> Any:
    # Late, because models cannot be imported before Django's apps are ready.
    if name == "NotifyError":
        from gallery.contract.errors import NotifyError

        return NotifyError
    if name in ("notify", "anotify"):
        from gallery.ingest import python

        return getattr(python, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
