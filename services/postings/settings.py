"""Settings of postings: those every service has, and how many openings an organisation may make a day."""

from pydantic import Field

from shared.config import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=8101, ge=0, le=65535)
    openings_a_day: int = Field(default=1_000, ge=1)
    """New openings an organisation may make a day (UTC). What counts people must not be asked by throw-away ones."""
