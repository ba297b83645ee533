"""Every DOM id that pages, fragments, scripts and tests share, spelled once."""

from __future__ import annotations

MESSAGES = "messages"
NOTICE = "notice"
RESET = "reset"
REVISION = "revision"
HEARTBEAT = "heartbeat"


def item(item_id: str) -> str:
    return f"item-{item_id}"


def item_progress(item_id: str) -> str:
    return f"item-{item_id}-progress"


def lock(item_id: str) -> str:
    return f"lock-{item_id}"


def batch(batch_id: str) -> str:
    return f"batch-{batch_id}"


def mass_action(action_id: str) -> str:
    return f"mass-{action_id}"


def placeholder(batch_id: str, index: int) -> str:
    return f"placeholder-{batch_id}-{index}"


def folder(folder_id: str) -> str:
    return f"folder-{folder_id}"


def message(message_id: str) -> str:
    return f"message-{message_id}"
