from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from gallery.models import Folder
from gallery.services.search_index import forget_folders
from gallery.services.search_rebuild import write_down

SECONDS_BETWEEN_LINES = 2.0


class Command(BaseCommand):
    help = (
        "Write down for the search what is new, at once and until all is done. The servers do the same by themselves, "
        "for a quarter of each second. Safe while they run; where it is stopped, it goes on the next time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="everything anew: after rows were written past the gallery, as by SQL or from a part of a backup",
        )
        parser.add_argument("--folder", metavar="ID", help="that folder alone")

    def handle(self, *, rebuild: bool, folder: str | None, **options: Any) -> None:
        try:
            folders = Folder.objects.filter(id=folder) if folder else Folder.objects.order_by("id")
            names = list(folders)
            if folder and not names:
                raise CommandError(f"There is no folder {folder!r}.")
            for number, each in enumerate(names, 1):
                self._write_down(each, f"{number:,} of {len(names):,}: {each.name}", rebuild)
            forget_folders()
        except DatabaseError as error:
            raise CommandError(f"Not done: {error}. Start it again without --rebuild, and it goes on.") from error
        self.stdout.write(f"Folders up to date: {len(names):,}.")

    def _write_down(self, folder: Folder, about: str, afresh: bool) -> None:
        said_at = time.monotonic()
        for share in write_down(folder, afresh=afresh):
            if time.monotonic() - said_at >= SECONDS_BETWEEN_LINES:
                self.stdout.write(f"{about}: {share:.0%}")
                said_at = time.monotonic()
