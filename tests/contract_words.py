"""What the generated tables of the docs say in words; the numbers and names beside them come from the code."""

from __future__ import annotations

ERRORS = {
    "invalid": "JSON that fits no event; every wrong field is named. Also a file that cannot be read, or is not what "
    "it says.",
    "malformed": "Not JSON, or a body that broke off.",
    "unauthenticated": "No token, or one that is unknown, expired or revoked, or whose owner may not sign in any more.",
    "forbidden": "The sender may see the folder but not write to it, or the event is for staff.",
    "not_found": "No folder, batch or item with this id, or one that the sender may not see.",
    "conflict": "An id or a slot that is taken; a batch that was started with another total or folder; an event id "
    "that came before with another body.",
    "locked": "Another user holds the item's lock; the sentence says who, and for how long.",
    "too_large": "A limit of [size](#limits) was passed.",
    "rate_limited": "Too many events or requests; wait as long as the answer says.",
    "unavailable": "The database did not take it. Nothing was kept: send it again.",
}

KIB, MIB = 1024, 1024 * 1024

# name in gallery/contract/limits.py → what it limits, what the number is divided by, the unit then
LIMITS = {
    "ID_LENGTH": ("An id, and the idempotency key of an event", 1, "characters"),
    "LABEL_LENGTH": ("Label of a batch", 1, "characters"),
    "NAME_LENGTH": ("Name of an item", 1, "characters"),
    "TAG_LENGTH": ("A tag", 1, "characters"),
    "TAGS_PER_ITEM": ("Tags of an item", 1, "tags"),
    "MESSAGE_LENGTH": ("A message", 1, "characters"),
    "SYSTEM_TEXT_LENGTH": ("Text of a system message", 1, "characters"),
    "URL_LENGTH": ("A URL", 1, "characters"),
    "METADATA_BYTES": ("Metadata of an item, as compact JSON in UTF-8", KIB, "KiB"),
    "METADATA_DEPTH": ("Objects and arrays inside each other in metadata", 1, "levels"),
    "TOTAL_MIN": ("Items of a batch, at least", 1, "item"),
    "TOTAL_MAX": ("Items of a batch, at most", 1, "items"),
    "INDEX_MAX": ("Highest slot", 1, ""),
    "PLACEHOLDER_SLOTS": ("Slots of a batch that show a placeholder while they are free", 1, "slots"),
    "PROGRESS_MIN": ("Progress, from", 1, "percent"),
    "PROGRESS_MAX": ("Progress, to", 1, "percent"),
    "SECONDS_MAX": ("An estimate or a duration", 1, "seconds"),
    "LEASE_SECONDS": ("A lock, unless told", 1, "seconds"),
    "LEASE_SECONDS_MIN": ("A lock, at least", 1, "seconds"),
    "LEASE_SECONDS_MAX": ("A lock, at most", 1, "seconds"),
    "SIDE_MAX": ("Width or height that an event says", 1, "pixels"),
    "PREVIEW_BYTES": ("A preview", KIB, "KiB"),
    "EVENTS_PER_ARRAY": ("Events in one array", 1, "events"),
    "ITEMS_PER_CALL": ("Items that are moved, copied, thrown away or brought back at once", 1, "items"),
    "EVENTS_UNANSWERED": ("Events on one WebSocket that have no answer yet", 1, "events"),
    "FRAME_BYTES": ("One WebSocket text frame from a worker", KIB, "KiB"),
    "BODY_BYTES": ("One JSON body over HTTP", MIB, "MiB"),
    "ERRORS_NAMED": ("Wrong fields that one answer names", 1, "fields"),
    "REMEMBERED_HOURS": ("How long an event's id is remembered", 1, "hours"),
    "REMEMBERED_EVENTS": ("How many events' ids are remembered for each token", 1, "events"),
}
# Numbers and patterns that no limit of their own are.
NOT_LIMITS = {"KIB", "MIB", "ID_PATTERN", "ITEM_ID_FORBIDDEN_END"}

SETTINGS = {
    "STALLED_AFTER": "Seconds without a word from the worker after which work is shown as stalled.",
    "GIVE_UP_FACTOR": "Stalled work is shown as failed after this many times that.",
    "MAX_IMAGE_BYTES": "Largest picture, in bytes.",
    "MAX_IMAGE_PIXELS": "Largest picture, in pixels.",
    "MAX_FILE_BYTES": "Largest file of any other kind, in bytes.",
    "TOKEN_EVENTS": "Events that one token may send in 10 s, counted in each server process.",
    "TOKEN_REQUESTS": "API requests that one token may make in 10 s, counted in each server process.",
    "LOGIN_FAILURES": "Failed sign-ins from one address in 5 minutes before the next is refused.",
    "TRUSTED_PROXIES": "Addresses or networks of proxies whose `X-Forwarded-For` is believed.",
    "METRICS_TOKEN": "With it as a bearer token `/metrics` can be read; staff may read it in any case.",
    "POLL_SECONDS": "How often watched folders are looked at; `None`: 0.25 without a shared channel layer, else 3.",
    "TASKS_BACKEND": "The alias in your `TASKS` of the backend that runs what takes long.",
    "GENERATORS": "Dotted paths of your generators: [generators.md](generators.md).",
    "MESSAGE_MAX": "System messages on one page at most.",
}
