"""What a second language costs: an event that a folder's viewers see in one or in two, and a page in German."""

from __future__ import annotations

from collections import defaultdict

import httpx

from tests.benchmarks import pages
from tests.benchmarks.crowd import crowd
from tests.benchmarks.fan_out import Subject, gallery, send_frames
from tests.benchmarks.figures import TIMES, Figure, median, shown
from tests.benchmarks.parts import cpu_seconds, darkroom, leave_the_first_core, settle

VIEWERS = 100
FRAMES = 60
ROUNDS, PAGE_ROUNDS = 3, 4
WARM_UP = 5
LANGUAGES = ("en", "de")


def measure() -> list[Figure]:
    """Ratios of rounds that alternate, and the best of each in milliseconds beside them."""
    leave_the_first_core()
    return [*(_event(kind) for kind in ("uvicorn", "daphne")), *_pages()]


def _event(kind: str) -> Figure:
    one, two = [], []
    with gallery(kind) as subject:
        for _ in range(ROUNDS):
            one.append(_cost(subject, LANGUAGES[:1]))
            two.append(_cost(subject, LANGUAGES))
    return Figure(
        f"{kind}, an event for {VIEWERS} viewers, half of whom read German",
        median([mixed / alike for mixed, alike in zip(two, one, strict=True)]),
        TIMES,
        detail=f"{shown(min(two))} ms of server CPU an event; where all read English {shown(min(one))} ms",
    )


def _cost(subject: Subject, languages: tuple[str, ...]) -> float:
    """Milliseconds of server CPU for an event that all viewers get before the next is sent."""
    with crowd() as viewers:
        for language in languages:
            viewers.open(f"{subject.url}?language={language}", subject.origin, VIEWERS // len(languages))
        settle(subject.pid)
        viewers.ask("next_frame", seconds=0)  # what came when they opened does not count
        send_frames(subject, viewers, WARM_UP)
        before = cpu_seconds(subject.pid)
        delivered = send_frames(subject, viewers, FRAMES)
        spent = cpu_seconds(subject.pid) - before
    if delivered != FRAMES * VIEWERS:
        raise RuntimeError(f"{delivered} of {FRAMES * VIEWERS} frames were delivered.")
    return 1000 * spent / FRAMES


def _pages() -> list[Figure]:
    """The same pages in both languages, of folders that nobody has asked for in either."""
    costs: dict[tuple[str, str], list[float]] = defaultdict(list)
    with darkroom("uvicorn") as room:
        paths = [f"/folders/{folder_id}/" for folder_id in room.other_folder_ids[: pages.FRESH_FOLDERS]]
        for number, folder_id in enumerate(room.other_folder_ids[: pages.FRESH_FOLDERS]):
            pages.finish(room, pages.fill(room, folder_id, f"f{number}"))
        cookies = {"sessionid": pages.said(room, pages.SIGN_IN, "SESSION")}
        with httpx.Client(base_url=room.server.http, cookies=cookies) as browser:
            warm_up = f"/folders/{room.folder_id}/"
            for language in LANGUAGES * 2:
                browser.get(warm_up, headers={"Accept-Language": language}).raise_for_status()
            for number in range(PAGE_ROUNDS):
                fresh = paths[number::PAGE_ROUNDS]
                for language in LANGUAGES[:: 1 if number % 2 else -1]:  # who is second finds its rows in the memory
                    browser.headers["Accept-Language"] = language
                    costs["cold", language].append(pages.cost(room, browser, fresh))
                    costs["kept", language].append(pages.cost(room, browser, fresh[-1:] * pages.REQUESTS))
    said = {"cold": "where nobody has asked for it before", "kept": "where somebody has"}
    return [
        Figure(
            f"uvicorn, a page of {pages.ITEMS} cards in German, {when}",
            median([de / en for de, en in zip(costs[which, "de"], costs[which, "en"], strict=True)]),
            TIMES,
            detail=f"{shown(min(costs[which, 'de']))} ms; in English {shown(min(costs[which, 'en']))} ms",
        )
        for which, when in said.items()
    ]
