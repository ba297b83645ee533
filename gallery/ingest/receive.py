"""What the four doors share: parse, recognise what was said before, apply in one transaction, answer in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.db import connection
from django.utils.translation import override

from gallery import metrics, trace
from gallery.access import Sender
from gallery.contract.errors import NotifyError
from gallery.contract.events import SystemMessageEvent
from gallery.contract.parse import Envelope, parse_envelope
from gallery.contract.receipts import Receipt
from gallery.ingest.dispatch import apply_event, needs_of
from gallery.ingest.idempotency import Memory
from gallery.services.change import Change
from gallery.services.items import READ_FOR_EVENTS
from gallery.services.messages import post_message
from gallery.services.needs import Needs
from gallery.services.revisions import transact

Answer = Receipt | NotifyError


def receive(sender: Sender, raw_events: Iterable[object], door: str = "python") -> list[Answer]:
    """Apply these events in their order; each stands alone, and gets a receipt or the reason why it was refused."""
    return apply(sender, [_parse(raw) for raw in raw_events], door)


def _parse(raw: object) -> Envelope | NotifyError:
    try:
        return parse_envelope(raw)
    except NotifyError as error:
        return error


def apply(sender: Sender, envelopes: Sequence[Envelope | NotifyError], door: str = "python") -> list[Answer]:
    """The same for events that are read already; what became of them is counted, and logged where that is asked for."""
    if trace.is_on():
        _tell_received(sender, envelopes, door)
    with override("en"):  # workers read one language, and what is kept is read in every one
        answers = _apply(sender, envelopes)
    metrics.count_events(
        (_kind(envelope) or metrics.UNREAD, answer.code if isinstance(answer, NotifyError) else "ack")
        for envelope, answer in zip(envelopes, answers, strict=True)
    )
    if trace.is_on():
        _tell_answers(envelopes, answers)
    return answers


def _kind(envelope: Envelope | NotifyError) -> str | None:
    return envelope.type if isinstance(envelope, Envelope) else None


def _tell_received(sender: Sender, envelopes: Sequence[Envelope | NotifyError], door: str) -> None:
    for envelope in envelopes:
        event_id = envelope.id if isinstance(envelope, Envelope) else envelope.event_id
        trace.say("received", event_id=event_id, event=_kind(envelope), door=door, sender=sender.scope)


def _tell_answers(envelopes: Sequence[Envelope | NotifyError], answers: list[Answer]) -> None:
    for envelope, answer in zip(envelopes, answers, strict=True):
        if isinstance(answer, NotifyError):
            trace.say("refused", event_id=answer.event_id, event=_kind(envelope), code=answer.code, why=answer.message)
            continue
        said = answer._asdict()
        trace.say("applied", event_id=said.pop("event_id"), event=_kind(envelope), **said)


def _apply(sender: Sender, envelopes: Sequence[Envelope | NotifyError]) -> list[Answer]:
    """Runs of events about folders share a transaction; a system message has one of its own."""
    answers: list[Answer] = []
    run: list[Envelope] = []
    for envelope in envelopes:
        if isinstance(envelope, Envelope) and not isinstance(envelope.event, SystemMessageEvent):
            run.append(envelope)
            continue
        answers += _apply_run(sender, run)
        run = []
        answers.append(envelope if isinstance(envelope, NotifyError) else _apply_message(sender, envelope))
    return answers + _apply_run(sender, run)


def _apply_run(sender: Sender, run: list[Envelope]) -> list[Answer]:
    if not run:
        return []
    try:
        return transact(_needs(sender, run), lambda change: _apply_all(change, sender, run))
    except NotifyError as error:
        if len(run) > 1 and error.code in ("conflict", "invalid") and not connection.in_atomic_block:
            # The database refused the lot for one of them: each on its own, so that it takes nobody with it.
            return [answer for envelope in run for answer in _apply_run(sender, [envelope])]
        return [_with_id(error, envelope) for envelope in run]


def _apply_all(change: Change, sender: Sender, run: list[Envelope]) -> list[Answer]:
    memory = Memory(sender, run)
    answers: list[Answer] = []
    for envelope in run:
        try:
            answer = memory.recall(envelope) or memory.keep(change, envelope, apply_event(change, sender, envelope))
        except NotifyError as error:
            answer = _with_id(error, envelope)
        answers.append(answer)
    if trace.is_on():
        for answer in answers:
            if isinstance(answer, Receipt) and answer.event_id and answer.folder_id and answer.revision:
                trace.remember(answer.folder_id, answer.revision, answer.event_id)
    return answers


def _apply_message(sender: Sender, envelope: Envelope) -> Answer:
    try:
        return _post_once(sender, envelope)
    except NotifyError as error:
        if error.code == "conflict":  # perhaps the same event was quicker on another connection: ask again
            with suppress(NotifyError):
                return Memory(sender, [envelope]).recall(envelope) or _with_id(error, envelope)
        return _with_id(error, envelope)


def _post_once(sender: Sender, envelope: Envelope) -> Receipt:
    memory = Memory(sender, [envelope])
    return memory.recall(envelope) or memory.keep_alone(envelope, lambda: post_message(sender, envelope.event))


def _needs(sender: Sender, run: list[Envelope]) -> Needs:
    needs = Needs(item_fields=set(READ_FOR_EVENTS))
    for envelope in run:
        needs_of(sender, envelope.event, needs)
    return needs


def _with_id(error: NotifyError, envelope: Envelope) -> NotifyError:
    return NotifyError(error.code, error.message, error.errors, error.retry_after, envelope.id)


def answer_as_json(answer: Answer, *, on_socket: bool = False) -> dict[str, Any]:
    """A receipt or an error as the contract spells it."""
    return answer.as_json(on_socket=on_socket) if isinstance(answer, NotifyError) else answer.as_json()
