"""How each fault of the plan is carried out."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from tests.chaos.plan import Fault
from tests.chaos.stand import Stand

FILE_LIMIT = 64 * 1024  # bytes; less than any database or its log has by then
REFUSAL_SECONDS = 60.0  # until a worker has met it
DISK_FULL = ("disk I/O error", "disk is full")
READ_ONLY = ("read-only transaction",)


def gives_reason(logs: Sequence[str], reasons: Sequence[str]) -> bool:
    """Whether a server says that it refused requests, and that one of these was why."""
    lines = [
        line for log in logs for line in log.splitlines() if "Requests are refused because of the database" in line
    ]
    return any(reason in line for line in lines for reason in reasons)


class Faults:
    """Each method breaks something and puts it right again, and returns when that is done.

    A killed server is started again in the background, as its supervisor would: the others go on meanwhile.
    """

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.counts: Counter[str] = Counter()
        self.chance = random.Random(f"{stand.seed} faults")
        self._revivals: dict[int, asyncio.Task[None]] = {}

    async def carry_out(self, fault: Fault) -> None:
        await getattr(self, fault.kind)(fault)
        self.counts["kills" if fault.kind == "kill_server" else fault.kind] += 1

    async def all_alive(self) -> None:
        """Every server that was killed serves again."""
        await asyncio.gather(*self._revivals.values())

    async def kill_server(self, fault: Fault) -> None:
        server = self.stand.servers[fault.server]
        if revival := self._revivals.pop(fault.server, None):
            await revival
        if fault.moment == "commit":
            await self._next_send()
            await asyncio.sleep(self.chance.uniform(0, 0.015))
        elif fault.moment == "catch-up":
            self.stand.proxies["pages"].cut()
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        await asyncio.to_thread(server.kill)
        self._revivals[fault.server] = asyncio.ensure_future(self._revive(fault.server))

    async def _next_send(self) -> None:
        """A worker has just put a frame on its way."""
        sent = asyncio.Event()
        for worker in self.stand.workers:
            worker.on_send = sent.set
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await sent.wait()

    async def _revive(self, number: int) -> None:
        while True:  # without a database it ends at once, with a sentence; a supervisor starts it again
            try:
                await asyncio.to_thread(self.stand.servers[number].start)
                return
            except RuntimeError:
                await asyncio.sleep(0.5)

    async def kill_task_worker(self, fault: Fault) -> None:
        """While it is at an action, if there is one."""
        worker = self.stand.task_worker
        assert worker is not None
        if worker.process is not None and worker.process.is_alive:
            await asyncio.to_thread(worker.kill)

    async def cut_pages(self, fault: Fault) -> None:
        self.stand.proxies["pages"].cut()

    async def cut_all(self, fault: Fault) -> None:
        for name in ("pages", "workers"):
            self.stand.proxies[name].cut()

    async def cut_database(self, fault: Fault) -> None:
        await self._next_send()
        self.stand.proxies["database"].cut()

    async def slow_network(self, fault: Fault) -> None:
        ways = [self.stand.proxies[name] for name in ("pages", "workers")]
        for way in ways:
            way.delay = self.chance.uniform(0.02, 0.15)
        await asyncio.sleep(fault.seconds)
        for way in ways:
            way.delay = 0.0

    async def swallow_network(self, fault: Fault) -> None:
        """Connections that look open and pass nothing; then they break."""
        ways = list(self.stand.proxies.values())
        for way in ways:
            way.is_open.clear()
        await asyncio.sleep(fault.seconds)
        for way in ways:
            way.cut()
            way.is_open.set()

    async def freeze_viewers(self, fault: Fault) -> None:
        sleepy = self.stand.audiences[1]
        sleepy.send_signal(signal.SIGSTOP)
        await asyncio.sleep(fault.seconds)
        sleepy.send_signal(signal.SIGCONT)

    async def stop_redis(self, fault: Fault) -> None:
        redis = self.stand.redis
        assert redis is not None and redis.process is not None
        await asyncio.to_thread(redis.process.kill)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(redis.start)

    async def freeze_redis(self, fault: Fault) -> None:
        """It is there, takes what it is sent, and answers nothing."""
        redis = self.stand.redis
        assert redis is not None and redis.process is not None
        redis.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(fault.seconds)
        redis.process.send_signal(signal.SIGCONT)

    async def kill_postgres(self, fault: Fault) -> None:
        await self._end_postgres(fault, signal.SIGKILL)

    async def stop_postgres(self, fault: Fault) -> None:
        await self._end_postgres(fault, signal.SIGINT)  # its fast shutdown: sessions are ended, nothing waits

    async def _end_postgres(self, fault: Fault, number: int) -> None:
        postgres = self.stand.postgres
        assert postgres is not None and postgres.process is not None
        if number == signal.SIGKILL:
            await self._next_send()
        await asyncio.to_thread(postgres.process.stop, number)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(postgres.start)

    async def fill_disk(self, fault: Fault) -> None:
        """No file of any server may grow beyond a size that it has already."""
        logs = max(len(server.log) for server in self.stand.servers)  # they are to go on saying why
        self._limit_files((max(FILE_LIMIT, logs + FILE_LIMIT // 2), resource.RLIM_INFINITY))
        await self._until_refused(DISK_FULL)
        await asyncio.sleep(fault.seconds)
        self._limit_files((resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    async def refuse_writes(self, fault: Fault) -> None:
        """PostgreSQL answers, and takes nothing."""
        postgres = self.stand.postgres
        assert postgres is not None
        await asyncio.to_thread(postgres.refuse_writes, True)
        await self._until_refused(READ_ONLY)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(postgres.refuse_writes, False)

    async def _until_refused(self, reasons: tuple[str, ...]) -> None:
        """A worker was told ``unavailable``, and a server has said that this is why."""
        said = [len(server.log) for server in self.stand.servers]
        told = sum(worker.unavailable for worker in self.stand.workers)
        try:
            async with asyncio.timeout(REFUSAL_SECONDS):
                while not (
                    sum(worker.unavailable for worker in self.stand.workers) > told
                    and gives_reason([s.log[n:] for s, n in zip(self.stand.servers, said, strict=True)], reasons)
                ):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            logs = [server.log[-1000:] for server in self.stand.servers]
            raise AssertionError(f"Nobody was refused because of {reasons}: {logs}") from None

    def _limit_files(self, limits: tuple[int, int]) -> None:
        for server in self.stand.servers:
            if server.is_alive and server.process is not None:
                with suppress(ProcessLookupError):
                    resource.prlimit(server.process.popen.pid, resource.RLIMIT_FSIZE, limits)
