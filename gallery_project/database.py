"""Whether the database is there when a process starts, said in one sentence where it is not."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from django.db import InterfaceError, OperationalError, connection


def cannot_be_used(error: Exception) -> str:
    """The sentence, with the driver's reason; it holds no password."""
    [reason, *_] = str(error).strip().splitlines() or [type(error).__name__]
    return f"The database cannot be used ({reason.strip().rstrip('.')}). DATABASE_URL says where it is."


def require_database() -> None:
    """End the process with the sentence where no connection can be made: whoever supervises it tries again."""
    with ThreadPoolExecutor(1) as thread:  # some servers import the application inside their event loop
        problem = thread.submit(_problem).result()
    if problem:
        sys.exit(problem)


def _problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (InterfaceError, OperationalError) as error:
        return cannot_be_used(error)
    finally:
        connection.close()
    return ""
