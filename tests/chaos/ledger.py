"""What one worker sent and what it was answered, in a file that only grows, outside of all that is killed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Event = dict[str, Any]


@dataclass
class Ledger:
    """The lines of one worker: ``sent`` and ``receipts`` by the events' ids, ``lines`` in the order of what happened.

    A line is ("sent", event id), ("ack", event id) or (an error's code, event id).
    """

    sent: dict[str, Event] = field(default_factory=dict)
    receipts: dict[str, Event] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)

    def take(self, line: Event) -> None:
        if "sent" in line:
            event = line["sent"]
            self.sent[event["id"]] = event
            self.lines.append(("sent", event["id"]))
        else:
            answer = line["answered"]
            if answer["type"] == "ack":
                self.receipts.setdefault(answer["id"], answer)
            self.lines.append((answer.get("code", "ack"), answer["id"]))

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """From its file, which may end in half a line if its writer died."""
        ledger = cls()
        for text in path.read_text().splitlines(keepends=True):
            if text.endswith("\n"):
                ledger.take(json.loads(text))
        return ledger


class LedgerFile(Ledger):
    """The same while it is being written: each line is with the system before anything else happens."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._file = path.open("a", buffering=1)

    def write(self, **line: Event) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self.take(line)

    def close(self) -> None:
        self._file.close()
