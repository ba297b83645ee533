"""For ComfyUI's folder ``custom_nodes``: lets a Darkroom bridge hear the runs that ComfyUI's own page queues.

ComfyUI tells the steps and previews of a run to the client that queued it (``PromptServer.send_sync``, with its id).
This says the same to each bridge that is connected, after the client. It adds no node and changes nothing else. It is
not imported by the bridge: copy the file, and start ComfyUI again.
"""

from __future__ import annotations

from typing import Any

from server import PromptServer

BRIDGES = "darkroom-"  # what a bridge's client id begins with
NODE_CLASS_MAPPINGS: dict[str, Any] = {}  # ComfyUI asks for it


def echo(server: Any) -> None:
    send_sync = server.send_sync

    def send_and_echo(event: Any, data: Any, sid: str | None = None) -> None:
        send_sync(event, data, sid)
        if sid is not None:  # without an id it went to all of them
            for other in list(server.sockets):
                if other != sid and other.startswith(BRIDGES):
                    send_sync(event, data, other)

    server.send_sync = send_and_echo


echo(PromptServer.instance)
