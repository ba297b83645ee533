from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from gallery.models import Item
from gallery.views.recipe_facts import recipe_facts

RECIPE = {
    "seed": 7,
    "model": "dream_v8",
    "steps": 30,
    "prompt": "a lighthouse",
    "workflow": {"nodes": []},
    "parameters": {"Size": "512x768", "Model hash": "abc"},
    "negativePrompt": "fog",
    "guidance": 3.5,
    "Author": "Ana",
}


def test_what_people_look_for_comes_first_and_in_words() -> None:
    assert recipe_facts(RECIPE) == [
        ("Prompt", "a lighthouse"),
        ("Negative prompt", "fog"),
        ("Model", "dream_v8"),
        ("Steps", "30"),
        ("Seed", "7"),
        ("Author", "Ana"),
        ("guidance", "3.5"),
        ("Other settings", "Model hash: abc\nSize: 512x768"),
        ("Workflow", '{\n "nodes": []\n}'),
    ]


def test_the_order_in_which_it_was_kept_does_not_matter() -> None:
    assert recipe_facts(dict(reversed(RECIPE.items()))) == recipe_facts(RECIPE)


def test_its_words_are_the_readers() -> None:
    with translation.override("de"):
        assert recipe_facts({"negativePrompt": "fog"}) == [("Negativer Prompt", "fog")]


@pytest.mark.django_db
def test_the_page_tells_it_in_that_order(people: dict[str, Client], item: Item) -> None:
    Item.objects.filter(id=item.id).update(metadata=RECIPE)
    page = people["owner"].get(f"/items/{item.id}/").content.decode()
    words = ["Prompt", "Negative prompt", "Model", "Steps", "Seed", "Author", "guidance", "Other settings", "Workflow"]
    places = [page.index(f'<dt dir="auto">{word}</dt>') for word in words]
    assert places == sorted(places)
