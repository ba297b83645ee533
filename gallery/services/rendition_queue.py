"""Which videos wait for a version that browsers play. The row says so, so what a queue loses is asked for again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from gallery.media.probe import MediaFacts
from gallery.models import Item
from gallery.task_queue import enqueue_on_commit

TASK = "render_item"
ASK_AGAIN_AFTER = timedelta(hours=1)  # where nobody has begun
BEGUN_FOR = timedelta(minutes=2)  # without a word from whoever has: it was killed
AT_ONCE = 100


def ask_for_rendition(item: Item, facts: MediaFacts) -> None:
    """Have a version made once the item is committed, where its new file needs one."""
    needs = facts.kind == "video" and not facts.plays
    item.rendition_due_at = timezone.now() + ASK_AGAIN_AFTER if needs else None
    if needs:
        enqueue_on_commit(TASK, item.id)


def ask_again_for_renditions(now: datetime) -> None:
    """Those whose worker is gone, or whose turn never came; called every minute in each process."""
    due = Item.objects.with_trash().filter(rendition_due_at__lte=now)
    for item_id in due.values_list("id", flat=True)[:AT_ONCE]:
        with transaction.atomic():  # the update decides which process asks
            if due.filter(id=item_id).update(rendition_due_at=now + ASK_AGAIN_AFTER):
                enqueue_on_commit(TASK, item_id)
