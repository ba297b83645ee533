"""The events of the notify contract, in its order: the list of what can happen."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from gallery.contract import limits
from gallery.contract.fields import (
    BatchEndStatus,
    ContractModel,
    Id,
    Index,
    ItemId,
    ItemStatus,
    Label,
    LeaseSeconds,
    Message,
    MessageLevel,
    Moment,
    Progress,
    Seconds,
    SystemText,
    Total,
    TrueUnlessTold,
)
from gallery.contract.items import ItemChanges, ItemFields


class Event(ContractModel):
    """What every event has: its name in the contract."""

    event_type: ClassVar[str]


class BatchStartEvent(Event):
    """A batch begins: its strip and placeholders appear."""

    event_type: ClassVar[str] = "batch:start"

    batch_id: Id = Field(description="Id of the batch, 1-128 characters.")
    total: Total = Field(description="Number of items to come, 1-100,000.")
    label: Label = Field(description="What is made, 1-200 characters.")
    target_folder_id: Id | None = Field(None, description="Id of the folder; left out: the token's own folder.")
    estimated_time_seconds: Seconds | None = Field(
        None, description="Seconds that the whole batch takes, as estimated."
    )


class BatchProgressEvent(Event):
    """An item of a batch arrives, or the batch or one of its slots says how far it is."""

    event_type: ClassVar[str] = "batch:progress"

    batch_id: Id = Field(description="Id of the batch, 1-128 characters.")
    item: ItemFields | None = Field(None, description="The item that arrives; left out: a status line.")
    index: Index | None = Field(None, description="Slot, 0-based, below total; left out: the lowest free slot.")
    progress: Progress | None = Field(None, description="Percent, 0-100; null: indeterminate.")
    message: Message = Field("", description="What is going on, at most 2,000 characters.")
    estimated_time_seconds: Seconds | None = Field(None, description="Seconds that are left, as estimated.")


class BatchEndEvent(Event):
    """A batch is over: placeholders that are left go."""

    event_type: ClassVar[str] = "batch:end"

    batch_id: Id = Field(description="Id of the batch, 1-128 characters.")
    status: BatchEndStatus = Field(description="How it ended: complete, partial, error or cancelled.")
    message: Message = Field("", description="What failed and why, at most 2,000 characters.")


class ItemUpdateEvent(Event):
    """An item goes on, is finished or has failed."""

    event_type: ClassVar[str] = "item:update"

    item_id: ItemId = Field(description="Id of the item, 1-128 characters.")
    status: ItemStatus = Field(description="processing (pending again), complete or error.")
    progress: Progress | None = Field(None, description="Percent, 0-100; null: indeterminate.")
    message: Message = Field("", description="What is going on, at most 2,000 characters.")
    item: ItemChanges | None = Field(None, description="Fields of the item that change.")


class ItemRemoveEvent(Event):
    """A result is discarded late."""

    event_type: ClassVar[str] = "item:remove"

    item_id: ItemId = Field(description="Id of the item, 1-128 characters.")
    message: Message = Field("", description="Why, at most 2,000 characters.")


class ItemLockEvent(Event):
    """A lease on an item is taken or renewed."""

    event_type: ClassVar[str] = "item:lock"

    item_id: ItemId = Field(description="Id of the item, 1-128 characters.")
    ttl_seconds: LeaseSeconds = Field(limits.LEASE_SECONDS, description="Seconds that the lease lasts, 5-3,600.")


class ItemUnlockEvent(Event):
    """A lease on an item is given back."""

    event_type: ClassVar[str] = "item:unlock"

    item_id: ItemId = Field(description="Id of the item, 1-128 characters.")


class SystemMessageEvent(Event):
    """The site says something to everyone, or to all who look at one folder."""

    event_type: ClassVar[str] = "system:message"

    text: SystemText = Field(description="What is said, 1-2,000 characters.")
    level: MessageLevel = Field(description="How grave it is: info, success, warning or error.")
    id: Id | None = Field(None, description="Id of the message; left out, the server chooses one.")
    expires_at: Moment | None = Field(
        None, description="ISO 8601 time with its offset, until which pages show it; left out: until it is taken down."
    )
    folder_id: Id | None = Field(None, description="Id of the one folder that shows it; left out: every page.")
    dismissible: TrueUnlessTold = Field(True, description="True: a person may put it away.")


EVENTS: dict[str, type[Event]] = {
    event.event_type: event
    for event in (
        BatchStartEvent,
        BatchProgressEvent,
        BatchEndEvent,
        ItemUpdateEvent,
        ItemRemoveEvent,
        ItemLockEvent,
        ItemUnlockEvent,
        SystemMessageEvent,
    )
}
