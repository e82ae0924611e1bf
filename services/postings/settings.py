"""Settings of postings: those of services that send e-mail, and what bounds organisations and what they may learn."""

from pydantic import Field

from shared.mail.settings import MailSettings
from shared.services import SERVICES


class Settings(MailSettings):
    """Read from the environment once, at start. Without a mail server nobody can verify a web domain or be invited."""

    port: int = Field(default=SERVICES["postings"].port, ge=0, le=65535)
    openings_a_day: int = Field(default=1_000, ge=1)
    """New openings an organisation may create a day (UTC), so that nobody counts people by throw-away openings."""

    reach_after_seconds: float = Field(default=3_600, ge=0)
    """How old an opening is when its reach is worked out for the first time."""

    reach_seeking_days: int = Field(default=7, ge=0, le=365)
    """Only who has been seeking for so many days is counted."""

    organisations_a_month: int = Field(default=3, ge=1)
    """Organisations that a member may make in 30 days: what bounds each bounds nobody who can make any number."""

    domain_codes_an_hour: int = Field(default=5, ge=1)
    """Codes that an organisation may have sent to verify its web domain."""

    codes_per_domain: int = Field(default=20, ge=1)
    """And those to addresses at one web domain in a day, whoever asks. Those beyond are silently not sent."""

    mails_per_address: int = Field(default=5, ge=1)
    """E-mails of organisations to one address in a day, whoever asks. Those beyond are silently not sent."""

    invitations_a_day: int = Field(default=50, ge=1)
    """Invitations that an organisation may send."""

    dns_server: str | None = Field(default=None, pattern=r"^[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?$")
    """A DNS server, by IPv4 address and port if not 53: with one, a TXT record proves a web domain as well."""
