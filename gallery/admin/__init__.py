"""The administrator's pages. Everything is saved through the services, so that it is live on open pages at once."""

from __future__ import annotations

from gallery.admin import figures, folders, messages, tokens, work  # they register themselves

__all__ = ["figures", "folders", "messages", "tokens", "work"]
