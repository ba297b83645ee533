"""A clock that tests move on, for the whole process: model defaults and Django's own ``now`` follow it as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone


class Clock:
    """``clock.move(minutes=3)``"""

    def __init__(self) -> None:
        self.offset = timedelta()

    def move(self, **by: float) -> None:
        self.offset += timedelta(**by)


@contextmanager
def moved_clock() -> Iterator[Clock]:
    """While this is open, ``timezone.now()`` shows what the clock was moved to."""
    clock = Clock()

    class IsAnyDatetime(type(datetime)):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, datetime)

    class MovedDatetime(datetime, metaclass=IsAnyDatetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + clock.offset

    with patch.object(timezone, "datetime", MovedDatetime):
        yield clock
