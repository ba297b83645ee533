"""What a proxy says of the scheme is believed of trusted proxies, and of nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

PROXY = "172.30.54.10"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "said", "welcome"),
    [(PROXY, "https", True), (PROXY, "http", False), ("203.0.113.9", "https", False), (PROXY, "ftp", False)],
)
def test_a_form_from_an_https_page_is_taken_behind_a_trusted_proxy(
    settings: Any, address: str, said: str, welcome: bool
) -> None:
    settings.GALLERY_TRUSTED_PROXIES = [PROXY]
    client = Client(
        enforce_csrf_checks=True, REMOTE_ADDR=address, headers={"Host": "testserver", "X-Forwarded-Proto": said}
    )
    client.get("/login/")
    form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    origin = {"Origin": "https://testserver", "Referer": "https://testserver/login/"}
    response = client.post("/login/", form, headers=origin)
    assert (response.status_code == 200) is welcome  # the form again, with its sentence, and not the CSRF refusal
