"""Every service there is, in one table: with a row here, all Python code knows the service.

Files that cannot read Python (docker-compose.yml, roles.sql, the pages) are held to this table by
tests/unit/infra/test_services.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ServiceName = Literal["postings", "profiles", "matching", "introductions", "notifications", "console"]


@dataclass(frozen=True, slots=True)
class Service:
    """A process that `python -m services.<name>` starts."""

    port: int
    """Where it listens, in containers and, while the port is free, on this machine."""

    database: bool = True
    """Whether it has a PostgreSQL schema and role of its own, both called by its name."""

    @property
    def url(self) -> str:
        """Where it is found on this machine."""
        return f"http://127.0.0.1:{self.port}"


SERVICES: Mapping[ServiceName, Service] = {
    "postings": Service(8101),
    "profiles": Service(8102),
    "matching": Service(8103, database=False),
    "notifications": Service(8104),
    "introductions": Service(8105),
    "console": Service(8100, database=False),
}


def service_urls(environ: Mapping[str, str]) -> dict[ServiceName, str]:
    """The address of every service: from `WARMPATH_<SERVICE>_URL`, otherwise its port on this machine."""
    return {name: environ.get(f"WARMPATH_{name.upper()}_URL", service.url) for name, service in SERVICES.items()}


WITH_DATABASE: tuple[ServiceName, ...] = tuple(name for name, service in SERVICES.items() if service.database)
