"""The slow poll: heals lost rings, and sees what other processes wrote where there is no shared channel layer."""

from __future__ import annotations

from dataclasses import dataclass, field

from gallery.models import Command, Folder
from gallery.services.database_version import Version, database_version
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
        self._version: Version | None = None
        self._watched: tuple[set[str], set[int]] = (set(), set())
        self._messages_at: int | None = None

    def look(self, folder_ids: list[str], token_ids: list[int]) -> News | None:
        """What is new; None where the database itself says that nobody has written (nearly free)."""
        watched = (set(folder_ids), set(token_ids))
        version = database_version()
        if version is not None and version == self._version and watched == self._watched:
            return None
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
        # Only now: had the reading failed, the next look must not take it for seen.
        self._version, self._watched, self._messages_at = version, watched, messages_at
        return news
