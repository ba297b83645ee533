from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import Folder
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str, address: str = "9.9.9.9", **body: str) -> Any:
    return client.post("/login/", {"username": "ada", "password": password} | body, REMOTE_ADDR=address)


def try_admin(client: Client, password: str, address: str = "9.9.9.9") -> bool:
    body = {"username": "ada", "password": password}
    return client.post("/admin/login/?next=/admin/", body, REMOTE_ADDR=address).status_code == 302


def test_a_person_comes_in_and_leaves(client: Client, alice: Any) -> None:
    assert client.get("/login/").status_code == 200
    response = client.post("/login/", {"username": "alice", "password": PASSWORD})
    assert (response.status_code, response.url) == (302, "/")
    assert "Alice Adams" in client.get("/").content.decode()
    assert client.get("/logout/").status_code == 405
    response = client.post("/logout/")
    assert (response.status_code, response.url) == (302, "/login/")
    assert "Alice Adams" not in client.get("/").content.decode()


def test_a_wrong_password_gets_a_sentence_and_keeps_the_name(client: Client) -> None:
    make_user("ada")
    response = sign_in(client, "wrong")
    assert response.status_code == 200
    assert "The name or the password is not right." in response.content.decode()
    assert 'value="ada"' in response.content.decode()


def test_too_many_failures_shut_an_address_out_of_every_login(client: Client, settings: Any) -> None:
    settings.GALLERY_LOGIN_FAILURES = 3
    make_user("ada", is_staff=True)
    assert try_admin(client, PASSWORD)
    client.logout()
    assert not any(try_admin(client, "wrong") for _ in range(3))
    assert not try_admin(client, PASSWORD)
    assert try_admin(Client(), PASSWORD, address="8.8.8.8")
    response = sign_in(client, PASSWORD)
    assert (response.status_code, int(response["Retry-After"]) > 0) == (429, True)
    assert "There were too many failed logins from your address." in response.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_a_login_leads_nowhere_else(client: Client, target: str) -> None:
    make_user("ada")
    assert sign_in(client, PASSWORD, next=target).url == "/"


def test_a_login_leads_where_one_wanted_to_go(client: Client, folder: Folder) -> None:
    response = client.get(f"/folders/{folder.id}/?q=sun")
    assert response.url == f"/login/?next=/folders/{folder.id}/%3Fq%3Dsun"
    make_user("ada")
    assert sign_in(client, PASSWORD, next="/folders/x/?q=sun").url == "/folders/x/?q=sun"


def test_a_form_from_before_a_login_is_sent_back_with_a_sentence() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {}, headers={"Referer": "http://testserver/login/"})
    assert (response.status_code, response.url) == (303, "http://testserver/login/")
    assert "too old for that" in client.get("/login/").content.decode()
    assert "too old for that" not in client.get("/login/").content.decode()


def test_a_foreign_form_gets_no_session() -> None:
    client = Client(enforce_csrf_checks=True)
    body = {"username": "ada", "password": PASSWORD, "next": "/"}
    response = client.post("/login/", body, headers={"Referer": "https://evil.example/"})
    assert response.status_code == 403
    assert not response.cookies.get("sessionid")
