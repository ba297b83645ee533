"""What the demo starts with: its tables, two people, one folder, and the worker's token.

Run as ``python -m gallery_project.demo.seed`` in the demo's own environment; a second run changes nothing.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from gallery_project.demo.environment import write_secret

FOLDER_ID, FOLDER_NAME = "first-light", "First light"
PEOPLE = {"ana": {"is_staff": True, "is_superuser": True}, "ben": {}}
# Without letters and digits that are easily taken for one another: people type this.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    data_dir = Path(settings.DATA_DIR)
    accounts = _people(data_dir / "accounts.json")
    folder = _folder()
    _token(data_dir / "worker-token", folder)
    json.dump({"folder": folder.id, "accounts": accounts}, sys.stdout)


def _people(kept: Path) -> dict[str, str]:
    """Everybody's password; empty where the person has changed it."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    shown = {}
    for name, rights in PEOPLE.items():
        user, is_new = users.get_or_create(username=name, defaults={"first_name": name.capitalize(), **rights})
        if is_new or name not in known:
            known[name] = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
            user.set_password(known[name])
            user.save()
        shown[name] = known[name] if user.check_password(known[name]) else ""
    write_secret(kept, json.dumps(known, indent=2) + "\n")
    return shown


def _folder() -> Any:
    """The public folder; made again where somebody has removed it."""
    from django.contrib.auth import get_user_model

    from gallery.models import Folder, Membership
    from gallery.services.folders import save_folder

    users = get_user_model().objects
    folder = Folder.objects.filter(id=FOLDER_ID).first()
    if folder is None:
        folder = Folder(id=FOLDER_ID, name=FOLDER_NAME, owner=users.get(username="ana"), visibility="public")
        save_folder(folder)
        Membership.objects.create(folder=folder, user=users.get(username="ben"), role=Membership.Role.EDITOR)
    return folder


def _token(kept: Path, folder: Any) -> None:
    """A token that works, in a file of its own."""
    from gallery.models import WorkerToken
    from gallery.models.token import hash_token
    from gallery.services.tokens import create_token

    secret = kept.read_text().strip() if kept.exists() else ""
    if not WorkerToken.objects.usable().filter(digest=hash_token(secret), folder=folder).exists():
        _, secret = create_token("Demo worker", folder.owner, folder=folder)
        write_secret(kept, secret + "\n")


if __name__ == "__main__":
    main()
