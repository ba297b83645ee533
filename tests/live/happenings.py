"""What may happen to a gallery and its pages, as hypothesis strategies, and how it is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from gallery.access import SITE, Sender
from gallery.contract.errors import NotifyError
from gallery.models import Membership
from gallery.services.batch_ends import cancel_batch
from gallery.services.edits import edit_item, retry_item
from gallery.services.folders import announce_access
from gallery.services.forgetting import forget
from gallery.services.locks import acquire_lock, release_lock
from gallery.services.sweep import sweep
from tests.checks import check_all
from tests.clock import Clock
from tests.factories import bring_back, make_folder, make_token, make_user, person, say_all, throw_away, worker
from tests.live.stage import Stage, Viewer

SECRET = "a-secret-prompt"
DEEDS = {
    "trash": throw_away,
    "restore": bring_back,
    "lock": acquire_lock,
    "unlock": release_lock,
    "retry": retry_item,
}
BATCHES = ("b0", "b1")
ITEMS = tuple(f"i{number}" for number in range(6))

batch_ids = st.sampled_from(BATCHES)
item_ids = st.sampled_from(ITEMS)
progress = st.one_of(st.none(), st.sampled_from([0, 33.3, 100]))
texts = st.sampled_from(["", "Sampling", "<b>&\"'", "ünïcode"])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any part of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


item_fields = some(
    thumbUrl=st.sampled_from(["/t.webp", "https://example.org/t?a=1&b=2"]),
    mediaUrl=st.just("/m.png"),
    isPending=st.booleans(),
    metadata=st.just({"prompt": SECRET}),
    duration=st.just(12.5),
    message=texts,
    estimatedTimeSeconds=st.sampled_from([5, 900]),
)
items = st.builds(
    lambda key, name, kind, rest: {"id": key, "name": name, "type": kind} | rest,
    item_ids,
    st.sampled_from(["Dawn", "<i>Dusk</i>", 'A "quoted" one']),
    st.sampled_from(["image", "video", "file"]),
    item_fields,
)
events = st.one_of(
    st.tuples(
        st.just("batch:start"),
        st.builds(
            lambda key, total: {"batchId": key, "total": total, "label": "<Run>"}, batch_ids, st.sampled_from([2, 5])
        ),
    ),
    st.tuples(
        st.just("batch:progress"),
        st.builds(
            lambda key, item, rest: {"batchId": key, "item": item} | rest,
            batch_ids,
            items,
            some(index=st.integers(0, 4)),
        ),
    ),
    st.tuples(
        st.just("batch:progress"),
        st.builds(
            lambda key, rest: {"batchId": key} | rest,
            batch_ids,
            some(index=st.integers(0, 4), progress=progress, message=texts, estimatedTimeSeconds=st.just(60)),
        ),
    ),
    st.tuples(
        st.just("batch:end"),
        st.builds(
            lambda key, status, message: {"batchId": key, "status": status, "message": message},
            batch_ids,
            st.sampled_from(["complete", "partial", "error", "cancelled"]),
            texts,
        ),
    ),
    st.tuples(
        st.just("item:update"),
        st.builds(
            lambda key, status, rest: {"itemId": key, "status": status} | rest,
            item_ids,
            st.sampled_from(["processing", "processing", "complete", "error"]),
            some(progress=progress, message=texts, item=some(mediaUrl=st.just("/m2.png"), name=st.just("Anew"))),
        ),
    ),
    st.tuples(st.just("item:remove"), st.builds(lambda key: {"itemId": key}, item_ids)),
    st.tuples(
        st.just("item:lock"), st.builds(lambda key, ttl: {"itemId": key, "ttlSeconds": ttl}, item_ids, st.just(60))
    ),
    st.tuples(st.just("item:unlock"), st.builds(lambda key: {"itemId": key}, item_ids)),
    st.tuples(
        st.just("system:message"),
        st.builds(lambda key: {"text": "<Hello>", "level": "info", "id": key}, st.sampled_from(["m0", "m1"])),
    ),
)
senders = st.sampled_from(["site", "alice", "alice", "erin", "bob", "stranger"])
arrays = st.tuples(st.just("say"), senders, st.lists(events, min_size=1, max_size=4))
by_hand = st.tuples(
    st.just("by hand"),
    st.sampled_from(["alice", "erin", "bob"]),
    st.sampled_from(["rename", "trash", "restore", "lock", "unlock", "retry", "cancel"]),
    st.integers(0, 5),
)
times = st.tuples(st.just("time"), st.sampled_from([1, 61, 150, 700, 1500, 25 * 3600]))
rights = st.tuples(st.just("rights"), st.booleans())
viewers = st.tuples(
    st.just("viewer"),
    st.integers(0, 3),
    st.sampled_from(
        ["load", "hang up", "connect", "read one", "read", "read", "acknowledge", "acknowledge", "type", "step", "step"]
    ),
)
server = st.tuples(st.sampled_from(["tick", "tick", "tick", "poll"]))
happenings = st.lists(
    st.one_of(arrays, arrays, arrays, by_hand, times, rights, viewers, viewers, server), min_size=15, max_size=40
)


class Play:
    """The people, their pages, and what happens to them."""

    def __init__(self, on_commit: list[Any], clock: Clock) -> None:
        self.clock = clock
        self.people = {name: make_user(name) for name in ("alice", "bob", "erin", "stranger")}
        self.people["alice"].is_staff = True
        folder = make_folder(self.people["alice"], viewer=self.people["bob"], editor=self.people["erin"])
        tokens = {name: make_token(user, folder=folder)[0] for name, user in self.people.items()}
        self.senders: dict[str, Sender] = {name: worker(token) for name, token in tokens.items()} | {"site": SITE}
        self.stage = Stage(folder, on_commit)
        people = self.people
        watching = ((people["alice"], ""), (people["bob"], ""), (people["erin"], "a"), (people["erin"], ""))
        self.stage.viewers = [Viewer(self.stage, user, query) for user, query in watching]
        self.act("say", "site", [("batch:start", {"batchId": key, "total": 4, "label": "First"}) for key in BATCHES])
        first = [{"id": key, "name": "Dawn", "type": "image", "isPending": key == "i0"} for key in ITEMS[:3]]
        self.act("say", "site", [("batch:progress", {"batchId": "b0", "item": item}) for item in first])
        for viewer in self.stage.viewers:
            viewer.load()

    def act(self, kind: str, *arguments: Any) -> None:
        getattr(self, f"_{kind.replace(' ', '_')}")(*arguments)
        self.stage.commit()

    def _say(self, sender: str, said: list[tuple[str, dict[str, Any]]]) -> None:
        home = {"targetFolderId": self.stage.folder.id}
        say_all([(kind, body | (home if kind == "batch:start" else {})) for kind, body in said], self.senders[sender])

    def _by_hand(self, name: str, deed: str, number: int) -> None:
        who, item_id = person(self.people[name]), ITEMS[number]
        with suppress(NotifyError):
            if deed == "rename":
                edit_item(who, item_id, {"name": f"Renamed {number % 2}"})
            elif deed == "cancel":
                cancel_batch(who, BATCHES[number % 2])
            else:
                DEEDS[deed](who, item_id)

    def _time(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)
        sweep()
        if seconds > 24 * 3600:
            forget()

    def _rights(self, may_look: bool) -> None:
        bob = {"folder": self.stage.folder, "user": self.people["bob"]}
        if may_look:
            Membership.objects.get_or_create(**bob, defaults={"role": "viewer"})
        else:
            Membership.objects.filter(**bob).delete()
        announce_access()

    def _viewer(self, number: int, deed: str) -> None:
        viewer = self.stage.viewers[number]
        if deed in ("load", "connect", "hang up", "acknowledge"):
            getattr(viewer, deed.replace(" ", "_"))()
        elif deed.startswith("read"):
            viewer.read(1 if deed == "read one" else 10**6)
        elif viewer.page is not None and not viewer.is_lost:
            if deed == "type":
                viewer.page.is_busy = not viewer.page.is_busy
            else:
                viewer.page.step()

    def _tick(self) -> None:
        self.stage.tick()

    def _poll(self) -> None:
        self.stage.poll()

    def end(self) -> None:
        """The sweeper has done what was due, and everybody has come to rest."""
        sweep()
        self.stage.commit()
        self.stage.settle()
        check_all()


@contextmanager
def undone() -> Iterator[None]:
    """What happens in here leaves nothing in the database."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
