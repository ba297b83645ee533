"""The names of version 2 and what they mean today. Unknown fields are ignored here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from gallery.contract.events import BatchEndEvent, BatchProgressEvent, BatchStartEvent, Event, ItemUpdateEvent
from gallery.contract.fields import ContractModel, Id, ItemId, ItemStatus, Message, Progress, Total
from gallery.contract.items import ItemFields

DEFAULT_LABEL = "Generation"  # version 2 had no label, and a batch cannot be shown without one

_ITEM_FIELDS = frozenset(field.alias for field in ItemFields.model_fields.values())


def _known_fields(item: object) -> object:
    if isinstance(item, dict):
        return {name: value for name, value in item.items() if name in _ITEM_FIELDS}
    return item


class Version2Event(ContractModel):
    """An old event; ``as_event()`` is the event of version 3 that it means."""

    model_config = ConfigDict(extra="ignore")

    def as_event(self) -> Event:
        raise NotImplementedError


class TaskStart(Version2Event):
    generation_id: Id = Field(description="Id of the batch, 1-128 characters.")
    total_items: Total = Field(description="Number of items to come, 1-100,000.")
    target_folder_id: Id | None = Field(None, description="Id of the folder; left out: the token's own folder.")

    def as_event(self) -> BatchStartEvent:
        target: dict[str, Any] = {}
        if "target_folder_id" in self.model_fields_set:
            target["target_folder_id"] = self.target_folder_id
        return BatchStartEvent(batch_id=self.generation_id, total=self.total_items, label=DEFAULT_LABEL, **target)


class TaskProgress(Version2Event):
    generation_id: Id = Field(description="Id of the batch, 1-128 characters.")
    item_data: Annotated[ItemFields, BeforeValidator(_known_fields, json_schema_input_type=ItemFields)] = Field(
        description="The item that arrives."
    )

    def as_event(self) -> BatchProgressEvent:
        return BatchProgressEvent(batch_id=self.generation_id, item=self.item_data)


class TaskEnd(Version2Event):
    generation_id: Id = Field(description="Id of the batch, 1-128 characters.")

    def as_event(self) -> BatchEndEvent:
        return BatchEndEvent(batch_id=self.generation_id, status="complete")


class TaskError(Version2Event):
    generation_id: Id = Field(description="Id of the batch, 1-128 characters.")
    message: Message = Field("", description="What failed and why, at most 2,000 characters.")

    def as_event(self) -> BatchEndEvent:
        message = {"message": self.message} if "message" in self.model_fields_set else {}
        return BatchEndEvent(batch_id=self.generation_id, status="error", **message)


class TaskUpdate(Version2Event):
    id: ItemId = Field(description="Id of the item, 1-128 characters.")
    status: ItemStatus = Field(description="processing (pending again), complete or error.")
    progress: Progress | None = Field(None, description="Percent, 0-100; null: indeterminate.")
    message: Message = Field("", description="What is going on, at most 2,000 characters.")

    def as_event(self) -> ItemUpdateEvent:
        said = {name: getattr(self, name) for name in ("progress", "message") if name in self.model_fields_set}
        return ItemUpdateEvent(item_id=self.id, status=self.status, **said)


VERSION2_EVENTS: dict[str, type[Version2Event]] = {
    "taskStart": TaskStart,
    "taskProgress": TaskProgress,
    "taskEnd": TaskEnd,
    "taskError": TaskError,
    "taskUpdate": TaskUpdate,
}
