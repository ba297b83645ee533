"""What a bridge remembers over its own restart: a small file of JSON, replaced as a whole.

``open`` are the runs that the gallery was told of and that have not ended; ``done`` those that need no further look;
``seen`` says which run a file came from. Without the file (a first start, or a lost one) everything that has finished
already counts as done.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

logger = logging.getLogger("darkroom")

DONE_MAX = 2_000
SEEN_MAX = 5_000


def state_folder() -> Path:
    """Where programs keep such things for this user."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "darkroom"


def default_path(comfyui: str, gallery: str, folder_id: str) -> Path:
    """One file for each pair of a ComfyUI and a folder."""
    name = hashlib.sha256(f"{comfyui}|{gallery}|{folder_id}".encode()).hexdigest()[:16]
    return state_folder() / f"comfyui-{name}.json"


class Memory:
    """Saved after each change that matters."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, str] = {}
        self.since = 0.0  # what ComfyUI took on before is none of ours
        self._done: dict[str, None] = {}
        self.is_new = not self._load()

    def __contains__(self, prompt_id: str) -> bool:
        """Whether it needs no further look."""
        return prompt_id in self._done

    def begin(self, prompt_id: str, **facts: Any) -> None:
        self.open[prompt_id] = facts
        self.save()

    def note(self, prompt_id: str, **facts: Any) -> None:
        if prompt_id in self.open:
            self.open[prompt_id].update(facts)
            self.save()

    def see(self, key: str, prompt_id: str) -> None:
        self.seen.pop(key, None)
        self.seen[key] = prompt_id

    def finish(self, prompt_id: str) -> None:
        self.open.pop(prompt_id, None)
        self.ignore([prompt_id])

    def ignore(self, prompt_ids: Iterable[str]) -> None:
        self._done.update(dict.fromkeys(prompt_ids))
        self.save()

    def save(self) -> None:
        """In one step, so that a kill leaves the old or the new file."""
        kept = {
            "version": 1,
            "since": self.since,
            "open": self.open,
            "done": list(self._done)[-DONE_MAX:],
            "seen": dict(list(self.seen.items())[-SEEN_MAX:]),
        }
        new = self.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new.write_text(json.dumps(kept, separators=(",", ":")))
            os.replace(new, self.path)
        except OSError as error:
            logger.warning("%s cannot be written (%s): a restart will not know these runs.", self.path, error)

    def _load(self) -> bool:
        try:
            kept = json.loads(self.path.read_text())
            self.open = {str(key): dict(facts) for key, facts in kept["open"].items()}
            self.since = float(kept["since"])
            self._done = dict.fromkeys(str(key) for key in kept["done"])
            self.seen = {str(key): str(run) for key, run in kept["seen"].items()}
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s cannot be read (%s); it is begun anew.", self.path, error)
            return False
        return True
