"""Real servers, databases and brokers, workers and viewers, while all of it breaks; in the end the ledgers decide.

``CHAOS_SEED`` repeats a run's faults, ``CHAOS_ROUNDS`` makes it longer (``make chaos``).
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger
from tests.chaos.pages import compare_between, compare_page, read_folder, read_page
from tests.chaos.plan import Fault, make_plan
from tests.chaos.stand import FOLDERS, Stand
from tests.chaos.tidied import look_at_places
from tests.chaos.truth import BATCH_FIELDS, ITEM_FIELDS, compare_receipts, compare_rows, unjustified
from tests.live.page_model import Fetched
from tests.processes.conftest import require
from tests.servers import run_command

SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS") or 1)
HEALING_SECONDS = 120.0  # at most; it is measured how long it takes
FLOORS = {"postgres": (6, 120, 3000), "sqlite": (5, 80, 2000)}  # a round's kills, reconnects, acknowledged events


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Past pytest's capture: the seed and the counts are printed also when all is well."""

    def say(sentence: str) -> None:
        with capsys.disabled():
            print(sentence, flush=True)

    return say


async def until(find: Callable[[], Awaitable[list[str]]], seconds: float) -> tuple[float, list[str]]:
    """Until ``find`` finds nothing wrong any more, or time is up: the seconds that it took, and what is wrong then."""
    started = time.monotonic()
    while (wrong := await find()) and time.monotonic() - started < seconds:
        await asyncio.sleep(0.05)
    return time.monotonic() - started, wrong


async def heal(stand: Stand) -> tuple[float, list[str]]:
    """Until every page shows what was there when the fault was over, and every worker has been answered again."""
    since = asyncio.get_running_loop().time()
    revisions = [(await stand.call("folder_state", folder_id))["revision"] for folder_id in stand.folder_ids]

    async def behind() -> list[str]:
        silent = [f"w{number} is not answered" for number, w in enumerate(stand.workers) if w.answered_at <= since]
        where = [await audience.ask("where") for audience in stand.audiences]
        return silent + [
            f"{name} shows {at} of {revisions[_place(name)]}"
            for shown in where
            for name, at in shown.items()
            if at < revisions[_place(name)]
        ]

    seconds, wrong = await until(behind, HEALING_SECONDS)
    if not wrong:
        wrong = await look_between(stand)
    if wrong:
        for counts in [await audience.ask("counts") for audience in stand.audiences]:
            wrong += counts["doing"] + counts["wrong"]
    return seconds, wrong


async def look_between(stand: Stand) -> list[str]:
    """What is wrong with the pages while the workers go on: each has to lie between two fresh ones.

    Returns those that did not catch up; anything else raises, for the next event could mend it.
    """
    before = [await asyncio.to_thread(_first_page, stand, folder_id) for folder_id in stand.folder_ids]
    least = [(await stand.call("rows", "Folder", ["revision"], id=key))[0]["revision"] for key in stand.folder_ids]
    shown: dict[str, Any] = {}

    async def behind() -> list[str]:
        tops = [await audience.ask("tops") for audience in stand.audiences]
        for name, page in [pair for pages in tops for pair in pages.items()]:
            if page is not None and page["revision"] >= least[_place(name)]:
                shown[name] = page
        return [f"{name} is behind {least[_place(name)]}" for pages in tops for name in pages if name not in shown]

    _, late = await until(behind, HEALING_SECONDS)
    after = [await asyncio.to_thread(_first_page, stand, folder_id) for folder_id in stand.folder_ids]
    places = [(name, page, _place(name)) for name, page in shown.items()]
    wrong = [say for name, page, at in places for say in compare_between(name, page, before[at], after[at])]
    assert not wrong, "\n".join(wrong[:20])
    return late


def _place(name: str) -> int:
    """Which of the folders this viewer shows."""
    return int(name[-1]) % FOLDERS


async def run_plan(stand: Stand, faults: Faults, plan: list[Fault], enough: int) -> dict[str, list[float]]:
    """One fault after the other, each healed before the next; returns how long that took, by kind."""
    healed: dict[str, list[float]] = {}
    for number, fault in enumerate(plan, 1):
        # The load goes with the plan: on a slow machine the plan takes longer, and not more is said.
        for worker in stand.workers:
            worker.is_slow = stand.acknowledged > enough * number / len(plan)
        await asyncio.sleep(fault.wait)
        await faults.carry_out(fault)
        seconds, behind = await heal(stand)
        assert not behind, f"After fault {number}, '{fault}', {HEALING_SECONDS:.0f} s were not enough: {behind}"
        healed.setdefault(fault.kind, []).append(seconds)
    await faults.all_alive()
    return healed


