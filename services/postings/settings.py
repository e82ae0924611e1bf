"""Settings of postings: those every service has."""

from pydantic import Field

from shared.config import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=8101, ge=0, le=65535)
