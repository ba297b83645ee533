"""Every number of the notify contract, each with its unit."""

from __future__ import annotations

KIB = 1024  # bytes
MIB = 1024 * KIB  # bytes

# Ids: of folders, batches, items and system messages, and the idempotency key of an event.
ID_LENGTH = 128  # characters
ID_PATTERN = r"[A-Za-z0-9_-]{1,128}"
ITEM_ID_FORBIDDEN_END = "-progress"  # "item-ID-progress" is the DOM id of the bar inside "item-ID"

# Text
LABEL_LENGTH = 200  # characters
NAME_LENGTH = 200  # characters
TAG_LENGTH = 60  # characters
TAGS_PER_ITEM = 50  # tags
MESSAGE_LENGTH = 2_000  # characters
SYSTEM_TEXT_LENGTH = 2_000  # characters
URL_LENGTH = 2_000  # characters
METADATA_BYTES = 64 * KIB  # bytes, as compact JSON in UTF-8
METADATA_DEPTH = 32  # objects and arrays inside each other, the metadata object itself included

# Batches
TOTAL_MIN = 1  # items
TOTAL_MAX = 100_000  # items
INDEX_MAX = TOTAL_MAX - 1  # 0-based slot
PLACEHOLDER_SLOTS = 60  # slots 0-59 are shown while free

# Progress and time
PROGRESS_MIN = 0  # percent
PROGRESS_MAX = 100  # percent
SECONDS_MAX = 30 * 24 * 60 * 60  # seconds, 30 days: an estimate or a duration above it is a mistake of the sender
LEASE_SECONDS = 90  # seconds that a lock holds unless told
LEASE_SECONDS_MIN = 5  # seconds
LEASE_SECONDS_MAX = 3_600  # seconds

# Pictures
SIDE_MAX = 1_000_000  # pixels, width or height
PREVIEW_BYTES = 512 * KIB  # bytes

# What one call may carry
EVENTS_PER_ARRAY = 1_000  # events
ITEMS_PER_CALL = 1_000  # items that are moved, copied or thrown away at once
EVENTS_UNANSWERED = 10_000  # events on one WebSocket that have no answer yet; more are refused
FRAME_BYTES = 512 * KIB  # bytes, one WebSocket text frame from a worker
BODY_BYTES = 1 * MIB  # bytes, one JSON body over HTTP
ERRORS_NAMED = 100  # wrong fields that one answer names; the rest is counted in its sentence

# Idempotency: an event's id is remembered until either limit is reached.
REMEMBERED_HOURS = 24  # hours
REMEMBERED_EVENTS = 100_000  # events, per token
