"""What members send and see of organisations, the people in them, and their keys."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.postings.domain import Line, ShortLine, WebDomain
from services.postings.keys import Scope
from shared.web.identity import Role

MOST_OVERLAP_HOURS = 30 * 24


class Form(BaseModel):
    """Input is read strictly: a field with a misspelt name is an error, so that it is not lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NameForm(Form):
    """What an organisation is called."""

    name: Line = Field(examples=["Initech"])


class AddressForm(Form):
    """An address at the organisation's own web domain."""

    email: Annotated[str, StringConstraints(min_length=1, max_length=254)] = Field(examples=["ada@initech.example"])


class DomainCodeForm(Form):
    """The code from the e-mail to that address."""

    code: Annotated[str, StringConstraints(max_length=20)]


class DomainForm(Form):
    """A web domain with a TXT record."""

    domain: WebDomain = Field(examples=["initech.example"])


class RoleForm(Form):
    """What somebody may do in the organisation."""

    role: Role


class InvitationForm(AddressForm, RoleForm):
    """Who is invited, and to what."""


class LinkForm(Form):
    """The token of the link in an invitation."""

    link: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class KeyForm(Form):
    """What a new key is called, and what it is good for."""

    name: ShortLine = Field(examples=["applicant system"])
    scope: Scope = Field(default="post", description="`post`: everything with openings; `read`: nothing is changed")


class RotationForm(Form):
    """How long the old key goes on."""

    overlap_hours: int = Field(default=24, ge=0, le=MOST_OVERLAP_HOURS)


class OrganisationLine(BaseModel):
    """An organisation in the list of a member's."""

    organisation_id: str
    name: str
    role: Role = Field(description="the member's own")
    vouched: bool
    domain: str | None


class Organisations(BaseModel):
    """The organisations that a member works in, by name."""

    items: list[OrganisationLine]


class DomainProof(BaseModel):
    """An address to which a code was sent."""

    email: str
    expires_at: datetime


class OrganisationView(OrganisationLine):
    """An organisation, as somebody who works in it sees it."""

    created_at: datetime
    domain_verified_at: datetime | None
    domain_proof: DomainProof | None = Field(description="what is under way; shown to owners")

    @classmethod
    def of(cls, row: dict[str, Any], role: Role) -> Self:
        """The view of a row, for somebody in this role."""
        proof = None
        if role == "owner" and row["proof_email"]:
            proof = DomainProof(email=row["proof_email"], expires_at=row["proof_expires_at"])
        return cls(**{k: v for k, v in row.items() if k in cls.model_fields}, role=role, domain_proof=proof)


class ColleagueView(BaseModel):
    """Somebody who works in the organisation. `hiring_contact`: they agreed to be named in its openings."""

    member_id: str
    name: str | None = Field(description="null while it cannot be looked up")
    role: Role
    joined_at: datetime
    hiring_contact: bool


class Colleagues(BaseModel):
    """Who works in an organisation, longest there first."""

    items: list[ColleagueView]


class InvitationView(BaseModel):
    """Somebody who is invited, and has not accepted yet."""

    invitation_id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class Invitations(BaseModel):
    """Who is invited, newest first."""

    items: list[InvitationView]


class InvitedTo(BaseModel):
    """What a link invites to."""

    organisation_id: str
    name: str
    domain: str | None
    role: Role


class Key(BaseModel):
    """An API key, without the secret. `expires_at`: it was replaced, and goes on until then."""

    key_id: str
    name: str | None
    scope: Scope
    created_at: datetime
    last_used_at: datetime | None = Field(description="within an hour")
    expires_at: datetime | None


class Keys(BaseModel):
    """An organisation's API keys, oldest first."""

    items: list[Key]


class NewKey(BaseModel):
    """A new API key. Store it safely: we keep only its hash."""

    organisation_id: str
    key_id: str
    api_key: str


class OfMember(BaseModel):
    """What is kept of a member here, for their export."""

    organisations: list[dict[str, Any]]
    invitations: list[dict[str, Any]]
