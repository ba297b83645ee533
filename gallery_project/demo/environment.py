"""The demo's own settings: whatever database the shell points at, the demo does not touch it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR_VARIABLE = "DEMO_DATA_DIR"

# Of the project's settings, what says where things are kept and who may come in. The others are handed on.
OWN_SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "MEDIA_ROOT",
    "DATA_DIR",
    "TRUSTED_PROXIES",
    "DJANGO_SETTINGS_MODULE",
)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def default_data_dir() -> Path:
    return Path(os.environ.get(DATA_DIR_VARIABLE) or BASE_DIR / "var" / "demo")


def demo_environment(data_dir: Path, host: str) -> dict[str, str]:
    """The environment of the demo's processes; makes the data folder and its secret key where they are missing."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    hosts = ["localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host]
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    return environment | {
        "DJANGO_SETTINGS_MODULE": "gallery_project.settings",
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": _secret_key(data_dir / "secret-key"),
        "ALLOWED_HOSTS": "*" if host in ("0.0.0.0", "::") else ",".join(dict.fromkeys(hosts)),
        "PYTHONUNBUFFERED": "1",
    }


def ignored_settings(environment: Mapping[str, str]) -> list[str]:
    """Which of the demo's own settings somebody has set to something else."""
    return [name for name in OWN_SETTINGS if environment.get(name) and name != "DJANGO_SETTINGS_MODULE"]


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def _secret_key(path: Path) -> str:
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(50))
    return path.read_text().strip()
