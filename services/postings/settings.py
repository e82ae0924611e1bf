"""Settings of postings: those of every service, and how many openings an organisation may create a day."""

from pydantic import Field

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=SERVICES["postings"].port, ge=0, le=65535)
    openings_a_day: int = Field(default=1_000, ge=1)
    """New openings an organisation may create a day (UTC), so that nobody counts people by throw-away openings."""
