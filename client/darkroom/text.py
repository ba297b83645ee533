"""Words on their way to the gallery: within the contract's limits, without what it refuses."""

from __future__ import annotations

from darkroom.errors import DarkroomError

NAME_LENGTH = 200  # characters, of a label too
MESSAGE_LENGTH = 2_000  # characters


def clean_name(text: str, otherwise: str = "Untitled") -> str:
    return _clean(text, NAME_LENGTH) or otherwise


def clean_message(text: str) -> str:
    return _clean(text, MESSAGE_LENGTH)


def sentence_of(error: BaseException) -> str:
    """What is shown on a card that failed."""
    said = str(error).strip()
    if isinstance(error, KeyboardInterrupt):
        return "Stopped from the keyboard."
    if not isinstance(error, Exception):  # the program ends, or a task was cancelled
        return "Stopped."
    if isinstance(error, DarkroomError):
        return clean_message(said)
    return clean_message(f"{type(error).__name__}: {said}" if said else f"{type(error).__name__}.")


def _clean(text: str, length: int) -> str:
    # A file's name may hold half of a character, as Python reads it from the system.
    whole = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()
    return whole if len(whole) <= length else whole[: length - 1] + "…"
