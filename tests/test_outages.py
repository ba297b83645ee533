"""What is away is said once; the connections that broke with it are no news when they are found later."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from gallery import outages
from gallery.outages import RELAPSE_SECONDS, REMIND_SECONDS, Outage


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``passes(3.0)``: so many seconds."""
    now = [1_000.0]
    monkeypatch.setattr(outages, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def test_it_is_said_once_again_while_it_lasts_and_at_its_end(
    passes: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    outage = Outage("It is away", "It is back")
    for _ in range(3):
        outage.report(ValueError("no route"))
        passes(1)
    assert caplog.messages == ["It is away (no route)."]
    passes(REMIND_SECONDS)
    outage.report(ValueError("no route"))
    assert caplog.messages[1:] == ["It is away, for 63 s now, met 4 times (no route)."]
    outage.end()
    assert caplog.messages[2:] == ["It is back, after 63.0 s."]


def test_what_broke_with_it_is_no_new_outage(passes: Callable[[float], None], caplog: pytest.LogCaptureFixture) -> None:
    outage, turns = Outage("It is away", "It is back"), []
    outage.on_change = lambda: turns.append(outage.is_on)
    outage.report(ValueError("gone"))
    outage.end()
    said = len(caplog.messages)
    for _ in range(3):
        passes(RELAPSE_SECONDS / 2)
        outage.report(ValueError("another connection of the old ones"))
        assert outage.is_on
        outage.end()
    assert len(caplog.messages) == said
    assert turns == [True, False] * 4  # pages are told all the same


def test_a_relapse_that_lasts_is_said(passes: Callable[[float], None], caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("It is away", "It is back")
    outage.report(ValueError("gone"))
    outage.end()
    outage.report(ValueError("gone again"))
    passes(RELAPSE_SECONDS)
    outage.report(ValueError("gone again"))
    outage.end()
    assert caplog.messages[2:] == ["It is away, for 5 s now, met 2 times (gone again).", "It is back, after 5.0 s."]
