"""The kinds of fields that events are made of, and the model that they stand in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    WithJsonSchema,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from gallery.contract import limits, rules

ItemType = Literal["image", "video", "audio", "file"]
ItemStatus = Literal["processing", "complete", "error"]
BatchEndStatus = Literal["complete", "partial", "error", "cancelled"]
MessageLevel = Literal["info", "success", "warning", "error"]


class ContractModel(BaseModel):
    """camelCase outside, snake_case inside; unknown fields are refused.

    ``model_fields_set`` holds the names of the attributes that the sender said, null included.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,  # for Python code; parse.py takes the camelCase names alone
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )


def null_means(make_default: Callable[[], Any], input_type: Any) -> WrapValidator:
    """Reads null as a default; for fields of which null says no more than leaving them out.

    ``input_type`` is what JSON Schema shows, so it repeats the limits: pydantic leaves out what lies inside of it.
    """
    return WrapValidator(
        lambda value, read: make_default() if value is None else read(value), json_schema_input_type=input_type
    )


_ID_SCHEMA = {"anyOf": [{"type": "string", "pattern": f"^{limits.ID_PATTERN}$"}, {"type": "integer"}]}
Id = Annotated[str, BeforeValidator(rules.read_id), WithJsonSchema(_ID_SCHEMA)]
ItemId = Annotated[str, BeforeValidator(rules.read_item_id), WithJsonSchema(_ID_SCHEMA)]

Name = Annotated[str, Strict(), Field(min_length=1, max_length=limits.NAME_LENGTH), AfterValidator(rules.check_name)]
Label = Annotated[str, Strict(), Field(min_length=1, max_length=limits.LABEL_LENGTH), AfterValidator(rules.check_name)]
SystemText = Annotated[
    str, Strict(), Field(min_length=1, max_length=limits.SYSTEM_TEXT_LENGTH), AfterValidator(rules.check_name)
]
Message = Annotated[
    str,
    Strict(),
    Field(max_length=limits.MESSAGE_LENGTH),
    AfterValidator(rules.check_text),
    null_means(str, Annotated[str, Field(max_length=limits.MESSAGE_LENGTH)] | None),
]
Url = Annotated[
    str,
    Strict(),
    Field(max_length=limits.URL_LENGTH),
    AfterValidator(rules.check_url),
    null_means(str, Annotated[str, Field(max_length=limits.URL_LENGTH)] | None),
]
Metadata = Annotated[dict[str, Any], AfterValidator(rules.check_metadata), null_means(dict, dict[str, Any] | None)]
Moment = Annotated[datetime, BeforeValidator(rules.read_moment, json_schema_input_type=datetime)]

Progress = Annotated[float, Strict(), Field(ge=limits.PROGRESS_MIN, le=limits.PROGRESS_MAX, allow_inf_nan=False)]
Seconds = Annotated[float, Strict(), Field(ge=0, le=limits.SECONDS_MAX, allow_inf_nan=False)]
Total = Annotated[int, Strict(), Field(ge=limits.TOTAL_MIN, le=limits.TOTAL_MAX)]
Index = Annotated[int, Strict(), Field(ge=0, le=limits.INDEX_MAX)]
Side = Annotated[int, Strict(), Field(ge=1, le=limits.SIDE_MAX)]
LeaseSeconds = Annotated[
    int,
    Strict(),
    Field(ge=limits.LEASE_SECONDS_MIN, le=limits.LEASE_SECONDS_MAX),
    null_means(
        lambda: limits.LEASE_SECONDS,
        Annotated[int, Field(ge=limits.LEASE_SECONDS_MIN, le=limits.LEASE_SECONDS_MAX)] | None,
    ),
]
Flag = Annotated[bool, Strict()]
TrueUnlessTold = Annotated[bool, Strict(), null_means(lambda: True, bool | None)]
