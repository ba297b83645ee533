"""The services of compose.yaml on this machine: their own commands, in their own environment, on free loopback ports.

What differs from Docker: hosts and ports come from the variables that the file offers for them, the containers' folders
lie below a temporary one, and what the PostgreSQL and nginx images do before their command is done here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.backstage import Backstage
from tests.deploy import compose_file
from tests.deploy.docker import DockerCommand
from tests.servers import START_SECONDS, Process, find_program, free_port, wait_until

STOP_SIGNALS = {"postgres": signal.SIGINT, "nginx": signal.SIGQUIT}  # of the images; all others: SIGTERM
CONTAINER_FOLDERS = re.compile(r"(?<![\w./])(/data|/etc/nginx|/run|/var/lib/postgresql/data)(?![\w.])")
PROJECT = "/darkroom"


def _ports() -> dict[str, str]:
    loopback = "127.0.0.1"
    hosts = ("POSTGRES_HOST", "REDIS_HOST", "SERVER_HOST", "SERVER_1_ADDRESS", "SERVER_2_ADDRESS", "NGINX_HOST")
    ports = ("POSTGRES_PORT", "REDIS_PORT", "SERVER_1_PORT", "SERVER_2_PORT", "NGINX_PORT")
    return dict.fromkeys((*hosts, "NGINX_ADDRESS"), loopback) | {name: str(free_port()) for name in ports}


class Address:
    """Where a server process, or nginx, is reached."""

    def __init__(self, port: str) -> None:
        self.port = int(port)
        self.http, self.ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"


class Stack:
    """``up()``, and the services can be stopped, killed and started one by one."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="darkroom-compose-"))
        self.folder.chmod(0o755)  # PostgreSQL is another user's process
        self.variables = _ports() | {"SECRET_KEY": "behind nginx", "POSTGRES_PASSWORD": "opensesame"} | settings
        self.services = compose_file.interpolate(compose_file.load()["services"], self.variables)
        self.processes: dict[str, Process] = {}
        self.home = self.folder / PROJECT.strip("/")
        for folder in (self.home, *(Path(self.place(name)) for name in ("/data", "/etc/nginx", "/run"))):
            folder.mkdir(parents=True)
        compose_file.build_tree(self.home)
        self.docker = DockerCommand(self)

    @property
    def nginx(self) -> Address:
        return Address(self.variables["NGINX_PORT"])

    @property
    def servers(self) -> tuple[Address, Address]:
        return Address(self.variables["SERVER_1_PORT"]), Address(self.variables["SERVER_2_PORT"])

    def place(self, text: str) -> str:
        """A container's folders, wherever they are named, below the stack's own."""
        return CONTAINER_FOLDERS.sub(lambda found: f"{self.folder}{found[1]}", text)

    def environment(self, service: str) -> dict[str, str]:
        """What a command of that service finds in its environment, and nothing of this machine's but the path."""
        binaries = [Path(sys.executable).parent, Path(find_program("initdb") or "/").parent, "/usr/sbin"]
        said = {name: self.place(str(value)) for name, value in self.services[service].get("environment", {}).items()}
        image = compose_file.image_environment() if self._is_ours(service) else {}
        path = os.pathsep.join([*map(str, binaries), os.environ["PATH"]])
        return {"PATH": path, "HOME": str(self.folder), "PGHOST": str(self.folder)} | image | said

    def up(self) -> None:
        """All services, each after what it depends on."""
        for service in self.services:
            self.start(service)
        for service in self.services:
            self.wait_for(service, "service_healthy")

    def start(self, service: str, *, alone: bool = False) -> None:
        """After what it depends on, unless it shall be ``alone``."""
        if self.is_alive(service):
            return
        for other, dependency in () if alone else self.services[service].get("depends_on", {}).items():
            self.start(other)
            self.wait_for(other, dependency["condition"])
        if prepare := getattr(self, f"_prepare_{service}", None):
            prepare()
        command = [self.place(part) for part in self.services[service]["command"]]
        user = "postgres" if service == "postgres" and os.geteuid() == 0 else ""
        if service == "migrate" and service in self.processes:  # has done its work, as Compose knows too
            return
        self.processes[service] = Process(
            command, self.log_file(service), env=self.environment(service), user=user, cwd=self.home
        )

    def run(self, service: str) -> int:
        """A one-shot service once more."""
        self.processes.pop(service, None)
        self.start(service)
        return self.processes[service].popen.wait(START_SECONDS)

    def wait_for(self, service: str, condition: str) -> None:
        process = self.processes[service]
        if condition == "service_completed_successfully" or self.services[service].get("restart") == "no":
            code = process.popen.wait(START_SECONDS)
            assert code == 0, self.log(service)[-3000:]
        elif test := self.services[service].get("healthcheck", {}).get("test"):
            assert test[0] == "CMD"
            process.wait_for(lambda: self.is_healthy(service), f"{service} to be healthy")

    def is_healthy(self, service: str) -> bool:
        """What its healthcheck says, asked by its own command."""
        command = [self.place(part) for part in self.services[service]["healthcheck"]["test"][1:]]
        done = subprocess.run(command, env=self.environment(service), cwd=self.home, capture_output=True, timeout=30)
        return done.returncode == 0

    def is_alive(self, service: str) -> bool:
        return service in self.processes and self.processes[service].is_alive

    def stop(self, service: str) -> float:
        """As Compose does; returns the seconds that it took."""
        since = time.monotonic()
        if self.is_alive(service):
            self.processes[service].stop(STOP_SIGNALS.get(service, signal.SIGTERM))
        return time.monotonic() - since

    def wait_for_both(self) -> None:
        """Until nginx sends requests to both server processes: one that was away is asked again only after a while."""

        def are_asked() -> bool:
            read = len(self.log("nginx"))
            for _ in range(4):
                httpx.get(f"{self.nginx.http}/healthz", timeout=10)
            said = self.log("nginx")[read:]
            return all(f"via 127.0.0.1:{server.port}" in said for server in self.servers)

        wait_until(are_asked, what="both server processes to be asked")

    def reload_nginx(self) -> None:
        command = [*map(self.place, ("nginx", "-c", "/etc/nginx/nginx.conf")), "-s", "reload"]
        subprocess.run(command, env=self.environment("nginx"), check=True, capture_output=True)

    def log_file(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def log(self, service: str) -> str:
        return self.log_file(service).read_text()

    def backstage(self) -> Backstage:
        """A process in the servers' settings."""
        return Backstage(self.environment("server1"), self.folder / "backstage.log")

    def remove(self) -> None:
        for service in reversed(self.processes):
            if service == "postgres":  # killed, it would leave its shared memory behind
                self.processes[service].stop(signal.SIGQUIT)
            self.processes[service].kill()
        self.docker.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_ours(self, service: str) -> bool:
        return "build" in self.services[service]

    def _prepare_postgres(self) -> None:
        """What the image does with an empty volume."""
        env = self.environment("postgres")
        data = Path(env["PGDATA"])
        if data.exists():
            return
        data.mkdir(parents=True)
        password = self.folder / "password"
        password.write_text(env["POSTGRES_PASSWORD"])
        as_user: dict[str, Any] = {"env": env, "cwd": "/", "check": True, "capture_output": True}
        if os.geteuid() == 0:
            as_user["user"] = "postgres"
            for path in (data, self.folder):  # its socket lies beside the others' folders
                shutil.chown(path, "postgres")
        options = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}", "--no-sync", "-E", "UTF8"]
        subprocess.run(["initdb", "-U", env["POSTGRES_USER"], "--locale=C.UTF-8", *options], **as_user)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(f"unix_socket_directories = '{self.folder}'\n")
        statement = f"CREATE DATABASE {env['POSTGRES_DB']}\n".encode()
        subprocess.run(["postgres", "--single", "-D", str(data), "postgres"], input=statement, **as_user)

    def _prepare_nginx(self) -> None:
        """The image's envsubst: every template, with the variables whose names pass the filter."""
        env = self.environment("nginx")
        wanted = re.compile(env["NGINX_ENVSUBST_FILTER"])
        for volume in self.services["nginx"]["volumes"]:
            source, target, *_ = volume.split(":")
            assert target.startswith("/etc/nginx/templates/") and target.endswith(".template")
            text = (compose_file.ROOT / source).read_text()
            for name, value in env.items():
                text = text.replace(f"${{{name}}}", value) if wanted.search(name) else text
            result = Path(env["NGINX_ENVSUBST_OUTPUT_DIR"]) / Path(target).name.removesuffix(".template")
            result.write_text(self.place(text))
