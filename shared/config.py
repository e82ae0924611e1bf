"""The settings every service has, read from the environment once, at the start.

Secrets come from the environment only and never appear in a repr or in the text of an error.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from typing import Literal, Self

from pydantic import AliasChoices, Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.services import ServiceName, service_urls
from shared.tokens import hash_token

SHORTEST_TOKEN = 16
_OPERATOR = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]{0,39})=(?P<digest>[0-9a-f]{64})")


class KafkaSecurity(BaseSettings):
    """How clients connect to the brokers. Variables are `KAFKA_<NAME>`; without any: plain text, as on one machine."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", hide_input_in_errors=True)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_cafile: FilePath | None = None
    """PEM of the authority that signed the brokers' certificates; the system's authorities if not set."""

    ssl_certfile: FilePath | None = None
    ssl_keyfile: FilePath | None = None
    """PEM of the client's certificate, and its key. Both or none."""

    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted, and the broker's name checked against its certificate."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def sasl(self) -> bool:
        """Whether the client authenticates by user name and password."""
        return self.security_protocol.startswith("SASL")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        protocol = f"KAFKA_SECURITY_PROTOCOL={self.security_protocol}"
        credentials = {"sasl_mechanism", "sasl_username", "sasl_password"}
        if self.sasl and (missing := credentials - given):
            raise ValueError(f"{protocol} needs {_variables(missing)}")
        if not self.sasl and (idle := credentials & given):
            raise ValueError(f"{protocol} uses no {_variables(idle)}: set it to SASL_SSL, or unset them")
        if not self.tls and (idle := {"ssl_cafile", "ssl_certfile", "ssl_keyfile"} & given):
            raise ValueError(f"{protocol} uses no {_variables(idle)}: set it to SSL or SASL_SSL, or unset them")
        if (self.ssl_certfile is None) != (self.ssl_keyfile is None):
            raise ValueError("KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE: set both or none")
        return self


def _variables(names: Iterable[str]) -> str:
    return ", ".join(f"KAFKA_{name.upper()}" for name in sorted(names))


class ServiceSettings(BaseSettings):
    """Settings of all services; each service's `settings.py` adds its own. Variables are `WARMPATH_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="WARMPATH_", extra="ignore", validate_by_name=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    listen_fd: int | None = None
    """A listening socket that the process inherited, by file descriptor: used instead of host and port."""

    database_url: SecretStr = SecretStr("")
    """A PostgreSQL DSN of the service's own role; empty for a service without a database. It may hold a password."""

    service_token: SecretStr = Field(min_length=SHORTEST_TOKEN)
    """The secret by which services identify themselves to each other; the same for all."""

    operator_token: SecretStr = Field(min_length=SHORTEST_TOKEN)
    """The secret of the command line and of whoever runs the stack."""

    service_token_also: SecretStr = SecretStr("")
    operator_token_also: SecretStr = SecretStr("")
    """While a secret is being rotated: a second one, old or new, that is accepted but never sent."""

    operators: str = ""
    """Operators with tokens of their own, who appear in the audit by name: `ada=DIGEST,ben=DIGEST`.

    A digest is the SHA-256 of the token in hex, so that no service holds the token.
    """

    trusted_proxies: str = ""
    """Proxies that say truly in `X-Forwarded-For` where requests come from: `10.0.0.5,10.1.0.0/24`. None by default."""

    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "WARMPATH_KAFKA_BOOTSTRAP_SERVERS"),
    )
    patience_seconds: float = Field(default=20.0, gt=0)
    """How long a client may take for a request's head, and again for its body before a least rate is demanded."""

    connections: int = Field(default=4_000, ge=1)
    """The most simultaneous connections, live streams included; further ones get a 503."""

    calls: int = Field(default=50, ge=1)
    """The most simultaneous connections to our other services."""

    answer_seconds: float = Field(default=5.0, gt=0)
    """How long another of our services may take to answer; then it counts as away."""

    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    urls: dict[ServiceName, str] = Field(default_factory=lambda: service_urls(os.environ))
    """The addresses of our services, from `WARMPATH_<SERVICE>_URL`."""

    @model_validator(mode="after")
    def _secrets_differ(self) -> Self:
        service, operator = self.accepted()
        if set(service) & set(operator):
            raise ValueError("WARMPATH_SERVICE_TOKEN and WARMPATH_OPERATOR_TOKEN must differ, their _ALSO included")
        if any(len(token) < SHORTEST_TOKEN for token in (*service, *operator)):
            raise ValueError(f"WARMPATH_..._TOKEN_ALSO: at least {SHORTEST_TOKEN} characters, or empty")
        return self

    @model_validator(mode="after")
    def _operator_tokens_differ(self) -> Self:
        named = self.named_operators()
        fixed = {hash_token(one.get_secret_value()) for ones in self.accepted() for one in ones}
        if len({*named.values(), *fixed}) < len(named) + len(fixed):
            raise ValueError("WARMPATH_OPERATORS: give each operator a token that nobody else has")
        return self

    @model_validator(mode="after")
    def _proxies_are_addresses(self) -> Self:
        for place, each in enumerate(self.proxies(), 1):
            try:
                ipaddress.ip_network(each)
            except ValueError:
                raise ValueError(f"WARMPATH_TRUSTED_PROXIES: entry {place} is no address or network") from None
        return self

    @model_validator(mode="after")
    def _kafka_security_is_valid(self) -> Self:
        KafkaSecurity()  # clients read it when they are created; an inconsistency must already stop the start
        return self

    def accepted(self) -> tuple[list[SecretStr], list[SecretStr]]:
        """The tokens accepted from services, and those accepted from operators."""
        service = [self.service_token, self.service_token_also]
        operator = [self.operator_token, self.operator_token_also]
        return [one for one in service if one], [one for one in operator if one]

    def proxies(self) -> list[str]:
        """The addresses and networks of `trusted_proxies`."""
        return [one.strip() for one in self.trusted_proxies.split(",") if one.strip()]

    def named_operators(self) -> Mapping[str, str]:
        """The digest of each named operator's token. Raises ValueError naming the wrong entry."""
        entries = [one.strip() for one in self.operators.split(",") if one.strip()]
        found = [_OPERATOR.fullmatch(entry) for entry in entries]
        if None in found:
            place = found.index(None) + 1
            raise ValueError(f"WARMPATH_OPERATORS: entry {place} is not name=SHA256 (a-z 0-9 . _ -, 64 hex digits)")
        named = {one["name"]: one["digest"] for one in found if one}
        if len(named) < len(entries) or "operator" in named:
            raise ValueError("WARMPATH_OPERATORS: each name once, and nobody is called operator")
        return named
