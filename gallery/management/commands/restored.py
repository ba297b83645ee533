from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gallery.contract.errors import NotifyError
from gallery.services.restored import leap_ahead


class Command(BaseCommand):
    help = (
        "Say that the database was put back from a backup: every folder goes on at a revision that no page has seen, "
        "so that pages which showed later changes fetch themselves again. Before the servers start, or while they run."
    )

    def handle(self, **options: Any) -> None:
        try:
            folders = leap_ahead()
        except NotifyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Pages of {folders:,} folders will fetch themselves again.")
