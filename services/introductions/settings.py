"""Settings of introductions: those of every service, and where links for people without an account lead."""

from datetime import timedelta

from pydantic import Field, HttpUrl

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Variables are `WARMPATH_<NAME>`."""

    port: int = Field(default=SERVICES["introductions"].port, ge=0, le=65535)

    console_url: HttpUrl | None = None
    """Where people's browsers find the console: links by which somebody answers without an account lead there."""

    republish_after_hours: float = Field(default=8 * 24, gt=0)
    """When records without somebody who was erased are published again: after the topic's `segment.ms` (7 days)."""

    @property
    def republish_after(self) -> timedelta:
        """`republish_after_hours`."""
        return timedelta(hours=self.republish_after_hours)

    @property
    def console(self) -> str:
        """What links begin with, without a closing slash."""
        return (self.urls["console"] if self.console_url is None else str(self.console_url)).rstrip("/")
