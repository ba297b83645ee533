"""Whether this process serves, and whether what it needs answers: for load balancers and supervisors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from channels.layers import channel_layers
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from gallery import outages
from gallery.doorbell import shared_layer
from gallery.models import Folder

PATIENCE_SECONDS = 2

_outages: dict[str, outages.Outage] = {}

# A thread of its own: a database that hangs keeps this one busy, and no request.
_thread = ThreadPoolExecutor(1, thread_name_prefix="readyz")


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process serves."""
    return _uncached(JsonResponse({"status": "ok"}))


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database and the channel layer answer, else 503 and what does not."""
    checks = {"database": _ask_database} | {
        ("channel layer" if alias == "default" else f"channel layer {alias}"): _asking_layer(alias)
        for alias in getattr(settings, "CHANNEL_LAYERS", {})
    }
    answers = await asyncio.gather(*(_answers(name, ask) for name, ask in checks.items()))
    silent = [name for name, answered in zip(checks, answers, strict=True) if not answered]
    if silent:
        sentence = f"No answer from: {', '.join(silent)}."
        return _uncached(JsonResponse({"status": "unavailable", "failing": silent, "message": sentence}, status=503))
    return _uncached(JsonResponse({"status": "ok"}))


async def _answers(name: str, ask: Callable[[], Awaitable[None]]) -> bool:
    try:
        await asyncio.wait_for(ask(), PATIENCE_SECONDS)
    except Exception as error:  # whatever a driver raises: it does not answer
        _outage(name).report(error)
        return False
    _outage(name).end()
    return True


def _outage(name: str) -> outages.Outage:
    if name not in _outages:
        _outages[name] = outages.Outage(f"Not ready: no answer from the {name}", f"Ready: the {name} answers")
    return _outages[name]


async def _ask_database() -> None:
    await asyncio.get_running_loop().run_in_executor(_thread, _read_a_row)


def _read_a_row() -> None:
    try:
        Folder.objects.values_list("revision").first()
    finally:
        connection.close()  # so that the next question is put to the database and not to a connection that was left


def _asking_layer(alias: str) -> Callable[[], Awaitable[None]]:
    async def ask() -> None:
        layer = channel_layers[alias]
        if layer is shared_layer():  # each question would leave a subscription behind; its listener asks all the time
            if outages.channel_layer.is_on:
                raise ConnectionError("no echo")
            return
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "readyz"})
        await layer.receive(channel)

    return ask


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
