"""One prompt after the other, node by node, with what ComfyUI says meanwhile and to whom it says it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Protocol

from tests.client.comfyui.fake.nodes import NODES, as_bytes, picture, wait
from tests.client.comfyui.fake.queue import Entry, PromptQueue

GARBAGE = b"this is no picture, whatever the header says"


class Server(Protocol):
    queue: PromptQueue
    client_id: str | None
    last_node_id: str | None
    interrupted: bool
    folder: Any

    def send_sync(self, event: str | int, data: Any, sid: str | None = None) -> None: ...
    def supports_metadata(self, sid: str | None) -> bool: ...


class Interrupted(Exception):
    pass


class Executor:
    """Keeps what nodes made, as ComfyUI does: what has not changed is not made again."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cache: dict[str, Any] = {}
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.states: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        while True:
            entry = await self.server.queue.get()
            outputs = await self._execute(entry)
            self.server.queue.done(entry, outputs, self.messages)
            if self.server.client_id is not None:  # as the loop of ``main.py`` does
                said = {"node": None, "prompt_id": entry[1]}
                self.server.send_sync("executing", said, self.server.client_id)

    async def _execute(self, entry: Entry) -> dict[str, Any]:
        _, prompt_id, prompt, extra, output_nodes = entry
        server = self.server
        server.interrupted, server.client_id = False, extra.get("client_id")
        self.messages, self.states = [], {}
        outputs: dict[str, Any] = {}
        executed: list[str] = []
        self._tell("execution_start", {"prompt_id": prompt_id})
        cached = [key for key in prompt if _signature(prompt, key) in self.cache]
        self._tell("execution_cached", {"nodes": cached, "prompt_id": prompt_id})
        for key in _in_order(prompt, output_nodes):
            signature = _signature(prompt, key)
            try:
                if signature in self.cache:
                    shown = self.cache[signature]
                else:
                    self._start(prompt_id, key)
                    shown = await self._run_node(prompt_id, prompt, key)
                    self.cache[signature] = shown
                    executed.append(key)
            except Interrupted:
                data = {"prompt_id": prompt_id, "node_id": key, "node_type": prompt[key]["class_type"]}
                self._tell("execution_interrupted", data | {"executed": executed}, to_all=True)
                break
            except Exception as error:
                self._tell("execution_error", self._failure(prompt_id, prompt, key, executed, error))
                break
            if shown:
                outputs[key] = shown
                if server.client_id is not None:
                    said = {"node": key, "display_node": key, "output": shown, "prompt_id": prompt_id}
                    server.send_sync("executed", said, server.client_id)
            self._state(prompt_id, key, 1, 1, "finished")
        else:
            self._tell("execution_success", {"prompt_id": prompt_id})
        server.last_node_id = None
        return outputs

    def _tell(self, event: str, data: dict[str, Any], to_all: bool = False) -> None:
        """What has no owner is kept for the history and sent to nobody, unless it is for all."""
        data = data | {"timestamp": int(time.time() * 1000)}
        self.messages.append((event, data))
        if self.server.client_id is not None or to_all:
            self.server.send_sync(event, data, self.server.client_id)

    def _start(self, prompt_id: str, key: str) -> None:
        self._state(prompt_id, key, 0, 1, "running")
        if self.server.client_id is not None:
            self.server.last_node_id = key
            said = {"node": key, "display_node": key, "prompt_id": prompt_id}
            self.server.send_sync("executing", said, self.server.client_id)

    async def _run_node(self, prompt_id: str, prompt: dict[str, Any], key: str) -> Any:
        node = prompt[key]
        inputs = node["inputs"]
        steps = int(inputs.get("steps", 1))
        for step in range(1, steps + 1):
            await asyncio.sleep(float(inputs.get("seconds", 0)) / steps)
            if self.server.interrupted:
                raise Interrupted
            if "steps" in inputs:
                self._progress(prompt_id, key, step, steps, inputs.get("preview"))
        return await NODES.get(node["class_type"], wait)(inputs, self.server.folder)

    def _progress(self, prompt_id: str, key: str, step: int, steps: int, preview: str | None) -> None:
        server = self.server
        self._state(prompt_id, key, step, steps, "running")
        if preview and server.supports_metadata(server.client_id):
            about = {"node_id": key, "prompt_id": prompt_id, "display_node_id": key, "real_node_id": key}
            header = json.dumps(about | {"parent_node_id": None, "image_type": "image/jpeg"}).encode()
            server.send_sync(4, len(header).to_bytes(4, "big") + header + _preview(preview, step), server.client_id)
        said = {"value": step, "max": steps, "prompt_id": prompt_id, "node": key}
        server.send_sync("progress", said, server.client_id)
        if preview and not server.supports_metadata(server.client_id):
            server.send_sync(1, (1).to_bytes(4, "big") + _preview(preview, step), server.client_id)

    def _state(self, prompt_id: str, key: str, value: float, most: float, state: str) -> None:
        about = {"node_id": key, "prompt_id": prompt_id, "display_node_id": key, "real_node_id": key}
        self.states[key] = {"value": value, "max": most, "state": state, "parent_node_id": None} | about
        said = {"prompt_id": prompt_id, "nodes": dict(self.states)}
        self.server.send_sync("progress_state", said, self.server.client_id)

    def _failure(self, prompt_id: str, prompt: Any, key: str, executed: list[str], error: Exception) -> dict[str, Any]:
        return {
            "prompt_id": prompt_id,
            "node_id": key,
            "node_type": prompt[key]["class_type"],
            "executed": executed,
            "exception_message": f"{error}\n",
            "exception_type": type(error).__name__,
            "traceback": ["  File nowhere\n"],
            "current_inputs": {},
            "current_outputs": [],
        }


def _preview(kind: str, step: int) -> bytes:
    return GARBAGE if kind == "garbage" else as_bytes(picture(step))


def _sources(node: dict[str, Any]) -> list[str]:
    return [value[0] for value in node["inputs"].values() if isinstance(value, list)]


def _in_order(prompt: dict[str, Any], output_nodes: list[str]) -> list[str]:
    """What the outputs need comes before them."""
    order: list[str] = []

    def visit(key: str) -> None:
        for source in _sources(prompt[key]):
            visit(source)
        if key not in order:
            order.append(key)

    for key in output_nodes:
        visit(key)
    return order


def _signature(prompt: dict[str, Any], key: str) -> str:
    """Equal for nodes that would make the same of the same."""
    node = prompt[key]
    inputs = {name: value for name, value in node["inputs"].items() if not isinstance(value, list)}
    return json.dumps([node["class_type"], inputs, [_signature(prompt, source) for source in _sources(node)]])
