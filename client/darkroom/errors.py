"""What can go wrong, each with a sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DarkroomError(Exception):
    """The base of all that this package raises by itself."""


class TokenRefused(DarkroomError):
    """The gallery does not know the token, or no longer: nothing more can be said with it."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or "The gallery does not accept the token; it may be unknown, expired or revoked.")


class Refused(DarkroomError):
    """The gallery does not take this, and would not take it later. ``code`` is the contract's: ``invalid`` …"""

    def __init__(
        self, code: str, sentence: str, *, status: int = 0, errors: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.code, self.status, self.errors = code, status, errors

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], status: int = 0) -> Refused:
        """From an error as the gallery spells it, whatever else was sent in its place."""
        code = str(answer.get("code") or f"http_{status}")
        sentence = str(answer.get("message") or f"The gallery answered {status}.")
        return cls(code, sentence, status=status, errors=tuple(answer.get("errors") or ()))


class OutboxFull(DarkroomError):
    """The gallery has been away for so long that no more events are kept for it."""


class Cancelled(DarkroomError):
    """Somebody has pressed cancel in the gallery. A batch ends its ``with`` block with it, and goes on behind it."""
