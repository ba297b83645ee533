"""The errors of the notify contract: one code, one HTTP status and one plain sentence each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATUS_BY_CODE = {
    "invalid": 422,
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "locked": 423,
    "too_large": 413,
    "rate_limited": 429,
    "unavailable": 503,
}


@dataclass(frozen=True)
class FieldError:
    """One wrong field: ``field`` is its path as the sender wrote it (``payload.total``)."""

    field: str
    message: str


@dataclass
class NotifyError(Exception):
    """An event that was refused; nothing of it was kept.

    ``code`` is a key of ``STATUS_BY_CODE``, ``message`` one plain sentence, ``retry_after`` seconds to wait
    (``rate_limited`` and ``unavailable`` only), ``event_id`` the idempotency key of the refused event, if it had one.
    """

    code: str
    message: str
    errors: list[FieldError] = field(default_factory=list)
    retry_after: int | None = None
    event_id: str | None = None

    def __post_init__(self) -> None:
        self.message = str(self.message)  # in the language of the one who is refused, where it was only named
        super().__init__(self.message)

    def __str__(self) -> str:
        wrong_fields = "; ".join(f"{error.field}: {error.message}" for error in self.errors)
        return f"{self.message} ({wrong_fields})" if wrong_fields else self.message

    @property
    def status(self) -> int:
        """The HTTP status of this error's code."""
        return STATUS_BY_CODE[self.code]

    def as_json(self, *, on_socket: bool = False) -> dict[str, Any]:
        """The error as the contract spells it; on a socket it carries ``retryAfter``, over HTTP a header does."""
        answer: dict[str, Any] = {"type": "error", "code": self.code, "message": self.message}
        if self.event_id is not None:
            answer["id"] = self.event_id
        if self.errors:
            answer["errors"] = [{"field": error.field, "message": error.message} for error in self.errors]
        if on_socket and self.retry_after is not None:
            answer["retryAfter"] = self.retry_after
        return answer
