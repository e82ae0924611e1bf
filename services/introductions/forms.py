"""What members send: asks, offers, answers, limits. A field with a misspelt name is refused."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.introductions.limits import DEFAULT_ASKS, MOST_ASKS, MOST_ORDERED, From
from shared.events.base import Id, Instant, Text
from shared.text import clean

MOST_NAMED = 200
"""Companies or members that somebody may keep off for good."""


class Form(BaseModel):
    """Input is read strictly."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _visible(text: str) -> str:
    if not clean(text, len(text)):
        raise ValueError("is blank")
    if any(ord(character) < ord(" ") and character not in "\n\r\t" for character in text):
        raise ValueError("holds a control character")
    return text


Note = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_visible)]
Contact = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_visible)]


class AskForm(Form):
    """Whom to ask, about what. Either `suggestion_id` or `company`."""

    suggestion_id: Id | None = Field(default=None, description="a live suggestion of yours")
    company: Text | None = Field(default=None, description="a company, where it is about no single opening")
    introducer_ids: list[Id] = Field(
        min_length=1,
        max_length=MOST_ORDERED,
        description="asked in this order, the next one if it leads to nothing",
    )
    note: Note | None = Field(default=None, description="what the introducer, and who they ask, read of you")
    known_as_looking: Literal[True] = Field(description="yes: these people learn that you are looking")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.suggestion_id is None) == (self.company is None):
            raise ValueError("name either suggestion_id or company")
        if len(set(self.introducer_ids)) != len(self.introducer_ids):
            raise ValueError("introducer_ids: names somebody twice")
        return self


class OfferForm(Form):
    """An offer to introduce somebody to an opening."""

    posting_id: Id
    seeker_id: Id
    note: Note | None = None
    contact: Contact | None = Field(
        default=None,
        description="needed where you work there yourself: how they may reach you, which they see once they say yes",
    )


class AnswerForm(Form):
    """An answer to an ask or an offer. Whoever is asked may say no now, or quietly when the time is over anyway."""

    answer: Literal["yes", "no", "not_now", "not_well"] = Field(
        description="an introducer: yes, not_now or not_well (I don't know them well); of an offer: yes or no"
    )
    tell: Literal["now", "quietly"] = Field(
        default="quietly", description="of a no: tell them now, or let them think that nobody answered"
    )
    contact: Contact | None = Field(
        default=None, description="with yes, where you work there yourself: how they may reach you"
    )


class TargetAnswerForm(Form):
    """The answer of who is to be introduced. A no is always quiet."""

    answer: Literal["yes", "no"]
    contact: Contact | None = Field(default=None, description="with yes: how they may reach you")


class OutcomeForm(Form):
    """How it went; later only a later one of these."""

    outcome: Literal["nothing", "talked", "interviewing", "hired"]


class TouchForm(Form):
    """What became of keeping in touch with somebody."""

    what: Literal["done", "later", "never"]


class Never(Form):
    """What somebody never wants to be asked about, and by whom."""

    companies: list[Text] = Field(default_factory=list, max_length=MOST_NAMED)
    members: list[Id] = Field(default_factory=list, max_length=MOST_NAMED)


class LimitsForm(Form):
    """How often, when and by whom somebody may be asked. Nobody is told any of it."""

    asks_a_month: int = Field(default=DEFAULT_ASKS, ge=0, le=MOST_ASKS, description="requests within 30 days")
    quiet_until: Instant | None = Field(default=None, description="nothing reaches me before")
    never: Never = Never()
    asked_from: From = Field(
        default="warm", alias="from", description="any tie, warm ones or direct paths, or close ones only"
    )

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True)
