"""What the bridge says in the terminal: as the other commands do, and a trouble that lasts only once."""

from __future__ import annotations

from typing import Any, TextIO

from darkroom.commands import reporter


class Reporter(reporter.Reporter):
    """Knows which troubles it has named."""

    def __init__(self, *, as_json: bool = False, out: TextIO | None = None) -> None:
        super().__init__(as_json=as_json, out=out)
        self._troubles: set[str] = set()

    def warn_once(self, about: str, sentence: str, **facts: Any) -> None:
        """Until it is settled."""
        if about not in self._troubles:
            self._troubles.add(about)
            self.say("warning", sentence, about=about, **facts)

    def settle(self, about: str) -> bool:
        """Whether it was a trouble until now."""
        was = about in self._troubles
        self._troubles.discard(about)
        return was
