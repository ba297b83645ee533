"""The project's settings for its tests: the same, with a key, a folder of its own and quick passwords."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("SECRET_KEY", "tests")
if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="darkroom-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from gallery_project.settings import *  # noqa: F403  (all of them, whatever they are)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
