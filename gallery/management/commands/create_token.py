from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gallery.access import may_edit, role_in
from gallery.models import Folder
from gallery.services.tokens import create_token

DAYS_MAX = 36_500


class Command(BaseCommand):
    help = "Create a worker's token and print it, once, alone on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the token is called in the admin")
        parser.add_argument("--user", required=True, help="username of its owner: it may do what this user may do")
        parser.add_argument("--folder", help="id of the folder for batches that name none")
        parser.add_argument("--expires", type=float, metavar="DAYS", help="days until it expires; else it never does")

    def handle(self, *, name: str, user: str, folder: str | None, expires: float | None, **options: Any) -> None:
        model = get_user_model()
        owner = model.objects.filter(**{model.USERNAME_FIELD: user}).first()
        if owner is None:
            raise CommandError(f"There is no user '{user}'.")
        if not owner.is_active:
            raise CommandError(f"The user '{user}' is not active: a token of theirs would be refused.")
        if expires is not None and not 0 < expires <= DAYS_MAX:
            raise CommandError(f"--expires must be more than 0 and at most {DAYS_MAX:,} days.")
        if not name.strip() or len(name) > 200:
            raise CommandError("The name must have 1 to 200 characters.")
        _, secret = create_token(name, owner, folder=_folder(owner, folder), days=expires)
        self.stdout.write(secret)


def _folder(owner: Any, folder_id: str | None) -> Folder | None:
    if folder_id is None:
        return None
    folder = Folder.objects.filter(id=folder_id).first()
    if folder is None:
        raise CommandError(f"There is no folder '{folder_id}'.")
    if not may_edit(role_in(owner, folder_id)):
        raise CommandError(f"The user may not write the folder '{folder_id}'.")
    return folder
