"""Files that cannot read the table of services are held to it here: docker-compose.yml, roles.sql, pages and others.

A new service: a row in shared/services.py, then what these tests ask for.
"""

import re
from pathlib import Path

import pytest

from infra.local.process import ROOT
from shared.services import SERVICES, Service

EVERY: dict[str, list[str]] = {
    "docker-compose.yml": [
        r'command: \["python3", "-m", "services\.{name}"\]',
        r'WARMPATH_PORT: "{port}"',
        r'ports: \["127\.0\.0\.1:{port}:{port}"\]',
        r"WARMPATH_{NAME}_URL: http://(?:{name}|127\.0\.0\.1):{port}$",
    ],
    "infra/prometheus/prometheus.yml": [r"job_name: {name}$", r'targets: \["{name}:{port}"\]'],
    "Makefile": [r"logs --follow .*\b{name}\b"],
    "README.md": [r"^\| `services/{name}` \|"],
    "docs/operations.md": [r"One service after the other[^*]*\*\*[^*]*\b{name}\b"],
}
"""What each file says of every service, as regular expressions."""

WITH_A_DATABASE: dict[str, list[str]] = {
    "docker-compose.yml": [
        r"WARMPATH_DATABASE_URL: postgresql://{name}:\$\{{WARMPATH_{NAME}_PASSWORD:\?.*@postgres:5432/warmpath$",
        r"^      WARMPATH_{NAME}_PASSWORD: \$\{{WARMPATH_{NAME}_PASSWORD\}}$",
    ],
    "infra/postgres/roles.sql": [
        r"^\\getenv {name}_password WARMPATH_{NAME}_PASSWORD$",
        r"unnest\(ARRAY\[.*'{name}'",
        r"^ALTER ROLE {name} LOGIN PASSWORD :'{name}_password';$",
        r"^ALTER ROLE {name} SET search_path = {name};$",
        r"^GRANT CONNECT ON DATABASE .*\b{name}\b",
        r"^CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name};$",
    ],
    ".env.example": [r"^WARMPATH_{NAME}_PASSWORD=change-me$"],
    "docs/operations.md": [
        r"^pg_dump .*-n {name}\b",
        r"exec -T postgres pg_dump .*-n {name}\b",
        r"^pg_restore .*-n {name}\b",
        r"^for schema in .*\b{name}\b",
    ],
}
"""And of every service with a database."""

FILES = sorted({*EVERY, *WITH_A_DATABASE})


def missing(file: str, name: str, service: Service) -> list[str]:
    """What a file lacks of a service."""
    wanted = EVERY.get(file, []) + (WITH_A_DATABASE.get(file, []) if service.database else [])
    text = (ROOT / file).read_text()
    patterns = [pattern.format(name=name, NAME=name.upper(), port=service.port) for pattern in wanted]
    return [
        f"{file} lacks the service {name!r} of shared/services.py: no line matches {pattern}"
        for pattern in patterns
        if not re.search(pattern, text, re.MULTILINE)
    ]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", SERVICES)
def test_a_file_that_cannot_read_the_table_names_every_service(name, file):
    found = missing(file, name, SERVICES[name])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", FILES)
def test_a_service_that_a_file_lacks_is_seen(file):
    found = missing(file, "invented", Service(8199))
    assert len(found) == len(EVERY.get(file, [])) + len(WITH_A_DATABASE.get(file, []))
    assert all(file in each and "'invented'" in each for each in found)


def test_every_service_is_a_folder_that_starts_and_every_such_folder_is_a_service():
    assert {path.parent.name for path in Path(ROOT / "services").glob("*/__main__.py")} == set(SERVICES)
    for name, service in SERVICES.items():
        assert (ROOT / "services" / name / "migrations").is_dir() is service.database, name


def test_ports_are_the_services_own():
    ports = [service.port for service in SERVICES.values()]
    assert len(set(ports)) == len(ports)
