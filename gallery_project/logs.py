"""What the project's log leaves out."""

from __future__ import annotations

import logging


class NotUnavailable(logging.Filter):
    """Django writes a line for each request that is answered 503; ``gallery.outages`` says once why."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503
