"""What no client should send over HTTP: each gets its sentence from the gallery, not from what lies before it."""

from __future__ import annotations

import httpx
import pytest

from tests.processes.conftest import Gallery

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def _refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert (said["type"], said["code"]) == ("error", code) and said["message"]


def test_a_form_that_is_none_is_taken_apart_by_nobody_but_who_wants_it(lone: Gallery, kind: str) -> None:
    """Twisted, below Daphne, would read every form in memory while nobody else gets a word, and hang up on this one."""
    room = lone.new_room()
    headers = {"Authorization": f"Bearer {room.secret}"} | FORM
    with httpx.Client(base_url=lone.server(kind).http, headers=headers, timeout=30) as client:
        _refused(client.post("/api/notify", content=b"no form at all"), 400, "malformed")
        _refused(client.post(f"/api/folders/{room.folder_id}/items", content=b"no form at all"), 422, "invalid")
        event = '{"type": "batch:start", "payload": {"total": 1, "label": "Whatever it says it is"}}'
        _refused(client.post("/api/notify", content=event), 422, "invalid")


@pytest.mark.parametrize("path", ["/api/notify/", "/api/nothing", "/api/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_api_address_with_a_typing_error_is_called_unknown(lone: Gallery, method: str, path: str) -> None:
    _refused(httpx.request(method, lone.server("daphne").http + path, content=b"{}"), 404, "not_found")
