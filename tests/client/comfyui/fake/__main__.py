"""``python -m tests.client.comfyui.fake --port 8188 --folder FOLDER [--echo FILE]``: until it is killed."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import uvicorn

from tests.client.comfyui.fake.server import PromptServer


async def serve(port: int, folder: Path) -> None:
    server = PromptServer(folder)
    config = uvicorn.Config(
        server.app, port=port, interface="asgi3", lifespan="off", log_level="warning", ws="websockets-sansio"
    )
    tasks = server.start()
    await uvicorn.Server(config).serve()
    for task in tasks:
        task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.client.comfyui.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=8188)
    parser.add_argument("--folder", type=Path, required=True, help="where outputs go; they outlive a restart")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.folder))


if __name__ == "__main__":
    main()
