"""What one may ask of a folder's items, for the API and its OpenAPI document."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gallery.api.schemas import Sort
from gallery.contract import limits
from gallery.contract.fields import ItemStatus, ItemType
from gallery.contract.rules import check_text
from gallery.search.view import END_OF_DAYS, FIRST_DAY, View

Asked = Annotated[str, Field(max_length=limits.NAME_LENGTH), AfterValidator(check_text)]
Day = Annotated[datetime.date, Field(ge=FIRST_DAY, lt=END_OF_DAYS)]


class ItemsAsked(BaseModel):
    """All that is asked must hold."""

    model_config = ConfigDict(populate_by_name=True)

    q: Asked = Field(
        "",
        description="Words of the name, the tags, the last message and, for members, the metadata, by their beginnings."
        ' "In quotes": together and whole; -word: not.',
    )
    type: ItemType | None = None
    status: ItemStatus | None = None
    person: Asked = Field("", description="The name of who made it, whole.")
    tag: Asked = Field("", description="One of its tags, whole.")
    batch: Asked = Field("", description="The id of its batch.")
    since: Day | None = Field(None, alias="from", description="From that day on, in UTC.")
    until: Day | None = Field(None, alias="to", description="To the end of that day, in UTC.")
    starred: bool = Field(False, description="Only those with a star.")
    sort: Sort = Field("newest", description="In which order; each has cursors of its own.")

    def view(self) -> View:
        said = self.model_dump(exclude={"type", "status"})
        return View(type=self.type or "", status=self.status or "", **said)
