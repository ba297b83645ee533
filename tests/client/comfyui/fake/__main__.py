"""``python -m tests.client.comfyui.fake --port 8188 --folder FOLDER``: until it is killed."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import uvicorn

from tests.client.comfyui.fake.server import PromptServer


async def serve(port: int, folder: Path, at_once: int, custom_node: Path | None) -> None:
    server = PromptServer(folder)
    if custom_node is not None:
        load(custom_node, server)
    config = uvicorn.Config(
        server.app, port=port, interface="asgi3", lifespan="off", log_level="warning", ws="websockets-sansio"
    )
    tasks = server.start(at_once)
    await uvicorn.Server(config).serve()
    for task in tasks:
        task.cancel()


def load(path: Path, server: PromptServer) -> None:
    """It imports ``server`` and finds the one that runs, as it does in ComfyUI (``nodes.py``, ``load_custom_node``)."""
    sys.modules["server"] = module = ModuleType("server")
    module.PromptServer = type("PromptServer", (), {"instance": server})  # type: ignore[attr-defined]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.client.comfyui.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=8188)
    parser.add_argument("--folder", type=Path, required=True, help="where outputs go; they outlive a restart")
    parser.add_argument("--at-once", type=int, default=1, help="runs at the same time; the real one does one")
    parser.add_argument("--custom-node", type=Path, help="a file that is loaded as those in ``custom_nodes`` are")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.folder, options.at_once, options.custom_node))


if __name__ == "__main__":
    main()
