"""``darkroom COMMAND …``"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from darkroom.commands import bridge, run, watch

COMMANDS = {"bridge": bridge, "run": run, "watch": watch}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="darkroom", description="Show in a Darkroom gallery what programs make.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
    options = parser.parse_args(arguments)
    code: int = COMMANDS[options.command].run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
