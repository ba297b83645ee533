"""What the API says and takes, for its answers and its OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gallery.contract.fields import ContractModel, ItemStatus, ItemType, Metadata, Name

Visibility = Literal["private", "members", "public"]
RoleName = Literal["viewer", "editor", "owner"]


class Answer(BaseModel):
    """camelCase outside."""

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel), populate_by_name=True)


class ErrorField(Answer):
    field: str
    message: str


class Error(Answer):
    """Whatever was refused, and why."""

    type: Literal["error"]
    code: str = Field(description="invalid, not_found, forbidden, …: what a program looks at.")
    message: str = Field(description="One plain sentence.")
    errors: list[ErrorField] = Field(default=[], description="Every wrong field; absent where there is none.")


class Receipt(Answer):
    """What was sent is kept."""

    type: Literal["ack"]
    revision: int | None = None
    folder_id: str | None = None
    batch_id: str | None = None
    item_id: str | None = None


class FolderOut(Answer):
    id: str
    name: str
    visibility: Visibility
    role: RoleName = Field(description="What the one who asks may do: look, change, manage.")
    owner: str
    revision: int
    created_at: datetime


class FolderList(Answer):
    folders: list[FolderOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class FolderIn(ContractModel):
    name: Name = Field(description="1-200 characters.")
    visibility: Visibility = Field("private", description="private, members or public.")


class Lock(Answer):
    by: str
    expires_at: datetime


class ItemOut(Answer):
    id: str
    folder_id: str
    batch_id: str | None
    revision: int
    name: str
    type: ItemType
    thumb_url: str
    media_url: str
    preview_url: str = Field(description="What it looks like so far; '' where there is no preview.")
    is_pending: bool
    status: ItemStatus
    progress: float | None
    message: str
    estimated_time_seconds: float | None
    width: int | None
    height: int | None
    duration: float | None
    size: int | None = Field(description="Bytes.")
    content_type: str
    metadata: dict[str, Any] | None = Field(None, description="Only for the folder's members; else absent.")
    created_at: datetime
    lock: Lock | None


class ItemList(Answer):
    items: list[ItemOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    revision: int = Field(description="The folder's revision that this page is not older than.")


class NewItems(Answer):
    items: list[ItemOut]


class ItemPatch(ContractModel):
    name: Name = Field("", description="New name, 1-200 characters.")
    metadata: Metadata = Field({}, description="All of the metadata anew, at most 64 KiB as JSON.")


class BatchOut(Answer):
    id: str
    folder_id: str
    label: str
    total: int
    status: Literal["running", "complete", "partial", "error", "cancelled"]
    is_stalled: bool
    message: str
    progress: float | None
    estimated_time_seconds: float | None
    item_count: int
    done_count: int
    failed_count: int
    who: str
    started_at: datetime
    ended_at: datetime | None
    cancel_asked_at: datetime | None
    revision: int


class CommandOut(Answer):
    type: Literal["batch:cancel", "item:retry", "system:drain"]
    id: str
    payload: dict[str, Any]
