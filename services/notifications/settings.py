"""Settings of notifications, in addition to those of every service that sends e-mail."""

from datetime import timedelta

from pydantic import Field

from shared.mail.settings import MailSettings
from shared.services import SERVICES


class Settings(MailSettings):
    """Variables are `WARMPATH_<NAME>`.

    The console must pass `/unsubscribe/…` on to this service. Without a console e-mails link to this service itself, at
    `WARMPATH_NOTIFICATIONS_URL`.
    """

    port: int = Field(default=SERVICES["notifications"].port, ge=0, le=65535)

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
