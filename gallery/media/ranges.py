"""The Range header: which bytes of a file are asked for."""

from __future__ import annotations

import re

RANGE = re.compile(r"([0-9]{0,20})-([0-9]{0,20})")


class UnsatisfiableRangeError(Exception):
    """No byte of the file is in the range, or the range makes no sense."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """``(start, stop)`` of the one range asked for, ``stop`` excluded; None means the whole file.

    The whole file also answers several ranges and units other than bytes, as RFC 9110 allows.
    """
    unit, equals, ranges = header.partition("=")
    if not equals or unit.strip().lower() != "bytes" or "," in ranges:
        return None
    match = RANGE.fullmatch(ranges.strip())
    if match is None or not (match[1] or match[2]):
        raise UnsatisfiableRangeError
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start = int(match[1])
        last = int(match[2]) if match[2] else size - 1
        if match[2] and last < start:
            raise UnsatisfiableRangeError
        stop = min(last + 1, size)
    if start >= stop:
        raise UnsatisfiableRangeError
    return start, stop
