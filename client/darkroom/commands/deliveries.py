"""Files into a batch, one after the other: what ``watch`` and ``run`` do with what they find."""

from __future__ import annotations

from pathlib import Path

from darkroom.async_batch import AsyncBatch
from darkroom.async_item import AsyncItem
from darkroom.commands.reporter import Reporter
from darkroom.errors import Refused
from darkroom.files import content_type_of, item_type_of


async def deliver(batch: AsyncBatch, path: Path, name: str, item_id: str, report: Reporter) -> bool:
    """The file as an item of the batch. False where the gallery does not take it, which is said."""
    kind = item_type_of(content_type_of(path.name))
    item: AsyncItem = batch.item(name, id=item_id, type=kind)  # type: ignore[arg-type]
    try:
        async with item:
            await item.finish(path)
        await batch.gallery.flush()  # whoever notes that it is there must not be wrong
    except Refused as refusal:
        if batch.refusal is not None:  # then it is not the file's fault
            raise batch.refusal from refusal
        report.say("refused", f"{name}: {refusal}", path=str(path), item=item_id, code=refusal.code)
        return False
    report.say("item", f"{name} is in the gallery.", path=str(path), item=item_id)
    return True
