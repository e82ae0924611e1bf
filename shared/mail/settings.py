"""Settings of the services that send e-mail."""

from typing import Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from shared.config import ServiceSettings


class MailSettings(ServiceSettings):
    """Variables are `WARMPATH_<NAME>`. E-mail is off unless `smtp_host` is set."""

    console_url: HttpUrl | None = None
    """Where people's browsers find the console: the only address that e-mails link to."""

    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_from: str = "Warmpath <warmpath@localhost>"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["auto", "none", "starttls", "tls"] = "auto"
    """`auto` uses STARTTLS where the server offers it; with a username it is required."""

    smtp_timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    """For each step of the dialogue with the mail server."""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.smtp_username and self.smtp_tls == "none":
            raise ValueError("WARMPATH_SMTP_USERNAME needs WARMPATH_SMTP_TLS to be starttls or tls")
        return self

    @property
    def console(self) -> str | None:
        """`console_url` without a closing slash."""
        return None if self.console_url is None else str(self.console_url).rstrip("/")
