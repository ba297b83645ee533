"""``/api/commands``: what people asked of a worker that polls instead of keeping a socket open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from gallery.api.documents import errors
from gallery.api.schemas import CommandOut
from gallery.contract.errors import NotifyError
from gallery.models import WorkerToken
from gallery.services.commands import acknowledge_command as forget_command
from gallery.services.commands import pending_commands

router = Router(by_alias=True, exclude_unset=True, tags=["Commands"])


@router.get("/commands", response={200: list[CommandOut]} | errors(401, 403))
def list_commands(request: HttpRequest) -> list[dict[str, Any]]:
    """What your token has not acknowledged yet, oldest first."""
    return [command.as_json() for command in pending_commands(_token(request))]


@router.delete("/commands/{command_id}", response={204: None} | errors(401, 403, 404))
def acknowledge_command(request: HttpRequest, command_id: str) -> Status[None]:
    """You have it: it is not sent again."""
    forget_command(_token(request), command_id)
    return Status(204, None)


def _token(request: HttpRequest) -> WorkerToken:
    if request.auth.token is None:
        raise NotifyError("forbidden", "Commands are for workers: ask with a token.")
    return request.auth.token
