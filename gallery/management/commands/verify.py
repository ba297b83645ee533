from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from gallery.contract.errors import NotifyError
from gallery.services.integrity import Finding, Looked
from gallery.services.verification import verify

COULD_NOT_LOOK = 2


class Command(BaseCommand):
    help = (
        "Check what must hold in the database and among the files: revisions, counters, slots, tombstones, leases, "
        "orphan files. Safe while servers run. Ends with 0 where all is well, 1 where something is wrong (and was not "
        "mended), 2 where it could not look."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend counters and delete orphan files, no more")

    def handle(self, *, repair: bool, **options: Any) -> None:
        looked, found, mendable = Looked(), 0, 0
        try:
            for finding in verify(looked):
                found += 1
                mendable += finding.mend is not None
                self._say(finding, repair)
        except (DatabaseError, OSError) as error:
            raise CommandError(f"Could not look: {error}".strip(), returncode=COULD_NOT_LOOK) from error
        except NotifyError as error:
            raise CommandError(f"Could not mend it: {error.message}", returncode=COULD_NOT_LOOK) from error
        if not found:
            self.stdout.write(f"All is well: {looked}.")
        elif repair and mendable == found:
            self.stdout.write(f"Found and mended: {found:,}. Looked at {looked}.")
        else:
            left = found - mendable if repair else found
            more = "" if repair or not mendable else f" --repair would mend {mendable:,}."
            raise CommandError(f"Wrong: {left:,}.{more} Looked at {looked}.", returncode=1)

    def _say(self, finding: Finding, repair: bool) -> None:
        if repair and finding.mend is not None:
            finding.mend()
            self.stdout.write(f"{finding.sentence} Mended.")
        else:
            self.stdout.write(f"{finding.sentence} {finding.remedy}")
