"""One transaction of the gallery: which folders it locks, which rows it read, and what it will write.

Here is the only line that counts a folder's revision up. It is the transaction's first statement: the row lock that
it takes makes the order of revisions and the order of commits the same, per folder, on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.utils.translation import gettext_lazy as _

from gallery import outages
from gallery.contract.errors import NotifyError
from gallery.services.change import Change, NothingChanged
from gallery.services.needs import Needs

T = TypeVar("T")

ATTEMPTS = 3
RETRY_AFTER_SECONDS = 2
TRY_AGAIN_STATES = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
UNAVAILABLE = _("The database did not take it. Nothing was kept; send it again.")


class _OtherFolderNeeded(Exception):
    """A row had moved between the first look and the lock: start again with the full set of folders."""


def take_revision(folder_id: str) -> int | None:
    """Count the folder's revision up and hold its row until the commit; None: there is no such folder."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gallery_folder SET revision = revision + 1 WHERE id = %s RETURNING revision", [folder_id]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def give_back_revision(folder_id: str) -> None:
    """Undo ``take_revision`` in the same transaction, where it turned out that nothing changed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE gallery_folder SET revision = revision - 1 WHERE id = %s", [folder_id])


def transact(needs: Needs, work: Callable[[Change], T]) -> T:
    """Run ``work`` in one transaction that holds every folder it touches, then write and ring.

    Inside a caller's own transaction it joins that one and nothing is tried again. Raises ``NotifyError``
    ``unavailable`` where the database does not take it.
    """
    with database_errors():
        folder_ids = needs.find_folders()
        attempts = 1 if connection.in_atomic_block else ATTEMPTS
        while True:
            attempts -= 1
            try:
                result = _attempt(needs, folder_ids, work)
                outages.requests.end()
                return result
            except _OtherFolderNeeded as other:
                folder_ids = folder_ids | other.args[0]
                attempts += 1
            except (OperationalError, IntegrityError) as error:
                if attempts <= 0 or not _worth_another_try(error):
                    raise


def _attempt(needs: Needs, folder_ids: set[str], work: Callable[[Change], T]) -> T:
    result: list[T] = []
    try:
        with transaction.atomic():
            revisions = {folder_id: take_revision(folder_id) for folder_id in sorted(folder_ids)}
            change = Change({key: value for key, value in revisions.items() if value is not None}, needs)
            if missing := change.folders_of_rows() - set(revisions):
                raise _OtherFolderNeeded(missing)
            result.append(work(change))
            for folder_id in change.write():
                give_back_revision(folder_id)
    except NothingChanged:  # rolls back the revisions that were taken for nothing
        pass
    return result[0]


def _worth_another_try(error: DatabaseError) -> bool:
    if isinstance(error, IntegrityError):  # somebody was quicker with the same id: read again, and answer from that
        return True
    return getattr(error.__cause__, "sqlstate", None) in TRY_AGAIN_STATES


@contextmanager
def database_errors() -> Iterator[None]:
    """Say a database's refusal in the contract's words; a connection that broke is dropped, not used again."""
    try:
        yield
    except DataError as error:
        raise NotifyError("invalid", _("The database cannot store one of the values.")) from error
    except IntegrityError as error:
        raise NotifyError("conflict", _("One of the ids is taken.")) from error
    except (OperationalError, InterfaceError, InternalError) as error:  # the last: one that has become a standby
        outages.requests.report(error)
        if not connection.in_atomic_block:
            connection.close()
        raise NotifyError("unavailable", UNAVAILABLE, retry_after=RETRY_AFTER_SECONDS) from error
