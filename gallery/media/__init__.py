"""Files: taken in, looked into, made small, served. No models and no permissions in here."""

from __future__ import annotations
