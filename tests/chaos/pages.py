"""Pages as the server renders them, and a viewer's page compared with a fresh one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

from tests.live.elements import Element, parse, roots
from tests.live.page_model import Fetched

PAGE_SIZE = 60
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
        [root for root in roots(text["grid"], "grid") if root.id],  # not the days, which the page's scripts write
        roots(text["batches"], "batches"),
        Element(text["messages"]),
        unquote(unescape(cursor[1])) if cursor else None,
    )


def as_json(element: Element) -> dict[str, Any]:
    return {"id": element.id, "order": element.order, "revision": element.revision, "html": element.html}


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
        end = page["cursor"] or "" if region == "grid" else ""  # what stands below comes as one scrolls
        orders = {element["id"]: element["order"] for element in fresh[region]}
        wrong += [f"STALE: {name} lacks {key}." for key in first if key not in shown and orders[key] >= end]
        wrong += [f"STALE: {name} shows {key}, which has gone." for key in shown if key not in known]
        wrong += [
            f"STALE: {name} shows an old {key}:\n  {shown[key]}\n  {known[key]}"
            for key in shown.keys() & known.keys()
            if shown[key] != known[key]
        ]
        orders = [element["order"] for element in page[region]]
        if orders != sorted(orders, reverse=True):
            wrong.append(f"{name}: the order of its {region} does not hold.")
    if page["cursor"] and len(page["grid"]) < PAGE_SIZE:
        wrong.append(f"STALE: {name} ends after {len(page['grid'])} cards, and there are more.")
    if tight(page["messages"]) != tight(fresh["messages"]):
        wrong.append(f"STALE: {name} shows old messages.")
    return wrong


def compare_between(name: str, page: Mapping[str, Any], before: Fetched, after: Fetched) -> list[str]:
    """The same while events go on: ``before`` is older than what the page shows, ``after`` is newer.

    What is the same in both has to be on the page just so; what differs may be on it in any state between them; what is
    on the page alone must have come, or changed, since ``before``. Only what stands on their first pages is looked at.
    """
    wrong = []
    for region in ("grid", "batches"):
        shown = {element["id"]: element for element in page[region]}
        if len(shown) != len(page[region]):
            wrong.append(f"DOUBLED: {name} shows something twice in its {region}.")
        old, new = ({element.id: element for element in getattr(each, region)} for each in (before, after))
        for key in old.keys() & new.keys():
            here = shown.get(key)
            if here is None:
                is_below = region == "grid" and new[key].order < (page["cursor"] or "")  # it comes as one scrolls
                if not is_below and arrival(new[key]) <= page["revision"]:  # else it went, and comes back later
                    wrong.append(f"STALE: {name} lacks {key}.")
            elif old[key].revision == new[key].revision:
                if tight(here["html"]) != tight(new[key].html):
                    wrong.append(f"STALE: {name} shows an old {key}:\n  {here['html']}\n  {new[key].html}")
            elif not (old[key].revision or 0) <= (here["revision"] or 0) <= (new[key].revision or 0):
                wrong.append(f"STALE: {name} shows {key} at {here['revision']}, before it was {old[key].revision}.")
        lowest = max(_lowest(before, region), _lowest(after, region))
        wrong += [
            f"STALE: {name} shows {key}, which has gone."
            for key, here in shown.items()
            if key not in old and key not in new and here["order"] > lowest and here["revision"] <= before.revision
        ]
    return wrong


def arrival(element: Element) -> int:
    """The revision with which it came into its folder."""
    return int(element.attr("data-created-revision") or 0)


def _lowest(page: Fetched, region: str) -> str:
    """What stands below that is on the next page; nothing is where there is none."""
    return page.grid[-1].order if region == "grid" and page.cursor else ""
