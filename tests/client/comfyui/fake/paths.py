"""The paths of ``server.py``; beside them ``/fake``, which the real one has not."""

from __future__ import annotations

import json
import mimetypes
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tests.client.comfyui.fake.server import PromptServer

OUTPUT_CLASSES = ("Save", "Preview", "VHS_", "ShowText", "Explode")
Send = Callable[[dict[str, Any]], Any]


class Paths:
    """What one asks over HTTP."""

    def __init__(self, server: PromptServer) -> None:
        self.server = server

    async def answer(self, scope: dict[str, Any], body: bytes, send: Send) -> None:
        path = scope["path"] if scope["path"].startswith("/api/jobs") else scope["path"].removeprefix("/api")
        query = dict(parse_qsl(scope["query_string"].decode()))
        if not self.server.knobs.answers and path != "/fake":
            return await send_answer(send, 200, b"<h1>It works!</h1>", "text/html")
        if path == "/view":
            return await self._view(query, scope, send)
        try:
            given = json.loads(body) if body else {}
        except ValueError:
            given = {}
        status, answer = self._route(scope["method"], path, query, given)
        await send_answer(send, status, b"" if answer is None else json.dumps(answer).encode(), "application/json")

    def _route(self, method: str, path: str, query: dict[str, str], given: dict[str, Any]) -> tuple[int, Any]:
        name, _, rest = path.strip("/").removeprefix("api/").partition("/")
        match method, name, rest:
            case "GET", "prompt", "":
                return 200, self.server.status()["status"]
            case "POST", "prompt", "":
                return self._take_prompt(given)
            case "GET", "queue", "":
                running, pending = list(self.server.queue.running.values()), self.server.queue.pending
                return 200, {"queue_running": running, "queue_pending": pending}
            case "POST", "queue", "":
                for key in given.get("delete", []):
                    self.server.queue.delete(key)
                return 200, None
            case "GET", "history", "":
                kept = list(self.server.queue.history.items())
                return 200, dict(kept[-int(query.get("max_items", len(kept))) :] if kept else [])
            case "GET", "history", key:
                return 200, {key: self.server.queue.history[key]} if key in self.server.queue.history else {}
            case "POST", "interrupt", "":
                self.server.interrupts.append(given.get("prompt_id"))
                if not given.get("prompt_id") or given["prompt_id"] in self.server.queue.running:
                    self.server.interrupted = True
                return 200, None
            case "GET", "system_stats", "":
                return 200, {"system": {"comfyui_version": "0.9.0", "os": "fake"}, "devices": []}
            case _, "jobs", rest if self.server.knobs.jobs:
                return self._jobs(method, rest, query)
            case "GET", "fake", "":
                return 200, {
                    "sockets": list(self.server.sockets),
                    "interrupts": self.server.interrupts,
                    "sent": self.server.sent,
                }
            case "POST", "fake", "":
                return self._turn(given)
        return 404, {"error": "not found"}

    def _jobs(self, method: str, rest: str, query: dict[str, str]) -> tuple[int, Any]:
        if method == "POST" and rest.endswith("/cancel"):
            key = rest.removesuffix("/cancel")
            is_running = key in self.server.queue.running
            self.server.interrupted = self.server.interrupted or is_running
            return 200, {"cancelled": is_running or self.server.queue.delete(key)}
        if rest:
            job = self.server.queue.job(rest)
            if job and self.server.knobs.first_jobs and job["status"] in ("pending", "in_progress"):
                del job["workflow"]
            return (200, job) if job else (404, {"error": "Job not found"})
        statuses = tuple(query["status"].split(",")) if "status" in query else ()
        if self.server.knobs.first_jobs and "cancelled" in statuses:
            return 400, {"error": "Invalid status value(s): cancelled."}
        jobs = self.server.queue.jobs(statuses or ("pending", "in_progress", "completed", "failed", "cancelled"))
        limit = int(query.get("limit", 10_000))
        return 200, {"jobs": jobs[:limit], "pagination": {"total": len(jobs), "has_more": len(jobs) > limit}}

    def _take_prompt(self, given: dict[str, Any]) -> tuple[int, Any]:
        prompt, prompt_id = given["prompt"], given.get("prompt_id") or str(uuid.uuid4())
        outputs = [key for key, node in prompt.items() if node["class_type"].startswith(OUTPUT_CLASSES)]
        if not outputs or str(uuid.UUID(prompt_id)) != prompt_id:
            message = "Prompt has no outputs" if not outputs else "prompt_id must be a valid UUID"
            return 400, {"error": {"type": "invalid", "message": message, "details": ""}, "node_errors": {}}
        extra = dict(given.get("extra_data", {}))
        if "client_id" in given:
            extra["client_id"] = given["client_id"]
        self.server.number += 1
        extra["create_time"] = int(time.time() * 1000)
        self.server.queue.put((self.server.number, prompt_id, prompt, extra, outputs))
        return 200, {"prompt_id": prompt_id, "number": self.server.number, "node_errors": {}}

    def _turn(self, given: dict[str, Any]) -> tuple[int, Any]:
        if given.pop("stop", False):  # whatever a test left running
            self.server.queue.pending.clear()
            self.server.interrupted = bool(self.server.queue.running)
        if given.pop("cut", False):
            for socket in self.server.sockets.values():
                socket.closed.set()
        for name, value in given.items():
            setattr(self.server.knobs, name, value)
        return 200, None

    async def _view(self, query: dict[str, str], scope: dict[str, Any], send: Send) -> None:
        root = (self.server.folder / query.get("type", "output")).resolve()
        path = root / query.get("subfolder", "") / query["filename"]
        if ".." in query["filename"] or query["filename"].startswith("/") or not path.resolve().is_relative_to(root):
            return await send_answer(send, 400, b"", "text/plain")
        if not path.is_file():
            return await send_answer(send, 404, b"", "text/plain")
        stat = path.stat()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers = {
            "content-type": kind,
            "content-length": stat.st_size,
            "etag": f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
        }
        raw = [(name.encode(), str(value).encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        left = 0 if scope["method"] == "HEAD" else stat.st_size
        with path.open("rb") as file:
            while left and (chunk := file.read(min(left, 65536))):
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def send_answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
