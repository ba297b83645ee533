"""Programs that watch a generator and say in a gallery what it does."""

from __future__ import annotations
