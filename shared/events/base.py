"""What all contracts share: the base model, and types of fields."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

MAX_BODY_BYTES = 256 * 1024
"""The longest value of a record; longer ones are refused at the API."""


class Contract(BaseModel):
    """A record's value. It is immutable, and ignores unknown fields, which a newer writer may send.

    A null field counts as left out, so that a writer may send null for what it does not have.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict) and None in value.values():
            return {name: part for name, part in value.items() if part is not None}
        return value

    def to_json(self) -> bytes:
        """The value's bytes. Fields that were left out stay out, so equal content gives equal bytes."""
        return self.model_dump_json(exclude_none=True).encode()


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError as error:  # the zone moves a time of the first or last day past the end of the calendar
        raise ValueError("is outside the calendar") from error


def _day(value: Any) -> Any:
    """Read `YYYY-MM-DD`, a month `YYYY-MM` as its first day, and a timestamp as its day in UTC."""
    if isinstance(value, datetime):
        return _in_utc(value).date()
    if isinstance(value, str):
        text = _whole_day(value)
        if len(text) > len("YYYY-MM-DD"):
            return _day(datetime.fromisoformat(text))
        return text
    return value


def _whole_day(text: str) -> str:
    """A month as its first day; anything else unchanged."""
    text = text.strip()
    return text + "-01" if len(text) == len("YYYY-MM") and text[4] == "-" else text


def _instant(value: Any) -> Any:
    """Read a timestamp. Without a zone it is UTC; a day means its midnight, a month that of its first day."""
    if isinstance(value, str):
        value = datetime.fromisoformat(_whole_day(value))
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return _in_utc(value)
    return value


Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An opaque identifier, 1 to 200 printable characters."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
"""A short text that somebody entered: a title, a company, a skill, a place."""

Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""max(previous + 1, Unix milliseconds): grows with every change, even after a database is restored."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "description": "YYYY-MM-DD; YYYY-MM means its first day"}),
]
"""A calendar day."""

Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339; UTC where no zone is named"}),
]
"""A moment, in UTC."""
