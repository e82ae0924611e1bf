"""What people send and see over HTTP. Unknown fields are refused, so that a misspelt one is never lost in silence."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from services.profiles.addresses import email_of, profile_key, web_url
from services.profiles.corrections import Corrections
from services.profiles.domain import Contact, Member
from services.profiles.finding import Findable
from services.profiles.imports.cells import tidy
from shared.events.base import Day, Id, Text
from shared.events.people import Employment, LeastPay, Seeking, Sought
from shared.events.ties import Count, WorkedTogether
from shared.pay import CurrencyCode, PayAmount


class Form(BaseModel):
    """A body somebody sends."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _line(value: str) -> str:
    text = tidy(value)
    if not any(char.isalnum() for char in text):
        raise ValueError("needs a letter or digit")
    return text


def _email(value: str) -> str:
    address = email_of(value)
    if address is None:
        raise ValueError("is no e-mail address")
    return address


def _profile(value: str) -> str:
    url = web_url(value)
    if profile_key(url) is None or url is None:
        raise ValueError("is no LinkedIn profile link")
    return url


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of the zone database, no name at all
        raise ValueError("is no time zone, as Europe/Lisbon is") from error
    return value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({value.casefold(): value for value in reversed(values)}.values())[::-1]


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_line)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
ProfileUrl = Annotated[str, StringConstraints(max_length=500), AfterValidator(_profile)]
Headline = Annotated[str, StringConstraints(max_length=220), AfterValidator(_line)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Skills = Annotated[tuple[Text, ...], Field(max_length=500), AfterValidator(_distinct)]


def _month(value: object) -> object:
    """A year alone as its first month."""
    return f"{value}-01" if isinstance(value, str) and len(value) == len("YYYY") and value.isdigit() else value


EmploymentDay = Annotated[Day, BeforeValidator(_month)]


class EmploymentForm(Employment):
    """Work at a company as the member states it. Days may be months or years: then the first day of these."""

    model_config = ConfigDict(extra="forbid")

    start: EmploymentDay | None = None
    end: EmploymentDay | None = None

    seen: None = Field(default=None, exclude=True, description="set by imports only")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError("end is before start")
        return self


class LeastPayForm(LeastPay):
    """The least a member would work for, in a currency that there is."""

    model_config = ConfigDict(extra="forbid")

    min: PayAmount
    currency: CurrencyCode


class SeekingForm(Sought):
    """What a member looks for."""

    model_config = ConfigDict(extra="forbid")

    salary: LeastPayForm | None = None


class Profile(Form):
    """A member's profile, whole."""

    name: Name
    email: Email
    profile_url: ProfileUrl | None = None
    time_zone: TimeZone = "UTC"
    headline: Annotated[Headline | None, Field(description="what I do, in a line, for messages that I send")] = None
    employments: tuple[EmploymentForm, ...] = Field(default=(), max_length=200)
    skills: Skills = ()
    seeking: SeekingForm | None = None
    introduces: Annotated[
        bool,
        Field(description="I may be asked for introductions: people in my address book see me and where I work"),
    ] = False
    visible_to_contacts: Annotated[
        bool, Field(description="people in my address book may see me here and where I work")
    ] = False
    findable: Annotated[
        Findable, Field(description="who finds me by an address or link of mine: people in my address book, or anyone")
    ] = "contacts"
    looks_openly: Annotated[bool, Field(description="people I know may see that I look")] = False
    discreet: Annotated[
        bool, Field(description="hidden from my employer and from companies I blocked, on all paths too")
    ] = True
    hiring_contact_for: Annotated[
        tuple[Id, ...] | None, Field(max_length=50, description="organisations whose openings may name me")
    ] = None


class NewMember(Profile):
    """A member as the operator makes them. `verified`: the operator vouches for the address and the profile link."""

    verified: bool = False


class Made(BaseModel):
    """A new member, or a member's new token: the token is shown this once."""

    member_id: str
    token: str


class Me(Profile):
    """A member's profile as they see it."""

    member_id: str
    email_verified: bool
    verified_email: Annotated[str | None, Field(description="where mail goes until `email` is verified")]
    profile_verified: bool
    contacts: int

    @classmethod
    def of(cls, member: Member, contacts: int) -> Self:
        """What `member` sees of themself."""
        return cls.model_validate(
            {**profile_of(member), "member_id": member.member_id, "contacts": contacts}
            | {"email_verified": member.email_verified and member.new_email is None}
            | {"verified_email": member.email if member.email_verified else None}
            | {"profile_verified": member.profile_verified}
        )


_NOT_OF_A_SEARCH = {"discreet", "since", "openly"}
"""Of the profile as a whole, or ours to say."""


def profile_of(member: Member) -> dict[str, object]:
    """A member as the fields of `Profile`."""
    return {
        "name": member.name,
        "email": member.new_email or member.email,
        "profile_url": member.profile_url,
        "time_zone": member.time_zone,
        "headline": member.headline,
        "employments": [work.model_dump(mode="json", exclude={"seen"}) for work in member.employments],
        "skills": member.skills,
        "seeking": member.seeking.model_dump(mode="json", exclude=_NOT_OF_A_SEARCH) if member.seeking else None,
        "introduces": member.introduces,
        "visible_to_contacts": member.visible_to_contacts,
        "findable": member.findable,
        "looks_openly": member.looks_openly,
        "discreet": member.discreet,
        "hiring_contact_for": member.hiring_contact_for,
    }


def changed(member: Member, profile: Profile, today: date) -> Member:
    """The member with a new profile.

    A verified address counts until a new one is verified; a verified link is verified only while it stays the same.
    """
    waits = member.email_verified and profile.email != member.email
    same = profile_key(profile.profile_url) == member.profile_key and member.profile_verified
    return replace(
        member,
        name=profile.name,
        email=member.email if waits else profile.email,
        new_email=profile.email if waits else None,
        profile_url=profile.profile_url,
        profile_verified=same,
        time_zone=profile.time_zone,
        headline=profile.headline,
        employments=tuple(Employment.model_validate(work.model_dump()) for work in profile.employments),
        skills=profile.skills,
        seeking=_search(profile.seeking, member.seeking, today),
        introduces=profile.introduces,
        visible_to_contacts=profile.visible_to_contacts,
        findable=profile.findable,
        looks_openly=profile.looks_openly,
        discreet=profile.discreet,
        hiring_contact_for=_organisations(profile.hiring_contact_for, member.hiring_contact_for),
    )


def _search(form: SeekingForm | None, before: Seeking | None, today: date) -> Seeking | None:
    """What is looked for; since when it was begun, however it changes."""
    if form is None:
        return None
    since = before.since if before else today
    return Seeking.model_validate(form.model_dump() | {"since": since})


def _organisations(wanted: tuple[str, ...] | None, before: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Once something was said it stays said: that none may name them any more must reach who reads it."""
    return tuple(dict.fromkeys(wanted)) if wanted is not None else None if before is None else ()


class VerifiedEmailForm(Form):
    """The address that was verified."""

    email: Email


class ClosenessForm(Form):
    """How well the member knows somebody, from 1 (barely) to 5 (very well)."""

    value: Annotated[int, Field(ge=1, le=5, strict=True)]


class RatingForm(ClosenessForm):
    """How well the member knows one contact."""

    contact_id: Annotated[str, Field(min_length=1, max_length=200)]


class RatingsForm(Form):
    """How well the member knows each of many contacts; nobody twice."""

    ratings: Annotated[list[RatingForm], Field(min_length=1, max_length=500)]


class WorkedTogetherForm(Form):
    """That the member worked with somebody, for how many months, and the day it ended."""

    company: Text
    months: Count
    ended: Day | None = None
    company_size: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class ConfirmForm(Form):
    """Which of the members who claim the contact's profile link it is; may be left out when only one does."""

    member_id: Id | None = None


class Claim(BaseModel):
    """A member who says that a contact's profile link is theirs."""

    member_id: str
    name: str


class CorrectionForm(Form):
    """A company's name in any spelling, and the one that it is; null: it is no employer."""

    name: Name
    company: Annotated[Name | None, Field(description="null: it is no employer")]


class CorrectionView(BaseModel):
    """A company's name, and the one that it is; null: it is no employer."""

    name: str
    company: str | None


class CorrectionList(BaseModel):
    """What a member says of companies in their own address book."""

    corrections: list[CorrectionView]

    @classmethod
    def of(cls, said: Corrections) -> Self:
        """As the member sees them."""
        return cls(corrections=[CorrectionView(name=one.name, company=one.company) for one in said])


class ContactView(BaseModel):
    """A contact as its owner sees it. `id` is the one suggestions use."""

    id: str
    name: str
    email: str | None
    profile_url: str | None
    company: str | None
    corrected: Annotated[str | None, Field(description="the company as I corrected it; empty for no employer")]
    position: str | None
    connected_on: date | None
    listed: bool
    member: bool
    closeness: int | None
    worked_together: WorkedTogether | None
    blocked: bool
    may_find_me: bool
    claims: tuple[Claim, ...] = ()

    @classmethod
    def of(cls, contact: Contact, claims: tuple[Claim, ...] = ()) -> Self:
        """What the owner sees of `contact`."""
        shown = {name: getattr(contact, name) for name in cls.model_fields if hasattr(contact, name)}
        return cls(id=contact.person_id, member=contact.member_id is not None, claims=claims, **shown)


class CompanyView(BaseModel):
    """A company where contacts work: how many, and the first of them."""

    company: str
    employer: Annotated[bool, Field(description="false: the name says that there is none, as “Self-employed” does")]
    contacts: int
    people: list["Colleague"]


class Colleague(BaseModel):
    """A contact at a company."""

    id: str
    position: str | None


class PublishedBook(BaseModel):
    """What topics hold of a member's address book: records of `ties` and of `people`, and the sum of their versions."""

    member_id: str
    ties: int
    people: int
    versions: int


class CardsForm(Form):
    """Whose cards are wanted, and who will see them."""

    ids: Annotated[list[Id], Field(max_length=500)]
    viewer: Id


class Card(BaseModel):
    """Somebody's name and work, for a message. Address and headline are the viewer's own or absent.

    `given_name` greets them. `profile_url` and `connected_on` are what the viewer's own book says of them.
    """

    id: str
    name: str
    given_name: str
    email: str | None
    headline: str | None
    member: bool
    company: str | None
    title: str | None
    profile_url: str | None
    connected_on: date | None


class Cards(BaseModel):
    """The cards the viewer may see, in no order; the others are left out."""

    cards: list[Card]
