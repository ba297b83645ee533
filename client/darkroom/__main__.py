"""``python -m darkroom``: the same as ``darkroom``."""

from __future__ import annotations

import sys

from darkroom.cli import main

if __name__ == "__main__":
    sys.exit(main())
