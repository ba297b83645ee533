"""Write a frame's bytes straight to the sockets of servers that we know, which frame a text once for each of them.

All viewers of a folder get the same bytes. Through ASGI the server encodes, frames and copies them for each anew: two
thirds of what a delivered frame costs on uvicorn, nine tenths on Daphne. So where the socket behind ``send`` is one of
theirs and open, uncompressed and not held up, the bytes go to its transport as they are. In every other case, on every
other server, and should a server's insides change, the frame goes the way of ASGI; the page sees no difference.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

Write = Callable[[bytes], bool]
"""Writes all of a frame, or leaves the socket as it is and says False."""

_TEXT = 0x81  # a whole text message in one frame, unmasked (RFC 6455, 5.2)


def encode_frame(text: str) -> bytes:
    """The WebSocket frame that a server sends for ``text``."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload


def direct_write(send: Callable[[dict[str, Any]], Awaitable[None]]) -> Write | None:
    """How to write to the socket behind a server's ``send``; None where only ``send`` can."""
    with suppress(AttributeError):  # another version of the server
        return _on_uvicorn(send) or _on_daphne(send)
    return None


def _on_uvicorn(send: Any) -> Write | None:
    protocol = getattr(send, "__self__", None)
    if type(protocol).__name__ != "WebSocketsSansIOProtocol" or protocol.conn.extensions:
        return None
    connection, transport_write, is_writable = protocol.conn, protocol.transport.write, protocol.writable.is_set
    is_open = type(connection.state).OPEN
    _need(protocol, "close_sent", "disconnected", "handshake_complete")

    def write(frame: bytes) -> bool:
        if protocol.close_sent or protocol.disconnected or not protocol.handshake_complete:
            return False
        if connection.state is not is_open or not is_writable():
            return False
        transport_write(frame)
        return True

    return write


def _on_daphne(send: Any) -> Write | None:
    if not isinstance(send, partial) or len(send.args) != 1:
        return None
    [protocol] = send.args
    transport = getattr(protocol, "transport", None)
    # Not behind TLS, which has a buffer of its own.
    if type(protocol).__module__ != "daphne.ws_protocol" or type(transport).__module__ != "twisted.internet.tcp":
        return None
    is_open, send_some = protocol.STATE_OPEN, transport.writeSomeData
    _need(protocol, "state", "send_queue", "_perMessageCompress")
    _need(transport, "dataBuffer", "_tempDataBuffer", "disconnecting", "write")

    def write(frame: bytes) -> bool:
        if protocol.state != is_open or protocol._perMessageCompress is not None or protocol.send_queue:
            return False
        if transport.dataBuffer or transport._tempDataBuffer or transport.disconnecting:
            return False  # what waits goes first
        # Its own write() lets the loop find out whether the socket is writable, which it nearly always is.
        written = send_some(frame)
        if not isinstance(written, int):
            return False  # lost: Twisted finds out by itself
        if written < len(frame):
            transport.write(frame[written:])
        return True

    return write


def _need(thing: Any, *names: str) -> None:
    """Raises ``AttributeError`` now, not at the first frame."""
    for name in names:
        getattr(thing, name)
