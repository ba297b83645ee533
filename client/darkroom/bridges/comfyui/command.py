"""One bridge from its start to its end, and the code that it ends with."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import signal
from pathlib import Path
from typing import Any

from darkroom.async_gallery import AsyncGallery
from darkroom.bridges.comfyui.bridge import Bridge
from darkroom.bridges.comfyui.memory import Memory, default_path
from darkroom.bridges.comfyui.pull import Away, ComfyUI, NotComfyUI, PromptRefused
from darkroom.bridges.comfyui.reporting import Reporter
from darkroom.commands import exit_codes
from darkroom.errors import DarkroomError, Refused, TokenRefused

GOODBYE_SECONDS = 5.0


def run(**options: Any) -> int:
    """``follow`` for who has no event loop."""
    return asyncio.run(follow(**options))


async def follow(
    *,
    url: str,
    folder: str,
    gallery: str | None = None,
    token: str | None = None,
    queue: Path | None = None,
    client_id: str | None = None,
    state: Path | None = None,
    report: Reporter,
) -> int:
    """Until Ctrl-C, or until the run of ``queue`` has ended; returns the exit code."""
    try:
        prompt = None if queue is None else _read_prompt(queue)
        comfyui = ComfyUI(url)
        version = await comfyui.identify()
        darkroom = AsyncGallery(gallery, token)
    except (Away, NotComfyUI) as error:
        report.say("error", f"{error} Is it running there? Say where with --url.")
        return exit_codes.NOT_THERE
    except DarkroomError as error:
        report.say("error", str(error))
        return exit_codes.USAGE
    name = client_id or "darkroom-" + hashlib.sha256(folder.encode()).hexdigest()[:12]
    memory = Memory(state or default_path(comfyui.name, darkroom.url, folder))
    bridge = Bridge(comfyui, darkroom, folder, memory, name, report)
    report.say("comfyui", f"ComfyUI {version} is at {comfyui.name}.", version=version)
    try:
        return await _until_asked(bridge, prompt, name)
    except (Refused, TokenRefused) as error:
        report.say("error", f"The gallery refuses: {error}")
        return exit_codes.GALLERY_REFUSED
    except PromptRefused as error:
        report.say("error", str(error))
        return exit_codes.RUN_FAILED
    finally:
        await darkroom.close(GOODBYE_SECONDS)
        await comfyui.close()


async def _until_asked(bridge: Bridge, prompt: dict[str, Any] | None, client_id: str) -> int:
    """A signal ends it in order, with what was said delivered; the runs go on, and so does the next bridge."""
    loop = asyncio.get_running_loop()
    code: asyncio.Future[int] = loop.create_future()

    def end(value: int) -> None:
        if not code.done():
            code.set_result(value)

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, end, exit_codes.DONE)
    working = asyncio.ensure_future(bridge.run())
    queueing = asyncio.ensure_future(_queue(bridge, prompt, client_id, end))
    try:
        ends: set[asyncio.Future[Any]] = {working, queueing, code} if prompt else {working, code}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if queueing.done():
            queueing.result()
        if not working.done():
            await asyncio.wait(ends - {queueing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        return code.result() if code.done() else exit_codes.DONE
    finally:
        for task in (working, queueing):
            task.cancel()
        await asyncio.gather(working, queueing, return_exceptions=True)


async def _queue(bridge: Bridge, prompt: dict[str, Any] | None, client_id: str, end: Any) -> None:
    if prompt is None:
        return
    await bridge.socket_open.wait()  # else its first words are said to nobody
    run_id = await bridge.comfyui.queue(prompt, client_id)

    def ended(ended_id: str, status: str, message: str) -> None:
        if ended_id == run_id:
            end(exit_codes.DONE if status == "complete" else exit_codes.RUN_FAILED)

    bridge.followed.on_end = ended


def _read_prompt(path: Path) -> dict[str, Any]:
    try:
        prompt = json.loads(path.read_text())
    except OSError as error:
        raise DarkroomError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise DarkroomError(f"{path} is no JSON. Export the workflow from ComfyUI in the API format.") from None
    if not isinstance(prompt, dict) or not all(isinstance(n, dict) and "class_type" in n for n in prompt.values()):
        raise DarkroomError(f"{path} is no workflow in the API format: in ComfyUI, Workflow > Export (API).")
    return prompt
