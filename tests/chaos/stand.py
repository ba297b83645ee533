"""What is put to the test: server processes on one database, their proxies, the workers and the viewers."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.backstage import Backstage
from tests.chaos.ledger import LedgerFile
from tests.chaos.proxy import Proxy
from tests.chaos.script import say_batches
from tests.chaos.worker import ChaosWorker
from tests.clients import sign_in
from tests.servers import ROOT, PostgreSQL, Redis, Server, free_port, run_command, server_environment

KINDS = ("daphne", "uvicorn")
FOLDERS = 2
WORKERS = 4
VIEWERS = 4  # of each of two processes; the second process is the one that is frozen


class Audience:
    """A process of viewers."""

    def __init__(self, config: dict[str, Any], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.audience", json.dumps(config)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT,
            )  # fmt: skip
        self._lock = asyncio.Lock()
        self.log = log

    async def ask(self, word: str) -> dict[str, Any]:
        async with self._lock:
            return await asyncio.to_thread(self._ask, word)

    def _ask(self, word: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"The viewers have ended:\n{self.log.read_text()[-4000:]}")
        return json.loads(line)

    def send_signal(self, number: int) -> None:
        self.process.send_signal(number)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(20)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class Stand:
    """Everything of one run. ``database`` is ``postgres`` (with Redis) or ``sqlite`` (without)."""

    def __init__(self, database: str, seed: int, folder: Path) -> None:
        self.database, self.seed, self.folder = database, seed, folder
        self.postgres: PostgreSQL | None = None
        self.redis: Redis | None = None
        self.servers: list[Server] = []
        self.workers: list[ChaosWorker] = []
        self.audiences: list[Audience] = []
        self.proxies: dict[str, Proxy] = {}
        self.is_over = asyncio.Event()
        self._work: list[asyncio.Task[None]] = []
        self.backstage: Backstage | None = None

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
        await self._invite()

    async def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        """Backstage, past the proxies; the loop goes on meanwhile, or the proxies would stand still."""
        assert self.backstage is not None
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

    @property
    def acknowledged(self) -> int:
        return sum(len(worker.ledger.receipts) for worker in self.workers)

    async def end_work(self) -> None:
        """The workers say what is open, and no more."""
        self.is_over.set()
        async with asyncio.timeout(90):
            await asyncio.gather(*self._work)

    async def close(self) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        for audience in self.audiences:
            audience.send_signal(signal.SIGCONT)
            audience.close()
        for server in self.servers:
            if server.process is not None:
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
