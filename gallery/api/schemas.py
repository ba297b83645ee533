"""What the API says and takes, for its answers and its OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gallery.contract.fields import ContractModel, Flag, Id, ItemStatus, ItemType, Metadata, Name

Visibility = Literal["private", "members", "public"]
RoleName = Literal["viewer", "editor", "owner"]
Sort = Literal["newest", "oldest", "name", "size"]


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
    parent_id: str | None = Field(description="In which folder it stands; null: at the top, or you may not see it.")
    cover_id: str | None = Field(description="The item that was chosen as its cover.")
    sort: Sort = Field(description="In which order it is shown unless told.")
    item_count: int = Field(description="Without those in the trash.")
    revision: int
    created_at: datetime


class FolderList(Answer):
    folders: list[FolderOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


FOLDER_NAME = "1-200 characters in one line; no path, and nothing that turns the direction of reading."


class FolderIn(ContractModel):
    name: Name = Field(description=FOLDER_NAME)
    visibility: Visibility = Field("private", description="private, members or public.")
    parent_id: Id | None = Field(None, description="The folder in which it shall stand.")
    sort: Sort = Field("newest", description="In which order it is shown unless told.")


class FolderPatch(ContractModel):
    name: Name = Field("", description=FOLDER_NAME)
    visibility: Visibility = Field("private", description="private, members or public; for owners.")
    parent_id: Id | None = Field(None, description="The folder in which it shall stand; null: at the top.")
    cover_id: Id | None = Field(None, description="One of its items; null: its newest picture.")
    sort: Sort = Field("newest", description="In which order it is shown unless told.")


class FolderCopy(ContractModel):
    name: Name = Field("", description=f"{FOLDER_NAME} Its own name, unless told.")
    parent_id: Id | None = Field(None, description="The folder in which it shall stand; null: at the top.")


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
    rendition_url: str = Field(description="What browsers show where they cannot show the file itself; else ''.")
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
    is_starred: bool
    tags: list[str]
    created_at: datetime
    lock: Lock | None


class TrashedItem(ItemOut):
    trashed_at: datetime = Field(description="It goes for good 30 days later.")
    trashed_by: str = Field(description="Who threw it away; '' if nobody is known any more.")


class TrashList(Answer):
    items: list[TrashedItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


ItemIds = Annotated[list[Id], Field(min_length=1, description="1-1,000 ids.")]


class ItemIdsIn(ContractModel):
    item_ids: ItemIds


class ItemIdsTo(ContractModel):
    item_ids: ItemIds
    folder_id: Id = Field(description="Where they shall be.")


class ItemIdsDelete(ContractModel):
    item_ids: ItemIds
    permanently: Flag = Field(False, description="true: for good and at once, also what lies in the trash already.")


class Refusal(Answer):
    item_id: str
    code: str = Field(description="not_found, forbidden, locked or conflict.")
    message: str


class ManyDone(Answer):
    """Each item stands alone; where none could be taken, the answer is the first one's error."""

    item_ids: list[str] = Field(description="What was done; of copies, the new ids, in the order asked for.")
    refused: list[Refusal] = Field(description="What was not, and why.")


class Emptied(Answer):
    deleted: int = Field(description="How many items are gone for good.")


class ItemList(Answer):
    items: list[ItemOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    revision: int = Field(description="The folder's revision that this page is not older than.")


class NewItems(Answer):
    items: list[ItemOut]


class ItemPatch(ContractModel):
    name: Name = Field("", description="New name, 1-200 characters.")
    metadata: Metadata = Field({}, description="All of the metadata anew, at most 64 KiB as JSON.")
    is_starred: Flag = Field(False, description="Marked with a star, for all who see it.")
    tags: list[str] = Field([], description="All of the tags anew: at most 50, in lower case, 60 characters each.")


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
