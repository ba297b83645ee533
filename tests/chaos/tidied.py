"""What became of all that was tidied up, looked at once all is over."""

from __future__ import annotations

import asyncio

import httpx

from tests.chaos.places import Place, compare_places
from tests.chaos.stand import Stand


async def look_at_places(stand: Stand) -> list[str]:
    """What was tidied up is where it was put, and the trash holds what was thrown away, no more and no less."""
    rows = await stand.call("rows", "Item", ["id", "folder_id", "trashed_at"])
    found = {row["id"]: Place(row["folder_id"], row["trashed_at"] is not None) for row in rows}
    wrong = []
    for tidier in stand.tidiers:
        wrong += [*tidier.wrong, *compare_places(tidier.places, found)]
    for folder_id in stand.folder_ids:
        for place in (Place(folder_id), Place(folder_id, is_trashed=True)):
            listed = await asyncio.to_thread(_listed, stand, place)
            there = sorted(item_id for item_id, where in found.items() if where == place)
            if sorted(listed) != there:
                wrong.append(f"{place} lists {len(listed)} items, and {len(there)} are there.")
    return wrong


def _listed(stand: Stand, place: Place) -> list[str]:
    """All that the API lists, page after page."""
    cookies = stand.tidiers[0].client.cookies
    with httpx.Client(base_url=stand.servers[0].http, cookies=cookies, timeout=30) as client:
        url, listed, cursor = f"/api/folders/{place.folder_id}/{'trash' if place.is_trashed else 'items'}", [], ""
        while cursor is not None:
            answer = client.get(url, params={"cursor": cursor, "limit": 200}).raise_for_status().json()
            listed += [item["id"] for item in answer["items"]]
            cursor = answer["next"]
    return listed
