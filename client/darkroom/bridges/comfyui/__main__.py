"""``python -m darkroom.bridges.comfyui``: the same as ``darkroom bridge comfyui``."""

from __future__ import annotations

import argparse
import logging
import sys

from darkroom.bridges.comfyui.command import add_arguments, run_command

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="darkroom bridge comfyui", description="Show what a ComfyUI does in a folder."
    )
    add_arguments(parser)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sys.exit(run_command(parser.parse_args()))
