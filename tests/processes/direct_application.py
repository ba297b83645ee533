"""An ASGI application that says the same texts by both ways, and whether the direct one was taken."""

from __future__ import annotations

import asyncio
from typing import Any

from gallery.live.direct import direct_write, encode_frame

TEXTS = ["", "short", "é" * 62 + "a", "é" * 63, "<p>☃</p>" * 500, "x" * 65_535, "x" * 65_536, "☃" * 100_000]


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    write = direct_write(send)
    assert write is not None
    await receive()
    assert not write(encode_frame("too early"))
    await send({"type": "websocket.accept"})
    for text in TEXTS:
        while not write(encode_frame(text)):  # what waits in the server's buffer goes first
            await asyncio.sleep(0.001)
        # Daphne leaves out an empty text.
        await send({"type": "websocket.send", "text": f"{text}."})
    while (await receive())["type"] != "websocket.disconnect":
        pass
