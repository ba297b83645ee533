"""How far a program is, as its output says: tqdm's bars, ffmpeg's statistics, percentages, "step 3 of 50"."""

from __future__ import annotations

import re
from dataclasses import dataclass

TQDM = re.compile(r"(\d{1,3})%\|.*?\|\s*(\S+?)/(\S+)\s+\[[\d:]+<([\d:]+|\?)")
TQDM_WITHOUT_END = re.compile(r"(\d+)it \[[\d:]+,")
FFMPEG_DURATION = re.compile(r"\bDuration: (\d+:\d\d:\d\d(?:\.\d+)?)")
FFMPEG_TIME = re.compile(r"\b(?:out_)?time=\s*(\d+:\d\d:\d\d(?:\.\d+)?)")
FFMPEG_SPEED = re.compile(r"\bspeed=\s*([\d.]+)x")
COUNTED = re.compile(
    r"\b(step|steps|frame|image|epoch|iteration|tile|pass|sample|it)s?:?\s+(\d+)\s*(?:/|of)\s*(\d+)", re.I
)
PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%")
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LONGEST_LINE = 4_000  # characters; a program that never ends its line must not fill the memory
WORDS = 200  # characters of it that are shown


@dataclass(frozen=True)
class Reading:
    """``percent`` None: on its way, no telling how far."""

    percent: float | None
    message: str
    seconds_left: float | None = None


class ProgressReader:
    """Fed with what a program prints, in whatever pieces it comes."""

    def __init__(self) -> None:
        self.last_line = ""  # that said something, for the case that the program fails
        self._rest = ""
        self._duration = 0.0

    def feed(self, text: str) -> Reading | None:
        """The newest that it says, if it says anything of the kind."""
        lines = re.split(r"[\r\n]+", self._rest + text)
        self._rest = lines.pop()[-LONGEST_LINE:]
        newest = None
        for line in lines:
            newest = self.read(line) or newest
        # A bar is drawn without an end: the next one begins with "\r".
        return self._tqdm(self._rest) or newest if self._rest.endswith("]") else newest

    def read(self, line: str) -> Reading | None:
        line = COLOURS.sub("", line).strip()
        if not line:
            return None
        reading = self._ffmpeg(line) or self._tqdm(line) or self._counted(line)
        if reading is None:
            self.last_line = line[:LONGEST_LINE]
        return reading

    def _ffmpeg(self, line: str) -> Reading | None:
        if found := FFMPEG_DURATION.search(line):
            self._duration = max(self._duration, _seconds(found[1]))
            return None
        found = FFMPEG_TIME.search(line)
        if not found or not ("bitrate=" in line or line.startswith("out_time=")):
            return None
        done = _seconds(found[1])
        if not self._duration:
            return Reading(None, f"{found[1]} done")
        speed = FFMPEG_SPEED.search(line)
        left = (self._duration - done) / float(speed[1]) if speed and float(speed[1] or 0) > 0 else None
        return _reading(100 * done / self._duration, f"{found[1]} done", left)

    def _tqdm(self, line: str) -> Reading | None:
        if found := TQDM.search(line):
            words = line[: found.start()].strip(" :")
            left = None if found[4] == "?" else _seconds(found[4])
            return _reading(float(found[1]), f"{words} {found[2]} of {found[3]}".strip(), left)
        if found := TQDM_WITHOUT_END.search(line):
            return Reading(None, f"{found[1]} done")
        return None

    def _counted(self, line: str) -> Reading | None:
        if (found := COUNTED.search(line)) and 0 < int(found[3]) >= int(found[2]):
            return _reading(100 * int(found[2]) / int(found[3]), line[:WORDS])
        if (found := PERCENT.search(line)) and float(found[1]) <= 100:
            return _reading(float(found[1]), line[:WORDS])
        return None


def _reading(percent: float, message: str, left: float | None = None) -> Reading:
    seconds = None if left is None else round(max(0.0, left), 1)
    return Reading(min(100.0, max(0.0, round(percent, 1))), message, seconds)


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
