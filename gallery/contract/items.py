"""The item object: what a worker says of one picture, video, sound or file."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gallery.contract.fields import (
    ContractModel,
    Flag,
    ItemId,
    ItemStatus,
    ItemType,
    Message,
    Metadata,
    Name,
    Progress,
    Seconds,
    Side,
    Url,
)

PENDING_STATUS = "processing"


class ItemFields(ContractModel):
    """An item as ``batch:progress`` brings it.

    Afterwards ``is_pending`` and ``status`` always agree; ``model_fields_set`` still tells which of them was said.
    """

    id: ItemId | None = Field(None, description="Id of the item; left out, the server chooses one.")
    name: Name = Field(description="Name shown on the card, 1-200 characters.")
    type: ItemType = Field(description="What the item is: image, video, audio or file.")
    thumb_url: Url = Field("", description="Small picture: http(s) or a path on this site, at most 2,000 characters.")
    media_url: Url = Field("", description="The file: http(s) or a path on this site, at most 2,000 characters.")
    is_pending: Flag | None = Field(None, description="True: a developing card that expects item:update.")
    status: ItemStatus | None = Field(
        None, description="processing while pending, else complete or error; left out, isPending decides."
    )
    progress: Progress | None = Field(None, description="Percent, 0-100; null: on its way, no telling how far.")
    message: Message = Field("", description="What is going on, at most 2,000 characters.")
    estimated_time_seconds: Seconds | None = Field(None, description="Seconds that are left, as estimated.")
    width: Side | None = Field(None, description="Pixels.")
    height: Side | None = Field(None, description="Pixels.")
    duration: Seconds | None = Field(None, description="Seconds that it plays.")
    metadata: Metadata = Field({}, description="Anything about the item (prompt, seed), at most 64 KiB as JSON.")

    @field_validator("status")
    @classmethod
    def _agree_with_pending(cls, status: ItemStatus | None, info: ValidationInfo) -> ItemStatus | None:
        is_pending = info.data.get("is_pending")
        if status is not None and is_pending is not None and is_pending != (status == PENDING_STATUS):
            raise ValueError(f"contradicts isPending: {'true' if is_pending else 'false'}")
        return status

    @model_validator(mode="after")
    def _complete_status(self) -> ItemFields:
        # Null says nothing: an item that is sent again must not be finished by it.
        self.model_fields_set.difference_update(
            {name for name in ("status", "is_pending") if getattr(self, name) is None}
        )
        status = self.status or (PENDING_STATUS if self.is_pending else "complete")
        # Past the model's own setter, which would count both as said by the sender.
        self.__dict__.update(status=status, is_pending=status == PENDING_STATUS)
        return self


class ItemChanges(ContractModel):
    """The ``item`` of ``item:update``: fields that change; what is left out stays, null empties."""

    name: Name = Field("", description="New name, 1-200 characters.")
    type: ItemType | None = Field(None, description="What the item is now: image, video, audio or file.")
    thumb_url: Url = Field("", description="Small picture: http(s) or a path on this site, at most 2,000 characters.")
    media_url: Url = Field("", description="The file: http(s) or a path on this site, at most 2,000 characters.")
    estimated_time_seconds: Seconds | None = Field(None, description="Seconds that are left, as estimated.")
    width: Side | None = Field(None, description="Pixels.")
    height: Side | None = Field(None, description="Pixels.")
    duration: Seconds | None = Field(None, description="Seconds that it plays.")
    metadata: Metadata = Field({}, description="All of the item's metadata anew, at most 64 KiB as JSON.")

    @field_validator("type")
    @classmethod
    def _no_item_without_type(cls, item_type: ItemType | None) -> ItemType:
        if item_type is None:
            raise ValueError("must be 'image', 'video', 'audio' or 'file'")
        return item_type

    def said(self) -> dict[str, object]:
        """The changes alone: attribute name → new value."""
        return {name: getattr(self, name) for name in self.model_fields_set}


# Fields of an item that item:update says itself; inside its ``item`` they could only contradict it.
REFUSED_INSIDE_CHANGES = frozenset({"id", "isPending", "status", "progress", "message"})
