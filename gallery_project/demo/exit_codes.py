"""What the worker's end means to whoever started it."""

from __future__ import annotations

TOKEN_REFUSED = 3  # starting it again with the same token helps nobody
