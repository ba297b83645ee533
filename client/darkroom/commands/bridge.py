"""``darkroom bridge comfyui``: every run of a ComfyUI in a folder, until Ctrl-C."""

from __future__ import annotations

import argparse
from pathlib import Path

from darkroom.bridges.comfyui import command
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.commands import connecting, exit_codes
from darkroom.errors import DarkroomError

HELP = "Show every run of a generator in a folder, with previews, and stop there what is cancelled in the gallery."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("generator", choices=["comfyui"])
    parser.add_argument("--url", default="http://127.0.0.1:8188", help="where ComfyUI is (default: %(default)s)")
    parser.add_argument("--folder", required=True, metavar="ID", help="id of the folder in which its runs appear")
    parser.add_argument("--gallery", metavar="URL", help="where the gallery is (default: DARKROOM_URL)")
    connecting.add_token(parser)
    parser.add_argument(
        "--queue", type=Path, metavar="FILE", help="have ComfyUI run this workflow (API format), and end with it"
    )
    parser.add_argument(
        "--client-id", metavar="NAME", help="under which ComfyUI knows the bridge; what is queued under it is seen best"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="where open runs are remembered over a restart")
    parser.add_argument("--json", action="store_true", help="say everything as lines of JSON, on standard output")


def run(options: argparse.Namespace) -> int:
    report = Reporter(as_json=options.json)
    report.carry_log()
    try:
        token = connecting.read_token(options.token_file)
    except DarkroomError as error:
        report.say("error", str(error))
        return exit_codes.USAGE
    where = {"url": options.url, "folder": options.folder, "gallery": options.gallery, "token": token}
    how = {"queue": options.queue, "client_id": options.client_id, "state": options.state, "report": report}
    return command.run(**where, **how)
