"""Settings of notifications, in addition to those of every service."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Variables are `WARMPATH_<NAME>`. E-mail is off unless `smtp_host` is set."""

    port: int = Field(default=SERVICES["notifications"].port, ge=0, le=65535)

    console_url: HttpUrl | None = None
    """Where people's browsers find the console: the only address that e-mails link to. It must pass `/unsubscribe/…`
    on to this service. Without one e-mails link to this service's own address, `WARMPATH_NOTIFICATIONS_URL`."""

    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_from: str = "Warmpath <warmpath@localhost>"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["auto", "none", "starttls", "tls"] = "auto"
    """`auto` uses STARTTLS where the server offers it; with a username it is required."""

    smtp_timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    """For each step of the dialogue with the mail server."""

    digest_quiet_seconds: float = Field(default=60.0, gt=0)
    """A summary is sent once nothing was added to it for this long."""

    digest_longest_seconds: float = Field(default=900.0, gt=0)
    """And at most this long after its first item."""

    stream_heartbeat_seconds: float = Field(default=15.0, gt=0)
    stream_patience_seconds: float = Field(default=20.0, gt=0)
    """A client that reads nothing for this long is disconnected; it can resume where it was."""

    stream_check_seconds: float = Field(default=25.0, gt=0, le=30)
    """How often an open stream asks whether its token is still valid. Together with the half minute for which an answer
    is cached this keeps the promise that a stream ends within a minute of a revocation."""

    streams_per_member: int = Field(default=10, ge=1)

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.smtp_username and self.smtp_tls == "none":
            raise ValueError("WARMPATH_SMTP_USERNAME needs WARMPATH_SMTP_TLS to be starttls or tls")
        return self

    @property
    def console(self) -> str | None:
        """`console_url` without a closing slash."""
        return None if self.console_url is None else str(self.console_url).rstrip("/")

    @property
    def link_base(self) -> str:
        """What the addresses in e-mails begin with."""
        return self.console or self.urls["notifications"].rstrip("/")

    @property
    def quiet(self) -> timedelta:
        """`digest_quiet_seconds`."""
        return timedelta(seconds=self.digest_quiet_seconds)

    @property
    def longest(self) -> timedelta:
        """`digest_longest_seconds`."""
        return timedelta(seconds=self.digest_longest_seconds)
