"""What is put to the test: server processes on one database, their proxies, the workers and the viewers."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path
from typing import Any

from tests.backstage import Backstage
from tests.chaos.audience_process import Audience
from tests.chaos.ledger import LedgerFile
from tests.chaos.proxy import Proxy
from tests.chaos.script import say_batches
from tests.chaos.sweeping import END_SECONDS, ITEMS, Sweeper
from tests.chaos.tidying import Shares, Tidier
from tests.chaos.worker import ChaosWorker
from tests.clients import sign_in
from tests.servers import (
    PostgreSQL,
    Redis,
    Server,
    TaskWorker,
    free_port,
    run_command,
    server_environment,
)

KINDS = ("daphne", "uvicorn")
FOLDERS = 2
WORKERS = 4
TIDIERS = 2
VIEWERS = 4  # of each of two processes; the second process is the one that is frozen


class Stand:
    """Everything of one run. ``database`` is ``postgres`` (with Redis) or ``sqlite`` (without)."""

    def __init__(self, database: str, seed: int, folder: Path) -> None:
        self.database, self.seed, self.folder = database, seed, folder
        self.postgres: PostgreSQL | None = None
        self.redis: Redis | None = None
        self.servers: list[Server] = []
        self.workers: list[ChaosWorker] = []
        self.tidiers: list[Tidier | Sweeper] = []
        self.audiences: list[Audience] = []
        self.proxies: dict[str, Proxy] = {}
        self.is_over = asyncio.Event()
        self.task_worker: TaskWorker | None = None
        self._work: list[asyncio.Task[None]] = []
        self._supervision: asyncio.Task[None] | None = None
        self.backstage: Backstage | None = None
        self._at_backstage = asyncio.Lock()

    async def open(self) -> None:
        settings = {"STALLED_AFTER": "3600"}
        self.direct_env = server_environment(self.folder, **settings)
        if self.database == "postgres":
            self.postgres = await asyncio.to_thread(PostgreSQL)
            await asyncio.to_thread(self.postgres.start)
            self.redis = Redis(self.folder, free_port())
            await asyncio.to_thread(self.redis.start)
            url = await asyncio.to_thread(self.postgres.create, "chaos")
            self.proxies["database"] = await Proxy(lambda: [self.postgres.port] if self.postgres else []).start()
            self.proxies["redis"] = await Proxy(lambda: [self.redis.port] if self.redis else []).start()
            self.direct_env["DATABASE_URL"] = url
            settings["DATABASE_URL"] = url.replace(str(self.postgres.port), str(self.proxies["database"].port))
            settings["REDIS_URL"] = f"redis://127.0.0.1:{self.proxies['redis'].port}/0"
        self.env = server_environment(self.folder, **settings)
        await asyncio.to_thread(run_command, self.direct_env, "migrate", "--verbosity", "0")
        self.backstage = Backstage(self.direct_env, self.folder / "backstage.log")
        await self.call("make_people")
        self.servers = [Server(kind, self.env, self.folder) for kind in KINDS]
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in self.servers))
        for name in ("pages", "workers"):
            self.proxies[name] = await Proxy(lambda: [server.port for server in self.servers]).start()
        self.folder_ids = [await self.call("make_folder") for _ in range(FOLDERS)]
        self.task_worker = TaskWorker(self.env, self.folder)
        self._supervision = asyncio.ensure_future(self._supervise_task_worker())
        await self._let_tidy()
        await self._invite()

    async def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        """Backstage, past the proxies; the loop goes on meanwhile, or the proxies would stand still."""
        assert self.backstage is not None
        async with self._at_backstage:
            return await asyncio.to_thread(self.backstage.call, function, *arguments, **named)

    async def _invite(self) -> None:
        self.cookies = cookies = await asyncio.to_thread(sign_in, self.servers[0], "bob")
        pages, workers = self.proxies["pages"].port, self.proxies["workers"].port
        for group in ("steady", "sleepy"):
            seats = [
                (f"{group}-{number}", self.folder_ids[number % FOLDERS], number >= VIEWERS // 2)
                for number in range(VIEWERS)
            ]
            config = {"http": f"http://127.0.0.1:{pages}", "cookies": cookies, "seed": self.seed, "viewers": seats}
            self.audiences.append(Audience(config, self.folder / f"{group}.log"))
        self.tokens = []
        for number in range(WORKERS):
            folder_id = self.folder_ids[number % FOLDERS]
            self.tokens.append(await self.call("make_token", folder_id=folder_id))
            name = f"w{number}"
            ledger = LedgerFile(self.folder / f"{name}.ledger")
            script = say_batches(name, folder_id, random.Random(f"{self.seed} script {name}"))
            chance = random.Random(f"{self.seed} {name}")
            worker = ChaosWorker(f"ws://127.0.0.1:{workers}", self.tokens[-1][1], ledger, script, chance)
            self.workers.append(worker)
            self._work.append(asyncio.ensure_future(worker.work(self.is_over)))

    async def _let_tidy(self) -> None:
        cookies = await asyncio.to_thread(sign_in, self.servers[0], "erin")
        base = f"http://127.0.0.1:{self.proxies['pages'].port}"
        await self.call("make_items", self.folder_ids[0], ITEMS)
        item_ids = [row["id"] for row in await self.call("rows", "Item", ["id"], folder=self.folder_ids[0])]
        for number in range(TIDIERS):
            chance = random.Random(f"{self.seed} tidier {number}")
            shares = Shares(number, TIDIERS, frozenset(item_ids))
            self.tidiers.append(Tidier(base, cookies, self.folder_ids, shares, chance))
        self.tidiers.append(Sweeper(base, cookies, self.folder_ids, item_ids, self.call))
        self._work += [asyncio.ensure_future(tidier.work(self.is_over)) for tidier in self.tidiers]

    async def _supervise_task_worker(self) -> None:
        """It is started again whenever it has ended: killed, or since its database was."""
        assert self.task_worker is not None
        while True:
            if self.task_worker.process is None or not self.task_worker.process.is_alive:
                self.task_worker.start()
            await asyncio.sleep(0.5)

    @property
    def acknowledged(self) -> int:
        return sum(len(worker.ledger.receipts) for worker in self.workers)

    async def end_work(self) -> None:
        """The workers say what is open, and no more; what was begun in the background is seen to its end."""
        self.is_over.set()
        async with asyncio.timeout(END_SECONDS):
            await asyncio.gather(*self._work)

    async def close(self) -> None:
        background = [*self._work, *([self._supervision] if self._supervision else [])]
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        for audience in self.audiences:
            audience.send_signal(signal.SIGCONT)
            audience.close()
        for tidier in self.tidiers:
            await tidier.close()
        for server in (*self.servers, self.task_worker):
            if server is not None and server.process is not None:
                server.process.kill()
        for proxy in self.proxies.values():
            await proxy.close()
        if self.backstage is not None:
            self.backstage.close()
        for worker in self.workers:
            worker.ledger.close()
        if self.redis is not None and self.redis.process is not None:
            self.redis.process.send_signal(signal.SIGCONT)
            self.redis.process.kill()
        if self.postgres is not None:
            self.postgres.remove()
