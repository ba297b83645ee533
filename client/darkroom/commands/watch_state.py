"""Which files of a watched folder are in the gallery: lines of JSON in a file, and ids that follow from the contents.

Should the file be lost, the same file of the same folder still has the same id, and is found in the gallery.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from darkroom.commands.folder_scan import State

STATE_NAME = ".darkroom-watch.jsonl"
NAMESPACE = uuid.UUID("7bb5d5a5-6b1c-5f0e-9c53-0f6a4a1d8f5e")
CHUNK_BYTES = 2**20


class WatchState:
    """What is known of the files, by their path within the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_new = not path.exists()
        self._known: dict[str, State] = {}
        self.open_batches: set[str] = set()  # of a watcher that was killed
        self._begins_line = True  # False: on a line that the end of a watcher has torn
        if not self.is_new:
            text = path.read_bytes()
            self._begins_line = not text or text.endswith(b"\n")
            for line in text.splitlines():
                with suppress(ValueError, KeyError, TypeError):  # torn, or none of ours
                    told = json.loads(line)
                    if "batch" in told:
                        (self.open_batches.discard if told["ended"] else self.open_batches.add)(told["batch"])
                        continue
                    self._known[told["path"]] = (int(told["size"]), int(told["changed"]))
        path.touch()

    def knows(self, name: str, state: State) -> bool:
        return self._known.get(name) == state

    def note(self, name: str, state: State, item_id: str = "") -> None:
        """It is in the gallery, or not to get there."""
        self._known[name] = state
        self._write({"path": name, "size": state[0], "changed": state[1]} | ({"item": item_id} if item_id else {}))

    def note_batch(self, batch_id: str, *, ended: bool) -> None:
        self._write({"batch": batch_id, "ended": ended})

    def _write(self, line: dict[str, Any]) -> None:
        with self.path.open("ab") as file:
            file.write((b"" if self._begins_line else b"\n") + json.dumps(line).encode() + b"\n")
        self._begins_line = True


def item_id_of(path: Path, name: str, target: str) -> str:
    """From the contents: a file that is touched, or copied back, is the same picture. Raises ``OSError``."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return uuid.uuid5(NAMESPACE, f"{target}\n{name}\n{digest.hexdigest()}".encode("utf-8", "replace").decode()).hex


def batch_id_of(item_ids: list[str]) -> str:
    """The same items are the same batch."""
    return uuid.uuid5(NAMESPACE, "\n".join(item_ids)).hex
