"""ComfyUI over HTTP: what is so, whatever was or was not heard (``server.py``)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from darkroom.bridges.comfyui.jobs import Job, Summary, in_order, read_history, read_job, read_list, read_queued
from darkroom.bridges.comfyui.outputs import Output
from darkroom.errors import DarkroomError

REQUEST_SECONDS = 20.0
LISTED = 100  # finished runs that one look asks for
QUEUED = 1_000
UNKNOWN_SIZE = -1
FINISHED, FINISHED_BEFORE = "completed,failed,cancelled", "completed,failed"  # the first versions refuse the third
CHUNK_BYTES = 256 * 1024
LOCAL = ("localhost", "127.0.0.1", "::1")


class Away(DarkroomError):
    """Nothing answers, or nothing of use."""


class NotComfyUI(DarkroomError):
    """Something answers, and it is something else."""


class PromptRefused(DarkroomError):
    """ComfyUI will not run it; says why."""


@dataclass(frozen=True)
class Stamp:
    """What a file looked like: another stamp, another content."""

    size: int
    tag: str


class ComfyUI:
    """One ComfyUI. Raises ``Away`` where it cannot be asked."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DarkroomError(f"{url!r} is no address of a ComfyUI; one looks like http://127.0.0.1:8188.")
        self.url = parts._replace(path=parts.path.rstrip("/"), query="", fragment="").geturl()
        self.name = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
        self.uses_proxies = parts.hostname not in LOCAL
        self._http = httpx.AsyncClient(base_url=self.url, timeout=REQUEST_SECONDS, trust_env=self.uses_proxies)
        self._has_jobs = True
        self._finished = FINISHED

    def socket_url(self, client_id: str) -> str:
        return f"ws{self.url.removeprefix('http')}/ws?clientId={client_id}"

    async def identify(self) -> str:
        """Its version; raises ``NotComfyUI`` where something else lives there."""
        try:
            answer = await self._get("/system_stats")
            version = answer["system"].get("comfyui_version") or "unknown version"
            return str(version)
        except (KeyError, TypeError, AttributeError):
            raise NotComfyUI(f"{self.name} answers, but it is not ComfyUI.") from None

    async def list_jobs(self) -> tuple[list[Summary], list[Summary]]:
        """Those that wait or run, in their order, and those that have finished lately, the oldest first."""
        if self._has_jobs:
            queued = await self._get("/api/jobs", status="pending,in_progress", limit=QUEUED)
            finished = await self._get("/api/jobs", status=self._finished, limit=LISTED)
            if isinstance(finished, dict) and "error" in finished and self._finished == FINISHED:
                self._finished = FINISHED_BEFORE
                return await self.list_jobs()
            if queued is not None and finished is not None:
                return in_order(read_list(queued)), list(reversed(read_list(finished)))
            self._has_jobs = False
        waiting, history = await self._queue(), await self._get("/history", max_items=LISTED) or {}
        done = [read_history(key, kept) for key, kept in history.items()]
        return in_order(waiting), [job for job in done if job]

    async def job(self, prompt_id: str) -> Job | None:
        """All of one; None: ComfyUI does not know it."""
        if self._has_jobs:
            answer = await self._get(f"/api/jobs/{prompt_id}")
            job = None if answer is None else read_job(answer)
            if job is None or job.is_over or job.workflow.nodes:
                return job
            return await self._queued(prompt_id) or job  # the first versions kept its prompt to themselves
        # It may go from the queue to the history between two questions: the history is asked last.
        queued = await self._queued(prompt_id)
        history = await self._get(f"/history/{prompt_id}") or {}
        return read_history(prompt_id, history[prompt_id]) if prompt_id in history else queued

    async def cancel(self, prompt_id: str) -> None:
        """Stop that run and no other.

        Newer versions do it in one step (``cancel_job``). Before, ``/interrupt`` with the id stops it only while it is
        the one that runs; without an id it would stop whoever runs. One that is even older would do that in any case,
        so it is asked only about a run that runs.
        """
        if (await self._request("POST", f"/api/jobs/{prompt_id}/cancel")).is_success:
            return
        await self._request("POST", "/queue", json={"delete": [prompt_id]})
        job = await self.job(prompt_id)
        if job is not None and job.status == "in_progress":
            await self._request("POST", "/interrupt", json={"prompt_id": prompt_id})

    async def queue(self, prompt: dict[str, Any], client_id: str) -> str:
        """Have it run; returns its id."""
        response = await self._request("POST", "/prompt", json={"prompt": prompt, "client_id": client_id})
        answer = _json(response)
        if response.is_success and isinstance(answer, dict) and isinstance(answer.get("prompt_id"), str):
            return str(answer["prompt_id"])
        error = answer.get("error") if isinstance(answer, dict) else None
        words = [error.get("message"), error.get("details")] if isinstance(error, dict) else [response.reason_phrase]
        raise PromptRefused("ComfyUI refused the workflow: " + ": ".join(str(word) for word in words if word))

    async def stamp(self, output: Output) -> Stamp | None:
        """What the file looks like now; None: it is not there."""
        response = await self._request("HEAD", "/view", params=output.query())
        if response.status_code in (405, 501):  # something in between takes no HEAD
            try:
                async with self._http.stream("GET", "/view", params=output.query()) as response:
                    pass
            except httpx.HTTPError as error:
                raise Away(f"{self.name} does not answer: {_reason(error)}.") from error
        return _stamp(response) if response.is_success else None

    async def download(self, output: Output, path: Path) -> int:
        """Into ``path``; returns how many bytes came, and 0 where it is not there."""
        size = 0
        try:
            async with self._http.stream("GET", "/view", params=output.query()) as response:
                if response.is_error:
                    return 0
                with path.open("wb") as file:
                    async for chunk in response.aiter_bytes(CHUNK_BYTES):
                        size += len(chunk)
                        await asyncio.to_thread(file.write, chunk)
        except httpx.HTTPError as error:
            raise Away(f"{self.name} does not answer: {_reason(error)}.") from error
        return size

    async def close(self) -> None:
        await self._http.aclose()

    async def _queue(self) -> list[Job]:
        queue = await self._get("/queue") or {}
        waiting = [read_queued(entry, "pending") for entry in queue.get("queue_pending", [])]
        running = [read_queued(entry, "in_progress") for entry in queue.get("queue_running", [])]
        return [job for job in (*running, *waiting) if job]

    async def _queued(self, prompt_id: str) -> Job | None:
        return next((job for job in await self._queue() if job.id == prompt_id), None)

    async def _get(self, path: str, **params: Any) -> Any:
        """JSON; None where that path is not known."""
        response = await self._request("GET", path, params=params)
        return None if response.status_code == 404 else _json(response)

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Away(f"{self.name} does not answer: {_reason(error)}.") from error
        if response.status_code >= 500:
            raise Away(f"{self.name} answers {response.status_code} {response.reason_phrase}.")
        return response


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return {}


def _stamp(response: httpx.Response) -> Stamp:
    headers = response.headers
    length = headers.get("Content-Length", "")
    return Stamp(
        int(length) if length.isdecimal() else UNKNOWN_SIZE, headers.get("ETag") or headers.get("Last-Modified", "")
    )
