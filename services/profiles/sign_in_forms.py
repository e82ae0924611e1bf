"""What people and the console send and see of sign-in, sessions and tokens."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.profiles.forms import Email, Form, Name
from shared.web.identity import Scope

Opaque = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A value that we only compare or hash."""

About = Annotated[str, StringConstraints(max_length=200)]


class SignInForm(Form):
    """Who wants to sign in. `browser`: a random value that only this browser has. `source`: the client's address."""

    email: Email
    browser: Opaque
    source: Opaque


class SignInBegun(BaseModel):
    """The sign-in that a code belongs to."""

    sign_in_id: UUID


class FinishForm(Form):
    """A link's token and the browser that has it, or the code of a sign-in."""

    link: Opaque | None = None
    browser: Annotated[str, StringConstraints(max_length=200)] = ""
    sign_in_id: Opaque | None = None
    code: Annotated[str, StringConstraints(max_length=20)] | None = None
    about: Annotated[About | None, Field(description="what the list of sessions calls the browser")] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.link is None) == (self.sign_in_id is None) or (self.sign_in_id is None) != (self.code is None):
            raise ValueError("send link and browser, or sign_in_id and code")
        return self


class ProviderForm(Form):
    """Which browser wants to sign in through the other provider, and from where."""

    browser: Opaque
    source: Opaque


class ProviderBegun(BaseModel):
    """Where to send the browser."""

    url: str


class ReturnForm(Form):
    """What the provider sent back with the browser."""

    state: Opaque
    code: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    browser: Annotated[str, StringConstraints(max_length=200)] = ""
    about: Annotated[About | None, Field(description="what the list of sessions calls the browser")] = None


class ProviderView(BaseModel):
    """How the other provider is called; null where none is configured."""

    name: str | None


class EmailForm(Form):
    """An address that the member wants to use from now on."""

    email: Email


class CodeForm(Form):
    """The code from the e-mail to that address."""

    code: Annotated[str, StringConstraints(max_length=20)]


class Finished(BaseModel):
    """A session has begun: its token is shown this once. `new`: the account was made just now."""

    token: str
    member_id: str
    new: bool


class LinkMade(BaseModel):
    """A link's token, and where it leads if the console's address is configured."""

    link: str
    url: str | None


class SessionView(BaseModel):
    """Where a member is signed in. `last_used_at` within an hour; `about`: the browser as the console called it."""

    session_id: UUID
    created_at: datetime
    last_used_at: datetime
    current: bool
    about: str | None


class Sessions(BaseModel):
    """A member's sessions, last used first."""

    items: list[SessionView]


class TokenForm(Form):
    """A token to be made. With scope `read` nothing can be changed."""

    name: Name
    scope: Scope = "all"


class TokenView(BaseModel):
    """A token for a program, without the token itself; `name` is null where an operator made it."""

    token_id: UUID
    name: str | None
    scope: Literal["all", "read"]
    created_at: datetime
    last_used_at: datetime | None


class NewToken(TokenView):
    """A token that was just made: it is shown this once."""

    token: str


class Tokens(BaseModel):
    """A member's tokens for programs, newest first."""

    items: list[TokenView]
