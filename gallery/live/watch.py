"""The slow poll: heals lost rings, and sees what other processes wrote where there is no shared channel layer."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from gallery.models import Command, Folder
from gallery.services.messages import messages_revision


@dataclass
class News:
    """The watched folders' revisions (a folder that is missing is gone), and what else there is."""

    revisions: dict[str, int]
    messages_changed: bool
    tokens_with_commands: set[int] = field(default_factory=set)


class Watcher:
    """Lives on one thread with one connection that never writes."""

    def __init__(self) -> None:
        self._data_version: tuple[object, ...] | None = None
        self._watched: tuple[set[str], set[int]] = (set(), set())
        self._messages_at: int | None = None

    def look(self, folder_ids: list[str], token_ids: list[int]) -> News | None:
        """What is new; None where the database itself says that nobody has written (SQLite: nearly free)."""
        watched = (set(folder_ids), set(token_ids))
        if not self._was_written() and watched == self._watched:
            return None
        self._watched = watched
        messages_at = messages_revision()
        news = News(
            revisions=dict(Folder.objects.filter(id__in=folder_ids).values_list("id", "revision"))
            if folder_ids
            else {},
            messages_changed=messages_at != self._messages_at,
        )
        if token_ids:
            commands = Command.objects.filter(token__in=token_ids).order_by()
            news.tokens_with_commands = set(commands.values_list("token", flat=True).distinct())
        self._messages_at = messages_at
        return news

    def _was_written(self) -> bool:
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            # Changes whenever any other connection, of any process, has committed.
            version = cursor.execute("PRAGMA data_version").fetchone()
        changed = (id(connection.connection), version) != self._data_version
        self._data_version = (id(connection.connection), version)
        return changed