async def look_at_pages(stand: Stand, say: Callable[[str], None]) -> list[str]:
    """Until each viewer's page is as a fresh one, or time is up; returns what is wrong then."""

    async def differences() -> list[str]:
        fresh = [await asyncio.to_thread(_fresh, stand, folder_id) for folder_id in stand.folder_ids]
        wrong = []
        for audience in stand.audiences:
            for name, page in (await audience.ask("pages")).items():
                if page is None:
                    wrong.append(f"{name} is still fetching.")
                else:
                    wrong += compare_page(name, page, fresh[_place(name)])
        return wrong

    seconds, wrong = await until(differences, HEALING_SECONDS)
    say(f"  all pages {'wrong' if wrong else 'right'} {seconds:.1f} s after the last word")
    return wrong


def _fresh(stand: Stand, folder_id: str) -> dict[str, Any]:
    with httpx.Client(base_url=stand.servers[0].http, cookies=stand.cookies, timeout=30) as client:

        def fetch(cursor: str) -> Any:
            answer = client.get(f"/folders/{folder_id}/", params={"cursor": cursor} if cursor else {})
            return read_page(answer.raise_for_status().text)

        return read_folder(fetch)


def _first_page(stand: Stand, folder_id: str) -> Fetched:
    """From whichever server is alive."""
    for _ in range(100):
        try:
            url = f"http://127.0.0.1:{stand.proxies['pages'].port}/folders/{folder_id}/"
            return read_page(httpx.get(url, cookies=stand.cookies, timeout=30).raise_for_status().text)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("no page for a look")


async def look_at_ledgers(stand: Stand) -> list[str]:
    """Each worker's file against the database."""
    wrong = []
    for number, (worker, (key, _)) in enumerate(zip(stand.workers, stand.tokens, strict=True)):
        ledger = Ledger.load(worker.ledger.path)
        kept = list((await stand.call("receipts", key)).items())
        items = await stand.call("rows", "Item", ITEM_FIELDS, batch__token=key)
        locked = set(await stand.call("locked_items", key))
        batches = await stand.call("rows", "Batch", BATCH_FIELDS, token=key)
        for item in items:
            item["is_locked"] = item["id"] in locked
        found = [*compare_receipts(ledger, kept), *compare_rows(ledger, kept, items, batches), *unjustified(ledger)]
        wrong += [f"w{number}: {sentence}" for sentence in (*found, *worker.wrong)]
    return wrong


@pytest.mark.alone
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_nothing_is_lost_doubled_or_stale(database: str, tmp_path: Path, say: Callable[[str], None]) -> None:
    if database == "postgres":
        require("initdb", "postgresql")
        require("redis-server", "redis-server")
    plan = make_plan(SEED, database, ROUNDS)
    say(f"\nchaos on {database}: seed {SEED}, {len(plan)} faults (again: CHAOS_SEED={SEED} make chaos)")
    stand = Stand(database, SEED, tmp_path)
    faults = Faults(stand)
    kills, reconnects, acknowledged = (number * ROUNDS for number in FLOORS[database])
    started = time.monotonic()
    try:
        await stand.open()
        opened = time.monotonic()
        assert not (await heal(stand))[1], "not everybody is here"
        healed = await run_plan(stand, faults, plan, acknowledged)

        async def reconnected() -> int:
            counts = [(await audience.ask("counts"))["reconnects"] for audience in stand.audiences]
            return sum(counts) + sum(worker.reconnects for worker in stand.workers)

        async def missing() -> list[str]:
            if await reconnected() < reconnects:
                stand.proxies["pages"].cut()
                await asyncio.sleep(0.5)
            return ["events"] * (stand.acknowledged < acknowledged) + ["reconnects"] * (
                await reconnected() < reconnects
            )

        for worker in stand.workers:
            worker.is_slow = False
        await until(missing, 300)
        for audience in stand.audiences:
            await audience.ask("calm")
        await stand.end_work()
        wrong = await look_at_pages(stand, say)
        wrong += await look_at_ledgers(stand)
        wrong += await look_at_places(stand)
        for worker in stand.workers:
            wrong += await worker.say_again(300)
        wrong += await look_at_ledgers(stand)
        for audience in stand.audiences:
            wrong += (await audience.ask("counts"))["wrong"]
        said = await asyncio.to_thread(run_command, stand.direct_env, "verify")
        unavailable = sum(worker.unavailable for worker in stand.workers)
        say(
            f"  {faults.counts['kills']} kills, {await reconnected()} reconnects, {stand.acknowledged} acknowledged "
            f"events of {sum(len(worker.ledger.sent) for worker in stand.workers)} sent, {unavailable} unavailable, "
            f"{sum(worker.refused for worker in stand.workers)} refused; {opened - started:.0f} s to open, "
            f"{time.monotonic() - opened:.0f} s in all"
        )
        tidied = sum((tidier.counts for tidier in stand.tidiers), Counter())
        say(f"  tidied up: {', '.join(f'{number} {what}' for what, number in sorted(tidied.items()))}")
        for kind, times in sorted(healed.items()):
            say(f"  healed after {kind}: {', '.join(f'{seconds:.2f}' for seconds in sorted(times))} s")
        assert not wrong, "\n".join(wrong[:40])
        assert said.startswith("All is well"), said
        assert faults.counts["kills"] >= kills and not await missing()
    finally:
        await stand.close()
