"""How much one token or one address may ask for. Counted in each server process by itself, in bounded memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gallery.conf import conf
from gallery.contract.errors import NotifyError

TOKEN_WINDOW_SECONDS = 10
LOGIN_WINDOW_SECONDS = 5 * 60
KEYS_REMEMBERED = 10_000  # the longest silent is forgotten first
IPV6_NETWORK_BITS = 64  # one household or server has all of such a network to itself


class RateLimit:
    """Counts per key over the last ``seconds``: this window's, and the share of the one before that still counts."""

    def __init__(self, setting: str, seconds: int, sentence: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.setting = setting
        self.seconds = seconds
        self.sentence = sentence
        self.clock = clock
        self._counts: OrderedDict[Any, tuple[int, int, int]] = OrderedDict()  # key → window, its count, the last one's
        self._mutex = threading.Lock()

    @property
    def limit(self) -> int:
        return getattr(conf, self.setting)

    def spend(self, key: Any, cost: int = 1) -> None:
        """Count ``cost``; raises ``rate_limited``, and counts nothing, where that is too much."""
        with self._mutex:
            window, count, before, passed = self._look(key)
            wait = self._wait(min(cost, self.limit), count, before, passed)
            if wait:
                self._refuse(wait)
            self._keep(key, window, count + cost, before)

    def check(self, key: Any) -> None:
        """Raise ``rate_limited`` where the key has nothing left to spend."""
        with self._mutex:
            _, count, before, passed = self._look(key)
            if wait := self._wait(1, count, before, passed):
                self._refuse(wait)

    def count(self, key: Any, cost: int = 1) -> None:
        """Count what has happened, whatever the limit."""
        with self._mutex:
            window, count, before, _ = self._look(key)
            self._keep(key, window, count + cost, before)

    def forget(self) -> None:
        """Begin anew, for tests."""
        with self._mutex:
            self._counts.clear()

    def _look(self, key: Any) -> tuple[int, int, int, float]:
        window, passed = divmod(self.clock(), self.seconds)
        known, count, before = self._counts.get(key, (0, 0, 0))
        if known == window:
            return int(window), count, before, passed
        return int(window), 0, count if known == window - 1 else 0, passed

    def _keep(self, key: Any, window: int, count: int, before: int) -> None:
        self._counts[key] = (window, count, before)
        self._counts.move_to_end(key)
        if len(self._counts) > KEYS_REMEMBERED:
            self._counts.popitem(last=False)

    def _wait(self, cost: int, count: int, before: int, passed: float) -> float:
        """Seconds until ``cost`` more fits; 0 when it does now."""
        free = self.limit - cost
        if count <= free:
            fades = self.seconds * (1 - (free - count) / before) if before else 0
            return max(0.0, fades - passed)
        return self.seconds - passed + max(0.0, self.seconds * (1 - free / count))

    def _refuse(self, wait: float) -> None:
        raise NotifyError("rate_limited", self.sentence, retry_after=max(1, math.ceil(wait)))


token_events = RateLimit("TOKEN_EVENTS", TOKEN_WINDOW_SECONDS, "This token has sent too many events. Wait a moment.")
token_requests = RateLimit("TOKEN_REQUESTS", TOKEN_WINDOW_SECONDS, "This token asks too often. Wait a moment.")
login_failures = RateLimit(
    "LOGIN_FAILURES", LOGIN_WINDOW_SECONDS, _("There were too many failed logins from your address. Wait some minutes.")
)


def login_key(source: HttpRequest | dict[str, Any]) -> str:
    """Under which failed logins of this request are counted: its address, or its network where that is IPv6."""
    address = _parse(client_address(source))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(address or "")


def client_address(source: HttpRequest | dict[str, Any]) -> str:
    """Whence a request or an ASGI scope comes; ``X-Forwarded-For`` is believed as far as trusted proxies wrote it."""
    if isinstance(source, HttpRequest):
        peer, forwarded = source.META.get("REMOTE_ADDR") or "", source.headers.get("X-Forwarded-For", "")
    else:
        peer = (source.get("client") or [""])[0] or ""
        lines = [value.decode("latin-1") for name, value in source.get("headers", []) if name == b"x-forwarded-for"]
        forwarded = ",".join(lines)
    address = peer
    for hop in reversed(forwarded.split(",")):
        said = _parse(hop)
        if said is None or not is_trusted_proxy(address):
            break
        address = str(said)
    return address


def is_trusted_proxy(address: str) -> bool:
    """Whether ``TRUSTED_PROXIES`` names it, so that what it says of a request's origin is believed."""
    # Behind a Unix socket there is no address: only the proxy can be there, but it has to be named all the same.
    parsed = _parse(address)
    for proxy in conf.TRUSTED_PROXIES:
        if proxy == address or (parsed is not None and "/" in proxy and parsed in ip_network(proxy, strict=False)):
            return True
        if parsed is not None and _parse(proxy) == parsed:
            return True
    return False


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
