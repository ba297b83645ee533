"""The project's settings for its tests: the same, with a key, a folder of its own and quick passwords."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="darkroom-tests-"))

from gallery_project.settings import *  # noqa: F403  (all of them, whatever they are)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
