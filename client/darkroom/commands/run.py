"""``darkroom run --label X -- COMMAND``: its progress on the strip, its files as items, its exit code passed on."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from darkroom.commands import connecting, exit_codes
from darkroom.commands.folder_scan import STILL_SECONDS, Scan
from darkroom.commands.programs import CommandNotStarted, Program
from darkroom.commands.reporter import Reporter
from darkroom.commands.run_outputs import Outputs
from darkroom.errors import DarkroomError

HELP = "Run a command, show how far it is, and every picture, film or sound that it writes."
GOODBYE_SECONDS = 30.0
LOOK_SECONDS = 0.5
KILL_SECONDS = 10.0  # for a command to end when it is asked to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connecting.add_arguments(parser)
    parser.add_argument("--label", help="what stands on the batch's strip (default: the command)")
    parser.add_argument("--total", type=int, default=1, metavar="N", help="how many files will come (default: 1)")
    parser.add_argument(
        "--out", action="append", type=Path, default=[], metavar="FOLDER",
        help="where the command writes, with its subfolders; may be repeated (default: here, without them)",
    )  # fmt: skip
    parser.add_argument(
        "--match", action="append", default=[], metavar="PATTERN",
        help="only files of this name, as '*.png'; may be repeated (default: pictures, films and sounds)",
    )  # fmt: skip
    parser.add_argument(
        "--still", type=float, default=STILL_SECONDS, metavar="SECONDS",
        help="a file that has not changed for so long is finished (default: %(default)s); at the end all are",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="do not show what the command prints")
    parser.add_argument("program", nargs="+", metavar="COMMAND", help="after --, with its arguments")


def run(options: argparse.Namespace) -> int:
    report = Reporter(as_json=options.json)
    report.carry_log()
    return asyncio.run(_run(options, report))


async def _run(options: argparse.Namespace, report: Reporter) -> int:
    # Here, but not all that lies below: that may be somebody's whole home.
    folders, with_subfolders = (options.out, True) if options.out else ([Path(".")], False)
    missing = [folder for folder in folders if not folder.is_dir()]
    try:
        if missing or not 0 < options.total <= 100_000:
            raise DarkroomError(f"{missing[0]} is no folder." if missing else "--total is 1 to 100,000.")
        gallery = connecting.open_gallery(options)
    except DarkroomError as error:
        report.say("error", str(error))
        return exit_codes.USAGE
    label = options.label or " ".join(options.program)
    batch = gallery.batch(label, options.total, folder=options.folder, stop_on_cancel=False)
    outputs = Outputs(
        batch, [Scan(folder, options.match, options.still, with_subfolders) for folder in folders], report
    )
    # Its prints go where they would go without us; with --json standard output is ours.
    program = Program(options.program, shows=not options.quiet, to_stderr=options.json)
    try:
        await program.start()
    except CommandNotStarted as error:
        report.say("error", str(error))
        await gallery.close(0)
        return error.exit_code
    stopped = _end_with(program)
    batch.start()
    report.say("start", f"{label} has begun.", batch=batch.id)
    try:
        ended = asyncio.ensure_future(program.wait(lambda reading: outputs.show(reading)))
        while not ended.done():
            await asyncio.wait([ended], timeout=LOOK_SECONDS)
            if batch.cancelled and not program.is_asked_to_end:
                report.say("cancel", "Cancelled in the gallery; the command is asked to end.", batch=batch.id)
                program.ask_to_end(KILL_SECONDS)
            if not ended.done():
                await outputs.look()
        code = ended.result()
        await outputs.look(at_the_end=True)
        outputs.end(code, program.last_line, was_stopped=bool(stopped))
    finally:
        program.kill()
        await gallery.close(GOODBYE_SECONDS)
    report.say("end", f"{label} ended with {code}; {outputs.delivered} files came.", code=code, files=outputs.delivered)
    return exit_codes.NOT_ALL_TAKEN if not code and (outputs.refused or gallery.waiting) else code


def _end_with(program: Program) -> list[int]:
    """Ctrl-C reaches the command by itself, ``kill`` by us; we stay until it has ended. Returns which signals came."""
    came: list[int] = []

    def hear(number: signal.Signals) -> None:
        came.append(number)
        if number == signal.SIGTERM or len(came) > 1:
            program.ask_to_end(KILL_SECONDS)

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, hear, number)
    return came
