"""What an opening is and how it may change: pure rules, without Kafka, SQL or HTTP.

Whatever `Draft` and `compose` accept gives a record of `postings.v1` that reads back equal and fits the topic's limit;
what does not fit is refused here, with the field and the reason.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from shared.events.base import MAX_BODY_BYTES, Day, Id, Instant
from shared.events.base import Text as AnyText
from shared.events.postings import Period, PostingV1, Seniority, Workplace
from shared.pay import CurrencyCode, PayAmount

Status = Literal["open", "closed"]
By = Literal["hand", "feed", "expiry"]
"""Who closed an opening: somebody at the organisation, a row of a bulk request, or the end of its last day."""

MAX_RECORD_BYTES = MAX_BODY_BYTES - 1024
"""Below the topic's limit by what later changes (a longer status or version) may add."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_STEPS = (10, 25, 50)
"""The steps of counts of people, and ten, a hundred … times these."""

READ_ONLY = ("posting_id", "version", "vouched", "closed_by", "created_at", "updated_at")
"""Fields of a response that clients may send back unchanged (read, edit, write); they are ignored."""

_HOST_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+$)[a-z0-9-]{2,63}")
_URL = TypeAdapter(HttpUrl)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNPRINTABLE_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class RefusedError(ValueError):
    """A rule was broken that needs more than the field itself (the day, or what exists already)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class TooManyError(ValueError):
    """The organisation has created as many openings today as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"your organisation has created {most} openings today (UTC), the most it may: continue tomorrow"
        )


class TooBigError(ValueError):
    """The opening does not fit a record of the topic."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the opening takes {size} bytes as a record; at most {MAX_RECORD_BYTES} are allowed")


def _one_line(text: str) -> str:
    return _visible(text, _UNPRINTABLE)


def _prose(text: str) -> str:
    return _visible(text, _UNPRINTABLE_IN_PROSE)


def _visible(text: str, refused: re.Pattern[str]) -> str:
    if refused.search(text):
        raise ValueError("holds a control character or a lone surrogate")
    if all(unicodedata.category(character)[0] in "ZC" for character in text):
        raise ValueError("is blank")
    return text


def _web_domain(text: str) -> str:
    """`https://www.Münch.example/jobs` → `xn--mnch-0ra.example`."""
    address = text if "://" in text else f"https://{text}"
    try:
        host = _URL.validate_python(address).host or ""
    except ValidationError:
        host = ""
    host = host.removeprefix("www.").removesuffix(".")
    if "@" in text or not _HOST_NAME.fullmatch(host):
        raise ValueError("is not a web domain such as acme.example")
    return host


def _web_address(text: str) -> str:
    try:
        url = _URL.validate_python(text)
    except ValidationError as error:
        raise ValueError("is not an http(s) address") from error
    if url.username or url.password:
        raise ValueError("must not hold a user name or password")
    if len(str(url)) > MAX_URL:
        raise ValueError(f"is longer than {MAX_URL} characters")
    return str(url)


def _distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.casefold(), text)
    return tuple(first.values())


MAX_URL = 2_000
Line = Annotated[AnyText, AfterValidator(_one_line)]
OpaqueId = Annotated[Id, AfterValidator(_one_line)]
Lines = Annotated[tuple[Line, ...], Field(max_length=100), AfterValidator(_distinct)]
WebDomain = Annotated[str, StringConstraints(min_length=1, max_length=253), AfterValidator(_web_domain)]
WebAddress = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL), AfterValidator(_web_address)]
ShortLine = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_one_line)]
BonusLine = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=50_000), AfterValidator(_prose)]


class _Input(BaseModel):
    """Input is read strictly: a field with a misspelt name is an error, so that it is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class DraftCompany(_Input):
    """The employer. The web domain, where known, identifies it."""

    name: Line = Field(examples=["Initech"])
    domain: WebDomain | None = Field(default=None, examples=["initech.example"])


class DraftPay(_Input):
    """A range of pay in one currency, per period."""

    min: PayAmount | None = Field(default=None, examples=[70_000])
    max: PayAmount | None = Field(default=None, examples=[85_000])
    currency: CurrencyCode = Field(description="ISO 4217, three letters", examples=["EUR"])
    period: Period = "year"

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, value: float | None, info: Any) -> float | None:
        least = info.data.get("min")
        if value is not None and least is not None and value < least:
            raise ValueError("is below salary.min")
        return value


