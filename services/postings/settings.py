"""Settings of postings: those of every service, and what bounds how much organisations learn about seekers."""

from pydantic import Field

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=SERVICES["postings"].port, ge=0, le=65535)
    openings_a_day: int = Field(default=1_000, ge=1)
    """New openings an organisation may create a day (UTC), so that nobody counts people by throw-away openings."""

    reach_after_seconds: float = Field(default=3_600, ge=0)
    """How old an opening is when its reach is worked out for the first time."""

    reach_seeking_days: int = Field(default=7, ge=0, le=365)
    """Only who has been seeking for so many days is counted."""
