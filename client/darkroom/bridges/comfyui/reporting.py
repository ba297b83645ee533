"""What the bridge says in the terminal: sentences, or with ``--json`` a line of JSON for each."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO


class Reporter:
    """``said`` once is not said again until something else was, so that a trouble does not fill the screen."""

    def __init__(self, *, as_json: bool = False, out: TextIO | None = None) -> None:
        self._as_json, self._out = as_json, out or sys.stdout
        self._troubles: set[str] = set()

    def say(self, event: str, sentence: str, **facts: Any) -> None:
        """``event`` and ``facts`` are for programs, ``sentence`` is for people."""
        line = json.dumps({"event": event, "message": sentence, **facts}) if self._as_json else sentence
        print(line, file=self._out, flush=True)

    def warn_once(self, about: str, sentence: str, **facts: Any) -> None:
        """A trouble that lasts is named once; ``settle`` it when it is over."""
        if about not in self._troubles:
            self._troubles.add(about)
            self.say("warning", sentence, about=about, **facts)

    def settle(self, about: str) -> bool:
        """Whether it was a trouble until now."""
        was = about in self._troubles
        self._troubles.discard(about)
        return was
