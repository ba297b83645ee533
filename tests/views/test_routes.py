"""``{% url %}`` and ``{% static %}``, which look once, beside Django's own, which look each time."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Engine, RequestContext, Template
from django.test import RequestFactory
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch, include, path

urlpatterns = [
    path("one/", include("gallery.urls")),
    path("two/", include("gallery.urls", namespace="other")),
    path("<str:one>/of/<str:other>/", lambda request: None, name="two"),
]


def said(tag: str, **context: Any) -> str:
    return Template("{% load routes %}" + tag).render(Context(context))


def said_by_django(tag: str, **context: Any) -> str:
    return Engine.get_default().from_string(tag).render(Context(context))


@pytest.mark.parametrize(
    "tag",
    [
        '{% url "gallery:home" %}',
        '{% url "gallery:folder" first %}',
        '{% url "gallery:folder" second %}',
        '{% url "gallery:ask" first "tag" %}{% url "gallery:ask" second "move" %}',
        '{% url "two" first second %}{% url "two" second first %}',
        '{% url "two" strange second %}',
        '{% url "gallery:undo_delete" first 12 %}',
        '{% url "gallery:folder" folder_id=first %}',
        '{% url "gallery:folder" first as there %}[{{ there }}]',
        '{% url "no-such-route" first as there %}[{{ there }}]',
        "{% url name first %}",
    ],
)
def test_it_says_what_django_says(settings: Any, tag: str) -> None:
    settings.ROOT_URLCONF = __name__
    context = {"first": "any-1-argument", "second": "B_2", "strange": "a b&c’ü", "name": "gallery:folder"}
    for _ in range(2):
        assert said(tag, **context) == said_by_django(tag, **context)


def test_a_route_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said('{% url "gallery:folder" folder %}', folder="A")
    monkeypatch.setattr("gallery.templatetags.routes.reverse", None)
    monkeypatch.setattr("django.urls.reverse", None)
    assert said('{% url "gallery:folder" folder %}', folder="B") == "/folders/B/"


def test_what_is_missing_is_missed() -> None:
    for tag in ('{% url "no-such-route" %}', '{% url "gallery:folder" "" %}', '{% url "gallery:folder" "a/b" %}'):
        with pytest.raises(NoReverseMatch):
            said(tag)


def test_an_address_is_below_the_script_prefix_of_its_request() -> None:
    for prefix in ("/", "/gallery/", "/"):
        with override_script_prefix(prefix):
            assert said('{% url "gallery:folder" "F" %}') == f"{prefix}folders/F/"


def test_a_request_says_which_of_two_galleries_it_is_in(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    template = Template('{% load routes %}{% url "gallery:home" %}')
    for namespace, home in (("gallery", "/one/"), ("other", "/two/"), ("gallery", "/one/")):
        request = RequestFactory().get("/")
        request.current_app = namespace
        assert template.render(RequestContext(request)) == home


def test_the_address_of_a_file_is_made_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATIC_URL = "/still/"
    page = Template(
        '{% load static %}{% static "gallery/js/live.js" %} {% static name %} {% static "b.js" as b %}{{ b }}'
    )
    addresses = "/still/gallery/js/live.js /still/a.js /still/b.js"
    assert page.render(Context({"name": "a.js"})) == addresses
    monkeypatch.setattr("django.templatetags.static.static", None)
    assert page.render(Context({"name": "a.js"})) == addresses
    settings.STATIC_URL = "/moved/"
    monkeypatch.undo()
    assert page.render(Context({"name": "a.js"})).startswith("/moved/gallery/js/live.js /moved/a.js")
