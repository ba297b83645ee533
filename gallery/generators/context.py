"""What a run is given: whom it works for, what was selected and asked, and how it says what happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gallery.access import Sender
from gallery.conf import conf
from gallery.contract.receipts import Receipt
from gallery.ingest.python import push
from gallery.media.incoming import receive
from gallery.models import Batch, Folder, GeneratorRun, Item
from gallery.services.generator_runs import count_done
from gallery.services.media import store_media, store_preview
from gallery.services.stored_files import incoming_directory, look_into

CHUNK_BYTES = 1024 * 1024
LOOK_SECONDS = 0.5  # how often it is asked whether somebody has cancelled


class Cancelled(Exception):
    """Somebody has cancelled the batch: nothing more is to be done or said."""


class Context:
    """One run of a generator.

    ``batch`` is the batch that was started for it, ``folder`` where it lies, ``user`` whose rights it has, ``items``
    what was selected, ``options`` the form's cleaned data.
    """

    def __init__(self, batch: Batch, user: Any, items: Sequence[Item], options: dict[str, Any]) -> None:
        self.batch = batch
        self.folder: Folder = batch.folder
        self.user = user
        self.items = list(items)
        self.options = options
        self.sender = Sender(user=user)
        self._looked_at = float("-inf")
        self._is_cancelled = False

    def notify(self, event: str, **payload: Any) -> Receipt:
        """One event of docs/contract.md, with the person's rights; ``batchId`` is added where it belongs.

        Raises ``NotifyError`` where it is refused, and ends the run where the batch was cancelled.
        """
        if self.cancelled:
            raise Cancelled
        if event.startswith("batch:"):
            payload = {"batchId": self.batch.id} | payload
        return push(event, payload, None, "python", self.sender)

    def add_item(self, name: str, type: str = "image", **fields: Any) -> str:
        """A developing item in the place of the next sheet of paper; returns its id."""
        item = {"name": name, "type": type, "isPending": True} | fields
        receipt = self.notify("batch:progress", item=item)
        assert receipt.item_id is not None
        return receipt.item_id

    def put_media(self, item_id: str, data: bytes | Path, content_type: str, filename: str = "") -> None:
        """The finished file of an item. Raises ``NotifyError`` for what cannot be read."""
        if self.cancelled:
            raise Cancelled
        temporary = receive(_chunks(data), incoming_directory(), limit=conf.MAX_FILE_BYTES)
        try:
            store_media(self.sender, item_id, temporary, look_into(temporary, content_type, filename))
        finally:
            temporary.unlink(missing_ok=True)

    def put_preview(self, item_id: str, data: bytes) -> None:
        """What the item looks like so far: JPEG, PNG or WebP, 512 KiB at most."""
        if self.cancelled:
            raise Cancelled
        store_preview(self.sender, item_id, data)

    def count(self, *, done: int = 0, failed: int = 0) -> None:
        """So many more are finished; only for a generator whose ``makes_items`` is False."""
        if self.cancelled:
            raise Cancelled
        count_done(self.sender, self.batch.id, done=done, failed=failed)

    @property
    def cancelled(self) -> bool:
        """Whether somebody has cancelled the batch or asked for it again, or its folder is gone.

        Asked twice a second at most.
        """
        if not self._is_cancelled and time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = time.monotonic()
            status = Batch.objects.filter(id=self.batch.id).values_list("status", flat=True).first()
            is_superseded = not GeneratorRun.objects.filter(pk=self.batch.id).exists()
            self._is_cancelled = status in (None, Batch.Status.CANCELLED) or is_superseded
        return self._is_cancelled


def _chunks(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
    else:
        with data.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
