"""A command that runs in our place: what it prints is passed on and read, and it is asked to end when need be."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO

from darkroom.commands import exit_codes
from darkroom.commands.progress_lines import ProgressReader, Reading

READ_BYTES = 64 * 1024


class CommandNotStarted(Exception):
    """With the exit code that a shell would have."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class Program:
    """One command. It stays in our process group: Ctrl-C in the terminal reaches it as it would without us."""

    def __init__(self, command: Sequence[str], *, shows: bool, to_stderr: bool) -> None:
        self.command = command
        self.is_asked_to_end = False
        self._process: asyncio.subprocess.Process | None = None
        out = sys.stderr if to_stderr else sys.stdout
        self._sinks: tuple[BinaryIO | None, BinaryIO | None] = (
            (out.buffer, sys.stderr.buffer) if shows else (None, None)
        )
        self._readers = (ProgressReader(), ProgressReader())

    @property
    def last_line(self) -> str:
        """What it said last, on its standard error rather than on its output."""
        return self._readers[1].last_line or self._readers[0].last_line

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(*self.command, stdout=pipe, stderr=pipe)
        except FileNotFoundError as error:
            raise CommandNotStarted(f"{self.command[0]} was not found.", exit_codes.NOT_FOUND) from error
        except OSError as error:
            sentence = f"{self.command[0]} cannot be run: {error.strerror}."
            raise CommandNotStarted(sentence, exit_codes.NOT_EXECUTABLE) from error

    async def wait(self, show: Callable[[Reading], None]) -> int:
        """Its exit code, as a shell has it: 128 and the number of the signal that ended it."""
        process = self._process
        assert process is not None and process.stdout is not None and process.stderr is not None
        pipes = zip((process.stdout, process.stderr), self._sinks, self._readers, strict=True)
        reading = [asyncio.ensure_future(_pass_on(*pipe, show)) for pipe in pipes]
        code = await process.wait()
        # What it left running may hold its pipes open for ever.
        await asyncio.wait(reading, timeout=1.0)
        for task in reading:
            task.cancel()
        return code if code >= 0 else 128 - code

    def ask_to_end(self, seconds: float) -> None:
        """Or else it is killed after so many seconds."""
        self.is_asked_to_end = True
        self._send(signal.SIGTERM)
        asyncio.get_running_loop().call_later(seconds, self.kill)

    def kill(self) -> None:
        self._send(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _send(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


async def _pass_on(
    pipe: asyncio.StreamReader, sink: BinaryIO | None, reader: ProgressReader, show: Callable[[Reading], None]
) -> None:
    data = b" "
    while data:
        data = await pipe.read(READ_BYTES)
        if sink is not None and data:
            with suppress(OSError):  # nobody reads it any more
                sink.write(data)
                sink.flush()
        text = data.decode("utf-8", "replace") if data else os.linesep  # its last line may have no end
        if (reading := reader.feed(text)) is not None:
            show(reading)
