"""Settings of profiles: those every service has, and how long what was erased is remembered."""

from pydantic import Field

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=SERVICES["profiles"].port, ge=0, le=65535)
    republish_after_hours: float = Field(default=8 * 24, gt=0)
    """When tombstones of erased people are published again: after the topics' `segment.ms` (7 days)."""
