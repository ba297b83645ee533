"""Commands: what a person asks of a worker, kept until the worker acknowledges it or it has lapsed."""

from __future__ import annotations

from django.db.models import QuerySet

from gallery.access import storable
from gallery.contract.errors import NotifyError
from gallery.doorbell import COMMANDS, ring_on_commit
from gallery.models import Batch, Command, WorkerToken


def queue_command(token_id: int, kind: str, payload: dict[str, str], batch: Batch | None = None) -> Command:
    """Ask; the same question is not asked twice."""
    known = Command.objects.filter(token_id=token_id, type=kind, payload=payload).first()
    command = known or Command.objects.create(token_id=token_id, type=kind, payload=payload, batch=batch)
    ring_on_commit(COMMANDS, str(token_id))
    return command


def pending_commands(token: WorkerToken) -> QuerySet[Command]:
    """What this worker has not acknowledged yet, oldest first."""
    return Command.objects.filter(token=token)


def acknowledge_command(token: WorkerToken, command_id: str) -> None:
    """The worker has it; raises ``not_found`` where there is no such command for this token."""
    deleted, _ = Command.objects.filter(token=token, id=storable(command_id)).delete()
    if not deleted:
        raise NotifyError("not_found", "There is no command with this id for this token.")


def lapse_commands(batch: Batch, kind: str, item_id: str | None = None) -> None:
    """What was asked has no sense any more."""
    commands = Command.objects.filter(batch=batch, type=kind)
    if item_id is not None:
        commands = commands.filter(payload={"itemId": item_id})
    commands.delete()


def ask_to_drain(token: WorkerToken, message: str) -> Command:
    """Ask a worker to finish what it does and take nothing new."""
    return queue_command(token.pk, Command.Type.SYSTEM_DRAIN, {"message": message})
