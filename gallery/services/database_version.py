"""One small question that says whether anybody has written since it was last asked."""

from __future__ import annotations

from django.db import connection

QUESTIONS = {
    # Counts the commits of all other connections, of any process, to this file.
    "sqlite": "PRAGMA data_version",
    # Which transactions are seen: another one for each that has written and ended, anywhere in this cluster.
    "postgresql": "SELECT pg_current_snapshot()::text",
}

Version = tuple[object, object]


def database_version() -> Version | None:
    """Another one whenever another connection has written; None on a database where nobody can tell.

    Each connection counts for itself, and its own writes may not show: ask on one that never writes, or forget the
    answer after writing.
    """
    question = QUESTIONS.get(connection.vendor)
    if question is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(question)
        [version] = cursor.fetchone()
    return connection.connection, version