class Draft(_Input):
    """An opening as a recruiter sends it."""

    external_id: OpaqueId | None = Field(
        default=None, description="your own id; unique in your organisation", examples=["REQ-1042"]
    )
    status: Status | None = Field(
        default=None,
        description="if left out, a new opening is open, and an existing one is opened unless it was closed by hand",
    )
    company: DraftCompany
    title: Line = Field(examples=["Data Engineer"])
    skills: Lines = Field(default=(), examples=[["Python", "PostgreSQL"]])
    locations: Lines = Field(default=(), examples=[["Berlin, Germany"]])
    workplace: Workplace
    seniority: Seniority | None = None
    employment_type: ShortLine | None = Field(default=None, examples=["full-time"])
    salary: DraftPay | None = None
    description: Prose | None = None
    url: WebAddress | None = Field(default=None, examples=["https://initech.example/jobs/1042"])
    posted_at: Instant | None = Field(default=None, description="now, if left out; not in the future")
    valid_through: Day | None = Field(default=None, description="the last day (UTC) on which it is open")
    referral_bonus: BonusLine | None = Field(default=None, description="shown to people; never ranks anything")
    hiring_contact: OpaqueId | None = Field(default=None, description="a person's id; never a name or an address")

    @model_validator(mode="before")
    @classmethod
    def _without_read_only(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: content for name, content in value.items() if name not in READ_ONLY}
        return value


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who posts. `vouched`: an operator, or a verified domain, says that it is real."""

    id: str
    vouched: bool


@dataclass(frozen=True, slots=True)
class Posting:
    """An opening of an organisation; `record` is exactly the value of `postings.v1`."""

    organisation_id: str
    external_id: str | None
    record: PostingV1
    created_at: datetime
    updated_at: datetime
    closed_by: By | None = None

    def closed(self, by: By, version: int, now: datetime) -> Self:
        """The same opening, closed."""
        return replace(self._with({"status": "closed", "version": version}, now), closed_by=by)

    def without_contact(self, version: int, now: datetime) -> Self:
        """The same opening without a hiring contact."""
        return self._with({"hiring_contact": None, "version": version}, now)

    def has_same_content(self, other: Self) -> bool:
        """Whether the two differ only in version and times of change."""
        same_record = self.record == other.record.model_copy(update={"version": self.record.version})
        return same_record and self.external_id == other.external_id

    def _with(self, changes: dict[str, object], now: datetime) -> Self:
        return replace(self, record=self.record.model_copy(update=changes), updated_at=now)


def compose(
    draft: Draft,
    organisation: Organisation,
    *,
    posting_id: str,
    version: int,
    now: datetime,
    by: By,
    before: Posting | None = None,
) -> Posting:
    """The opening made from `draft`, new or in place of `before`, of which it keeps id and time of creation.

    `by`: who closes it, where it is closed now.

    Raises:
        RefusedError: `posted_at` or `valid_through` is not possible at the moment `now`.
        TooBigError: it does not fit a record.
    """
    posted_at = draft.posted_at or (before.record.posted_at if before else now)
    status = _status(draft, before)
    _check_times(posted_at, draft.valid_through if status == "open" else None, now)
    content = draft.model_dump(exclude={"external_id", "posted_at"})
    ours = {"posting_id": posting_id, "version": version, "posted_at": posted_at, "status": status}
    ours["vouched"] = organisation.vouched
    record = PostingV1.model_validate(content | ours)
    size = len(record.to_json())
    if size > MAX_RECORD_BYTES:
        raise TooBigError(size)
    external_id = draft.external_id or (before.external_id if before else None)
    closed_by = None if status == "open" else (before and before.closed_by) or by
    return Posting(organisation.id, external_id, record, before.created_at if before else now, now, closed_by)


def _status(draft: Draft, before: Posting | None) -> Status:
    """The draft's status; if left out: open, unless somebody closed the posting by hand."""
    if draft.status is not None:
        return draft.status
    return "closed" if before and before.record.status == "closed" and before.closed_by == "hand" else "open"


def patched(before: Posting, changes: Mapping[str, Any]) -> Draft:
    """The opening with some fields changed by a JSON Merge Patch (RFC 7396), in which null removes a field.

    Raises:
        ValidationError: the result is not a valid opening.
    """
    held = before.record.model_dump(mode="json", exclude_none=True, exclude={"posting_id", "version", "vouched"})
    if before.external_id is not None:
        held["external_id"] = before.external_id
    return Draft.model_validate(_merged(held, changes))


def _merged(held: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(held) if isinstance(held, Mapping) else {}
    for name, change in changes.items():
        if change is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), change) if isinstance(change, Mapping) else change
    return result


def _check_times(posted_at: datetime, valid_through: date | None, now: datetime) -> None:
    if posted_at > now + CLOCK_SKEW:
        raise RefusedError("posted_at", "is in the future")
    if posted_at < EARLIEST:
        raise RefusedError("posted_at", "is before 1970")
    if valid_through is not None and valid_through < today(now):
        raise RefusedError("valid_through", f"is in the past; today is {today(now)} (UTC)")


def today(now: datetime) -> date:
    """The present day in UTC."""
    return now.astimezone(UTC).date()


def step_of(count: int) -> int:
    """A count of people rounded down to 10, 25, 50, 100, 250, 500, 1000 …; 0 below 10."""
    found = 0
    for power in range(len(str(count))):
        found = max([found, *(step * 10**power for step in FIRST_STEPS if step * 10**power <= count)])
    return found


def seconds_until_midnight(now: datetime) -> float:
    """Seconds until the next day begins in UTC."""
    moment = now.astimezone(UTC)
    midnight = datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + timedelta(days=1)
    return (midnight - moment).total_seconds()


Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of production; tests pass their own."""
    return datetime.now(UTC)
