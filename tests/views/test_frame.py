"""What all pages have around them."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.test.utils import override_script_prefix

from gallery.models import Folder
from tests.factories import make_item

pytestmark = pytest.mark.django_db


def test_the_socket_is_below_the_script_prefix(alice: Any, folder: Folder, signed_in: Any) -> None:
    """As the links are; the routes take the prefix off again."""
    item = make_item(folder)
    stream = f"ws/folders/{folder.id}/?after="
    pages = {"/": "ws/", f"/folders/{folder.id}/": stream, f"/items/{item.id}/": stream}
    for prefix in ("/", "/pictures/"):
        with override_script_prefix(prefix):
            for path, address in pages.items():
                assert f'ws-connect="{prefix}{address}' in signed_in(alice).get(path).content.decode()


def test_a_page_can_add_to_the_head() -> None:
    page = engines["django"].from_string(
        '{% extends "gallery/base.html" %}{% block head %}<link rel="me" href="/me">{% endblock %}'
    )
    head, _ = page.render({}).split("</head>")
    assert '<link rel="me" href="/me">' in head
