"""Where items must be, by what those who tidy up asked and were answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """A folder, or its trash."""

    folder_id: str
    is_trashed: bool = False

    def __str__(self) -> str:
        return f"the trash of {self.folder_id}" if self.is_trashed else self.folder_id


class Places:
    """Each item that was touched, with where it may be: one place, or two where what was asked was never answered.

    What is in doubt is left alone from then on: a request whose answer was lost may be carried out much later.
    """

    def __init__(self) -> None:
        self.possible: dict[str, set[Place]] = {}
        self.missing: set[str] = set()  # refused as if there were no such item: its worker may have removed it

    def put(self, item_id: str, place: Place) -> None:
        """It was acknowledged, or seen."""
        self.possible[item_id] = {place}

    def doubt(self, item_id: str, asked: Place) -> None:
        self.possible[item_id] = self.possible[item_id] | {asked}

    def miss(self, item_id: str) -> None:
        self.missing.add(item_id)

    def certain(self, place: Place) -> list[str]:
        """What may be taken from there, in the order in which it was touched first."""
        return [key for key, places in self.possible.items() if places == {place} and key not in self.missing]

    def see(self, item_id: str, place: Place) -> list[str]:
        """A fresh list shows it there: new, or as was acknowledged; else says what is wrong."""
        if item_id not in self.possible:
            self.put(item_id, place)
        if item_id in self.missing:
            return [f"GHOST: {item_id} is listed in {place}, and was said not to be there."]
        if place not in self.possible[item_id]:
            return [f"GHOST: {item_id} is listed in {place}, and should be in {_say(self.possible[item_id])}."]
        return []


def compare_places(places: Places, found: Mapping[str, Place]) -> list[str]:
    """What is wrong; ``found`` says of every item that has a row where it is. That one is lost, its ledger says."""
    wrong = [f"{key} was refused as not there, and is in {found[key]}." for key in places.missing if key in found]
    for key, possible in places.possible.items():
        if key in found and found[key] not in possible and key not in places.missing:
            wrong.append(f"MISPLACED: {key} is in {found[key]}, and should be in {_say(possible)}.")
    return wrong


def _say(possible: set[Place]) -> str:
    return " or ".join(sorted(map(str, possible)))
