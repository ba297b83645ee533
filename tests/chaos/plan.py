"""What shall happen: a plan of faults, made from a seed alone, so that a run can be told again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """``kind`` is a method of ``tests.chaos.faults.Faults``; ``server`` is which one; ``seconds`` how long it lasts.

    ``moment`` is when a server is killed (``any``, ``commit``, ``catch-up``), ``wait`` how long before the fault.
    """

    kind: str
    server: int = 0
    seconds: float = 0.0
    moment: str = "any"
    wait: float = 0.0

    def __str__(self) -> str:
        parts = [self.kind.replace("_", " ")]
        if self.kind == "kill_server":
            parts.append(f"{self.server} ({self.moment})")
        if self.seconds:
            parts.append(f"for {self.seconds:.1f} s")
        return " ".join(parts)


KILLS = [("kill_server", moment) for moment in ("any", "commit", "catch-up")]

# What happens in one round, before the seed has shuffled it.
ROUNDS: dict[str, list[tuple[str, str]]] = {
    "postgres": [
        *KILLS * 2,
        ("cut_pages", ""), ("cut_pages", ""), ("cut_pages", ""), ("cut_all", ""), ("cut_database", ""),
        ("stop_redis", ""), ("freeze_redis", ""), ("kill_postgres", ""), ("stop_postgres", ""),
        ("refuse_writes", ""), ("freeze_viewers", ""), ("slow_network", ""), ("swallow_network", ""),
        ("kill_task_worker", ""),
    ],
    "sqlite": [
        *KILLS, ("kill_server", "commit"), ("kill_server", "any"),
        ("cut_pages", ""), ("cut_pages", ""), ("cut_all", ""),
        ("fill_disk", ""), ("fill_disk", ""), ("freeze_viewers", ""), ("slow_network", ""),
        ("kill_task_worker", ""),
    ],
}  # fmt: skip

LASTS = {  # seconds, at least and at most
    "stop_redis": (0.3, 2.0),
    "freeze_redis": (0.5, 2.5),
    "kill_postgres": (0.2, 1.0),
    "stop_postgres": (0.2, 1.5),
    "freeze_viewers": (1.0, 3.0),
    "slow_network": (0.5, 1.5),
    "swallow_network": (0.5, 1.5),
    "fill_disk": (0.2, 1.0),
    "refuse_writes": (0.2, 1.0),
}


def make_plan(seed: int, database: str, rounds: int, servers: int = 2) -> list[Fault]:
    """The same for the same seed."""
    chance = random.Random(f"{seed} {database}")
    plan: list[Fault] = []
    for _ in range(rounds):
        faults = list(ROUNDS[database])
        chance.shuffle(faults)
        for kind, moment in faults:
            seconds = chance.uniform(*LASTS[kind]) if kind in LASTS else 0.0
            plan.append(Fault(kind, chance.randrange(servers), seconds, moment or "any", chance.uniform(0.1, 0.5)))
    return plan
