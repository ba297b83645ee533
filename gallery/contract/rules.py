"""What a value of an event must be: ids, text, URLs, moments, metadata.

Each function returns the value as it is kept, or raises ``ValueError`` with a sentence that continues the field's
name ("must not be empty").
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from gallery.contract import limits

_match_id = re.compile(limits.ID_PATTERN).fullmatch
_not_in_urls = r"\x00-\x1f\x7f-\x9f\\\ud800-\udfff"
_match_url = re.compile(
    rf"/(?!/)[^{_not_in_urls}]*"
    rf"|https?://(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9a-f:.]+\]|[\w.~%-]+)(?::[0-9]{{1,5}})?(?:[/?#][^{_not_in_urls}]*)?",
    re.IGNORECASE,
).fullmatch
# Control characters; and the embeddings, overrides and isolates by which "gpj.exe" is read as "exe.jpg". Marks and
# joiners stay: Persian and emoji need them.
_find_control = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]").search
_find_escaped_nul = re.compile(r"(?<!\\)(?:\\\\)*\\u0000").search
_encode_metadata = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def check_text(value: str) -> str:
    """PostgreSQL keeps neither NUL nor lone surrogates."""
    if "\0" in value:
        raise ValueError("must not contain the character NUL")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("contains half a character (a lone surrogate)") from None
    return value


def check_name(value: str) -> str:
    value = check_text(value)
    if not has_something_to_see(value):
        raise ValueError("must not be empty")
    return value


def check_typed_name(value: str) -> str:
    """A name that a person gives: one line that can be read, and is no path. Workers may say more."""
    name = " ".join(check_text(value).split())
    if not has_something_to_see(name):
        raise ValueError("must have something in it that can be seen")
    if len(name) > limits.NAME_LENGTH:
        raise ValueError(f"must have at most {limits.NAME_LENGTH} characters")
    if "/" in name or "\\" in name or name in (".", ".."):
        raise ValueError("must not be a path: leave out '/' and '\\'")
    if _find_control(name):
        raise ValueError("must not contain control characters, nor any that turn the direction of reading")
    return name


def check_tags(values: list[str]) -> list[str]:
    """Words for an item: each once, in lower case and by the alphabet."""
    tags = sorted({" ".join(check_text(value).split()).lower() for value in values})
    if len(tags) > limits.TAGS_PER_ITEM:
        raise ValueError(f"must be at most {limits.TAGS_PER_ITEM}")
    for tag in tags:
        if not has_something_to_see(tag) or _find_control(tag):
            raise ValueError("must be words that can be read")
        if len(tag) > limits.TAG_LENGTH or "," in tag:
            raise ValueError(f"must have at most {limits.TAG_LENGTH} characters each, and no comma")
    return tags


def has_something_to_see(value: str) -> bool:
    """Whether there is more in it than white space, control and format characters: a link that nobody could press."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in value)


def read_id(value: object) -> str:
    """An id as it is kept: a JSON number is read as its digits."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write out an int of more than 4,300 digits.
        text = str(value) if value.bit_length() < 500 else "9" * (limits.ID_LENGTH + 1)
    else:
        raise ValueError("must be an id: text, or a whole number")
    if _match_id(text) is None:
        raise ValueError(f"must be 1 to {limits.ID_LENGTH} letters, digits, '_' or '-'")
    return text


def read_item_id(value: object) -> str:
    item_id = read_id(value)
    if item_id.endswith(limits.ITEM_ID_FORBIDDEN_END):
        raise ValueError(f"must not end in '{limits.ITEM_ID_FORBIDDEN_END}'")
    return item_id


def read_event_id(value: object) -> str:
    """An idempotency key: any text of 1-128 characters, or a number as its digits."""
    if isinstance(value, str) and 1 <= len(value) <= limits.ID_LENGTH:
        return check_text(value)
    if isinstance(value, int):
        return read_id(value)
    raise ValueError(f"must be text of 1 to {limits.ID_LENGTH} characters")


def check_url(value: str) -> str:
    """http(s) with a host, or an absolute path on this site: nothing that a browser would run or lead elsewhere."""
    if _match_url(value) is None:
        raise ValueError("must be an http(s) address or a path on this site that starts with one '/'")
    return value


def read_moment(value: object) -> datetime:
    """A moment in UTC, from ISO 8601 with an offset or from an aware datetime."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a time such as 2030-01-31T12:00:00Z") from None
    if not isinstance(value, datetime):
        raise ValueError("must be a time such as 2030-01-31T12:00:00Z")
    if value.utcoffset() is None:
        raise ValueError("must say its time zone, such as 2030-01-31T12:00:00Z or +02:00")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999") from None


def check_metadata(value: dict[str, Any]) -> dict[str, Any]:
    too_deep = f"must not be nested deeper than {limits.METADATA_DEPTH} levels"
    try:
        encoded = _encode_metadata(value)
        size = len(encoded.encode())
    except RecursionError:
        raise ValueError(too_deep) from None
    except UnicodeEncodeError:
        raise ValueError("contains half a character (a lone surrogate)") from None
    except (TypeError, ValueError):
        raise ValueError("must be plain JSON with finite numbers") from None
    if size > limits.METADATA_BYTES:
        raise ValueError(f"must be at most {limits.METADATA_BYTES // limits.KIB} KiB of JSON")
    if "\\u0000" in encoded and _find_escaped_nul(encoded):
        raise ValueError("must not contain the character NUL")
    if encoded.count("{") + encoded.count("[") > limits.METADATA_DEPTH and _is_deeper(value, limits.METADATA_DEPTH):
        raise ValueError(too_deep)
    return value


def _is_deeper(value: object, levels: int) -> bool:
    if isinstance(value, dict | list):
        children = value.values() if isinstance(value, dict) else value
        return levels == 0 or any(_is_deeper(child, levels - 1) for child in children)
    return False
