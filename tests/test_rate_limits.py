from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from gallery import rate_limits
from gallery.contract.errors import NotifyError
from gallery.rate_limits import RateLimit, client_address, login_key


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock, settings: Any) -> RateLimit:
    settings.GALLERY_TOKEN_REQUESTS = 10
    return RateLimit("TOKEN_REQUESTS", 10, "Too much.", clock)


def test_limit_is_reached_and_wears_off(limit: RateLimit, clock: Clock) -> None:
    for _ in range(10):
        limit.spend("a")
    with pytest.raises(NotifyError) as refused:
        limit.spend("a")
    assert refused.value.code == "rate_limited"
    limit.spend("b")
    clock.now += refused.value.retry_after
    limit.spend("a")


def test_waiting_as_told_is_always_enough(limit: RateLimit, clock: Clock) -> None:
    for step in range(200):
        clock.now += (step * 7 % 13) / 10
        try:
            limit.spend("a", 1 + step % 4)
        except NotifyError as error:
            clock.now += error.retry_after
            limit.spend("a", 1 + step % 4)


def test_border_between_windows_lets_no_second_burst_through(limit: RateLimit, clock: Clock) -> None:
    clock.now = 1009.9
    for _ in range(10):
        limit.spend("a")
    clock.now = 1010.1  # the next window: most of the last one still counts
    with pytest.raises(NotifyError):
        limit.spend("a", 2)


def test_cost_above_the_limit_passes_when_all_is_free(limit: RateLimit) -> None:
    limit.spend("a", 50)
    with pytest.raises(NotifyError):
        limit.check("a")


def test_counting_never_refuses_but_check_does(limit: RateLimit) -> None:
    for _ in range(12):
        limit.count("a")
    with pytest.raises(NotifyError):
        limit.check("a")


def test_memory_is_bounded(limit: RateLimit, monkeypatch: Any) -> None:
    monkeypatch.setattr(rate_limits, "KEYS_REMEMBERED", 3)
    for key in "abcd":
        limit.count(key)
    assert list(limit._counts) == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("9.9.9.9", "1.1.1.1", [], "9.9.9.9"),
        ("10.0.0.1", "1.1.1.1", ["10.0.0.1"], "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", ["10.0.0.1"], "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", ["10.0.0.0/8"], "1.1.1.1"),
        ("10.0.0.1", "not an address", ["10.0.0.1"], "10.0.0.1"),
        ("10.0.0.1", "", ["10.0.0.1"], "10.0.0.1"),
        ("::ffff:10.0.0.1", "1.1.1.1", ["10.0.0.1"], "1.1.1.1"),
        ("2001:db8::1", "2001:db8:5::7", ["2001:db8::1"], "2001:db8:5::7"),
    ],
)
def test_address_is_told_by_trusted_proxies_alone(
    settings: Any, peer: str, forwarded: str, proxies: list[str], address: str
) -> None:
    settings.GALLERY_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=peer)
    scope = {"client": [peer, 1234], "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert client_address(request) == client_address(scope) == address


def test_logins_from_one_ipv6_network_count_together(settings: Any) -> None:
    settings.GALLERY_TRUSTED_PROXIES = []
    keys = {login_key({"client": [f"2001:db8:1:2::{last}", 1]}) for last in (1, 2, 3)}
    assert keys == {"2001:db8:1:2::/64"}
