"""Settings every service has, read from the environment once at start.

Secrets come from the environment only and never show in a repr or in an error's text.
"""

from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What all services share; each service's `settings.py` adds its own. Variables are `WARMPATH_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="WARMPATH_", extra="ignore", validate_by_name=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: SecretStr = SecretStr("")
    """A PostgreSQL DSN of the service's own role; empty for a service without a database. It may hold a password."""

    service_token: SecretStr = Field(min_length=16)
    """What services show each other. One secret for all of them."""

    operator_token: SecretStr = Field(min_length=16)
    """What the CLI and whoever runs the stack show."""

    postings_url: str = "http://127.0.0.1:8101"
    profiles_url: str = "http://127.0.0.1:8102"
    matching_url: str = "http://127.0.0.1:8103"
    notifications_url: str = "http://127.0.0.1:8104"
    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "WARMPATH_KAFKA_BOOTSTRAP_SERVERS"),
    )
    patience_seconds: float = Field(default=20.0, gt=0)
    """How long a client may take for a request's head, and again for its body before it must come at a steady rate."""

    connections: int = Field(default=4_000, ge=1)
    """So many at once, live streams among them; one more is told to come back later."""

    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _two_secrets(self) -> Self:
        if self.service_token == self.operator_token:
            raise ValueError("WARMPATH_SERVICE_TOKEN and WARMPATH_OPERATOR_TOKEN must differ")
        return self
