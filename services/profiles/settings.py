"""Settings of profiles: those of services that send e-mail, limits on sign-in, when tombstones are published again."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from services.profiles.addresses import email_of
from shared.mail.settings import MailSettings
from shared.services import SERVICES


class Settings(MailSettings):
    """Read from the environment once, at start. Without a mail server nobody can sign in by e-mail."""

    port: int = Field(default=SERVICES["profiles"].port, ge=0, le=65535)
    republish_after_hours: float = Field(default=8 * 24, gt=0)
    """When tombstones of erased people are published again: after the topics' `segment.ms` (7 days)."""

    imports_a_day: int = Field(default=20, ge=1)
    """Imports of one member that change something: enough for people, too few to guess by."""

    sign_ins_per_source: int = Field(default=30, ge=1)
    """Sign-ins that may be asked for in a quarter of an hour from one address on the network."""

    sign_ins_per_address: int = Field(default=5, ge=1)
    """And for one e-mail address from there."""

    sign_in_mails_per_address: int = Field(default=10, ge=1)
    """E-mails to one address within an hour, whoever asks for them. Those beyond are not sent, and no answer tells."""

    codes_per_address: int = Field(default=30, ge=5)
    """Codes that may be tried in a day for one e-mail address, in all its sign-ins. Links work all the same."""

    operator_addresses: str = ""
    """Verified addresses of members who are operators while they are signed in: `ada@site.example,ben@site.example`."""

    oidc_issuer: str | None = None
    """Another provider that signs people in (OpenID Connect), exactly as it names itself. Off unless this is set."""

    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = Field(default="your organisation", min_length=1, max_length=60)
    """What people know the provider as."""

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        parts = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(parts) and not (all(parts) and self.console_url):
            raise ValueError(
                "WARMPATH_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET, WARMPATH_CONSOLE_URL: set all or no OIDC"
            )
        return self

    @model_validator(mode="after")
    def _operators_have_addresses(self) -> Self:
        wrong = [place for place, each in enumerate(self._operators(), 1) if email_of(each) is None]
        if wrong:
            raise ValueError(f"WARMPATH_OPERATOR_ADDRESSES: entry {wrong[0]} is not an e-mail address")
        return self

    def operators_addresses(self) -> list[str]:
        """The addresses of operators, as members' addresses are stored."""
        return [email for each in self._operators() if (email := email_of(each))]

    def _operators(self) -> list[str]:
        return [one.strip() for one in self.operator_addresses.split(",") if one.strip()]
