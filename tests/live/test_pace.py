"""A hub rests the longer the more its sending costs, and the more the process has to do besides."""

from __future__ import annotations

import pytest

from gallery.live.pace import LONGEST_TICK, SHORTEST_TICK, Pace


def rest(sending: float, besides: float, ticks: int = 40) -> float:
    """What it comes to when each tick takes ``sending`` seconds, and ``besides`` of a core goes elsewhere."""
    clock = {"wall": 0.0, "cpu": 0.0}
    pace = Pace(lambda: clock["wall"], lambda: clock["cpu"])
    seconds = 0.0
    for _ in range(ticks):
        clock["wall"] += seconds + sending
        clock["cpu"] += sending + besides * (seconds + sending)
        seconds = pace.rest(sending)
    return seconds


def test_few_viewers_wait_for_the_shortest_tick():
    assert rest(sending=0.001, besides=0.0) == SHORTEST_TICK


def test_an_idle_process_sends_half_of_the_time():
    assert rest(sending=0.08, besides=0.05) == pytest.approx(0.08)


def test_a_busy_process_sends_a_sixteenth_of_the_time():
    assert rest(sending=0.01, besides=0.6) == pytest.approx(0.01 * (1 / 0.06 - 1))


def test_between_them_both_share_the_core():
    sending, besides = 0.06, 0.3
    share = sending / (sending + rest(sending, besides))
    assert share + besides == pytest.approx(0.55, abs=0.01)


def test_nobody_waits_longer_than_the_longest_tick():
    assert rest(sending=2.0, besides=1.0) == LONGEST_TICK
