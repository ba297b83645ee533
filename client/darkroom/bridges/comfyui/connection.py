"""The socket to ComfyUI: kept open, and opened anew where it has gone deaf.

Whoever connects under a client id that is still in use is thrown out when the old connection's handler ends, for that
removes whatever stands under the id by then (``server.py``, ``websocket_handler``). The socket then stays open and
says nothing. So the old one is closed first, and a socket that does not hear what the pull side sees is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from darkroom.bridges.comfyui.messages import FEATURE_FLAGS, STATUS, Message, Preview, read_binary, read_text, remaining
from darkroom.bridges.comfyui.pull import ComfyUI
from darkroom.pauses import Pauses

OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
FRAME_BYTES = 64 * 2**20  # some nodes send whole pictures this way
DEAF_SECONDS = 3.0  # without the news that the pull side has


class Connection:
    """``on_frame`` gets what was said, ``on_change`` is called when the socket has opened or closed."""

    def __init__(
        self,
        comfyui: ComfyUI,
        client_id: str,
        on_frame: Callable[[Message | Preview], None],
        on_change: Callable[[bool], None],
    ) -> None:
        self._comfyui, self.client_id = comfyui, client_id
        self._on_frame, self._on_change = on_frame, on_change
        self._socket: ClientConnection | None = None
        self._remaining: int | None = None
        self._differs_since: float | None = None
        self.heard_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    async def run(self) -> None:
        """Until cancelled."""
        pauses = Pauses()
        while True:
            with contextlib.suppress(WebSocketException, OSError, EOFError):  # OSError: time-outs too
                async with await self._open() as socket:
                    pauses.reset()
                    try:
                        await self._listen(socket)
                    finally:
                        self._socket = None
                        self._on_change(False)
            await pauses.wait()

    async def renew(self) -> None:
        """Close it; ``run`` opens the next."""
        if self._socket is not None:
            await self._socket.close()

    def is_deaf(self, queued: int) -> bool:
        """Whether it has missed what the pull side sees: so many runs that wait or go on."""
        now = asyncio.get_running_loop().time()
        if not self.is_open or self._remaining in (None, queued):
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = now
        return self._differs_since is not None and now - self._differs_since > DEAF_SECONDS

    async def _open(self) -> ClientConnection:
        return await connect(
            self._comfyui.socket_url(self.client_id),
            proxy=True if self._comfyui.uses_proxies else None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            max_size=FRAME_BYTES,
            compression=None,  # pictures do not get smaller, and it costs time on both sides
        )

    async def _listen(self, socket: ClientConnection) -> None:
        await socket.send(FEATURE_FLAGS)  # counts only as the first frame
        self._socket, self._remaining, self._differs_since = socket, None, None
        self._on_change(True)
        loop = asyncio.get_running_loop()
        async for frame in socket:
            self.heard_at = loop.time()
            said = read_text(frame) if isinstance(frame, str) else read_binary(frame)
            if said is None:
                continue
            if isinstance(said, Message) and said.type == STATUS:
                self._remaining = remaining(said)
            self._on_frame(said)
