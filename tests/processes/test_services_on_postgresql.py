"""The services write their rows with statements of their own per database: their tests hold on PostgreSQL, too."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import ROOT, PostgreSQL

NAMES = ("items", "batches", "slots", "locks", "trash", "folder_trees", "due")
FILES = [f"tests/services/test_{name}.py" for name in NAMES]
FILES += ["tests/ingest/test_idempotency.py", "tests/api/test_many.py", "tests/search/test_find.py"]


def test_services_and_doors_on_postgresql(postgres: PostgreSQL) -> None:
    env = {**os.environ, "DATABASE_URL": postgres.create("services")}
    env.pop("DATA_DIR", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *FILES]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
