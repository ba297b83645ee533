"""Pages as the server renders them, and a viewer's page compared with a fresh one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

from tests.live.elements import Element, parse, roots
from tests.live.page_model import Fetched

CURSOR = re.compile(r'<p id="pager".*?[?&]cursor=([^"&]+)"', re.DOTALL)


def read_page(html: str) -> Fetched:
    """What a folder's page holds, out of the whole document."""
    tree = parse(html)
    parse.cache_clear()  # whole documents, each once: nothing to be remembered
    found = {dom_id: tree.find(dom_id) for dom_id in ("revision", "messages", "grid", "batches")}
    assert all(found.values()), f"this is no folder's page: {html[:300]}"
    text = {dom_id: html[node.start : node.end] for dom_id, node in found.items() if node}
    cursor = CURSOR.search(html)
    revision = Element(text["revision"]).revision
    assert revision is not None
    return Fetched(
        revision,
        roots(text["grid"], "grid"),
        roots(text["batches"], "batches"),
        Element(text["messages"]),
        unquote(unescape(cursor[1])) if cursor else None,
    )


def as_json(element: Element) -> dict[str, str]:
    return {"id": element.id, "order": element.order, "html": element.html}


def read_folder(fetch: Callable[[str], Fetched]) -> dict[str, Any]:
    """The whole folder as fresh pages show it; ``fetch`` gets each page by its cursor."""
    first = page = fetch("")
    older: list[Element] = []
    while page.cursor:
        page = fetch(page.cursor)
        older += page.grid
    return {
        "revision": first.revision,
        "grid": [as_json(element) for element in first.grid],
        "batches": [as_json(element) for element in first.batches],
        "older": [as_json(element) for element in older],
        "messages": first.messages.html,
    }


def tight(html: str) -> str:
    """Without the white space between tags: an element swapped into its card leaves the one around it as it was."""
    return re.sub(r">\s+<", "><", html)


def compare_page(name: str, page: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[str]:
    """What is wrong with a viewer's page (``grid``, ``batches``, ``messages``), in sentences.

    ``fresh`` has ``older`` besides: the cards of the pages below its first.
    """
    wrong = []
    for region in ("grid", "batches"):
        shown = {element["id"]: tight(element["html"]) for element in page[region]}
        first = {element["id"]: tight(element["html"]) for element in fresh[region]}
        known = first | {element["id"]: tight(element["html"]) for element in fresh["older"]}
        if len(shown) != len(page[region]):
            wrong.append(f"DOUBLED: {name} shows something twice in its {region}.")
        wrong += [f"STALE: {name} lacks {key}." for key in first if key not in shown]
        wrong += [f"STALE: {name} shows {key}, which has gone." for key in shown if key not in known]
        wrong += [
            f"STALE: {name} shows an old {key}:\n  {shown[key]}\n  {known[key]}"
            for key in shown.keys() & known.keys()
            if shown[key] != known[key]
        ]
        orders = [element["order"] for element in page[region]]
        if orders != sorted(orders, reverse=True):
            wrong.append(f"{name}: the order of its {region} does not hold.")
    if tight(page["messages"]) != tight(fresh["messages"]):
        wrong.append(f"STALE: {name} shows old messages.")
    return wrong
