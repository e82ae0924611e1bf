"""Settings of the console: those every service has, and the address that people reach it under."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=SERVICES["console"].port, ge=0, le=65535)
    calls: int = Field(default=4_000, ge=1)
    """As many as there may be clients: each page that follows the inbox holds one of notifications' streams."""

    console_url: str = SERVICES["console"].url
    """Where browsers reach the console, as e-mails link to it. With https, cookies are for https only."""

    @field_validator("console_url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
            raise ValueError("WARMPATH_CONSOLE_URL is an origin such as https://warmpath.example, without a path")
        return url.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether browsers speak https to it."""
        return self.console_url.startswith("https:")
