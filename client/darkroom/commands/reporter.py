"""What a command says: sentences for people or, with ``--json``, a line of JSON for each."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, TextIO


class Reporter:
    """``event`` and the facts are for programs, the sentence is for people."""

    def __init__(self, *, as_json: bool = False, out: TextIO | None = None) -> None:
        self.as_json, self._out = as_json, out or (sys.stdout if as_json else sys.stderr)

    def say(self, event: str, sentence: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "message": sentence, **facts}) if self.as_json else f"darkroom: {sentence}"
        print(line, file=self._out, flush=True)

    def carry_log(self) -> None:
        """What the package itself has to say (that the gallery is away, say) in the same form."""
        logger = logging.getLogger("darkroom")
        logger.addHandler(_Carrier(self))
        logger.setLevel(logging.INFO)
        logger.propagate = False


class _Carrier(logging.Handler):
    def __init__(self, reporter: Reporter) -> None:
        super().__init__()
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        event = "note" if record.levelno < logging.WARNING else "warning"
        self._reporter.say(event, record.getMessage())
