from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory

from gallery.views.login import LimitedLoginView
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def try_admin(client: Client, password: str, address: str = "9.9.9.9") -> bool:
    body = {"username": "ada", "password": password}
    return client.post("/admin/login/?next=/admin/", body, REMOTE_ADDR=address).status_code == 302


def sign_in(rf: RequestFactory, password: str, address: str = "9.9.9.9") -> Any:
    request = rf.post("/login/", {"username": "ada", "password": password}, REMOTE_ADDR=address)
    request._dont_enforce_csrf_checks = True
    return LimitedLoginView.as_view()(request)


def test_too_many_failures_shut_an_address_out_of_every_login(
    client: Client, settings: Any, rf: RequestFactory
) -> None:
    settings.GALLERY_LOGIN_FAILURES = 3
    make_user("ada", is_staff=True)
    assert try_admin(client, PASSWORD)
    client.logout()
    assert not any(try_admin(client, "wrong") for _ in range(3))
    assert not try_admin(client, PASSWORD)
    assert try_admin(client, PASSWORD, address="8.8.8.8")
    response = sign_in(rf, PASSWORD)
    assert (response.status_code, int(response["Retry-After"]) > 0) == (429, True)
    [sentence] = response.context_data["form"].non_field_errors()
    assert "too many failed logins" in sentence


def test_wrong_password_is_an_ordinary_page(rf: RequestFactory, db: None) -> None:
    assert sign_in(rf, "wrong").status_code == 200
