"""``manage.py bridge comfyui``: the client's bridge, with a token that is made for it.

It speaks to the gallery through the doors, as every worker does; only the token comes from here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from gallery.access import may_edit, role_in
from gallery.contract.errors import NotifyError
from gallery.models import Folder
from gallery.services.tokens import create_token, recognise_token

MISSING = "The bridge is a part of the Python client. Install it: python -m pip install ./client (or darkroom-client)."
GALLERY = "http://127.0.0.1:8000"


class Command(BaseCommand):
    help = "Show every run of a generator in a folder, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("generator", choices=["comfyui"])
        parser.add_argument("--url", default="http://127.0.0.1:8188", help="where ComfyUI is (%(default)s)")
        parser.add_argument("--folder", required=True, metavar="ID", help="id of the folder in which its runs appear")
        parser.add_argument("--user", help="who it works for; else the folder's owner")
        here = os.environ.get("DARKROOM_URL", GALLERY)
        parser.add_argument("--gallery", metavar="URL", default=here, help="where this gallery is (%(default)s)")
        parser.add_argument("--json", action="store_true", help="say everything as lines of JSON")

    def handle(
        self, *, generator: str, url: str, folder: str, user: str | None, gallery: str, json: bool, **options: Any
    ) -> None:
        try:
            from darkroom.bridges.comfyui import command, memory
            from darkroom.bridges.comfyui.reporting import Reporter
        except ImportError as error:
            raise CommandError(MISSING) from error
        target, owner = _folder_and_user(folder, user)
        token = _token(target, owner, memory.state_folder() / f"bridge-{target.id}-{owner.pk}.token")
        connections.close_all()  # a bridge runs for days
        report = Reporter(as_json=json)
        report.carry_log()
        if code := command.run(url=url, folder=target.id, gallery=gallery, token=token, report=report):
            raise SystemExit(code)


def _folder_and_user(folder_id: str, username: str | None) -> tuple[Folder, Any]:
    folder = Folder.objects.select_related("owner").filter(id=folder_id).first()
    if folder is None:
        raise CommandError(f"There is no folder '{folder_id}'.")
    model = get_user_model()
    owner = folder.owner if username is None else model.objects.filter(**{model.USERNAME_FIELD: username}).first()
    if owner is None:
        raise CommandError(f"There is no user '{username}'.")
    if not owner.is_active or not may_edit(role_in(owner, folder.id)):
        raise CommandError(f"The user '{owner}' may not write the folder '{folder.name}'.")
    return folder, owner


def _token(folder: Folder, owner: Any, path: Path) -> str:
    """The one of the last time, for what people cancel goes to the token that began it; else a new one."""
    try:
        secret = path.read_text().strip()
        if recognise_token(secret).user == owner:
            return secret
    except (OSError, NotifyError):
        pass
    _, secret = create_token("ComfyUI bridge", owner, folder=folder)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)
    return secret
