"""Our services as real processes in tests: started, killed, started again at the same address."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from infra.local.ports import free_port
from infra.local.service import ServiceProcess
from shared.services import SERVICES, WITH_DATABASE, ServiceName
from shared.testing.database import Database

SERVICE_TOKEN = "test-service-token-0123456789"  # noqa: S105 - made up, for tests on this machine
OPERATOR_TOKEN = "test-operator-token-0123456789"  # noqa: S105 - made up, for tests on this machine


def environment(bootstrap: str, dsn: str | None = None, **more: str) -> dict[str, str]:
    """The environment a service needs; `more` adds or replaces variables."""
    base = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "WARMPATH_SERVICE_TOKEN": SERVICE_TOKEN,
        "WARMPATH_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "WARMPATH_LOG_FORMAT": "json",
    }
    return {**base, **({} if dsn is None else {"WARMPATH_DATABASE_URL": dsn}), **more}


def environments(bootstrap: str, database: Database, **more: str) -> dict[ServiceName, dict[str, str]]:
    """The environment of each service, on free ports where the others find it; `more` goes to all of them."""
    ports = {name: free_port() for name in SERVICES}
    urls = {f"WARMPATH_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    return {
        name: environment(
            bootstrap,
            database.dsn(name) if name in WITH_DATABASE else None,
            **urls,
            WARMPATH_PORT=str(port),
            **more,
        )
        for name, port in ports.items()
    }


@asynccontextmanager
async def service(name: str, env: Mapping[str, str], *, wait: bool = True) -> AsyncIterator[ServiceProcess]:
    """Starts `python -m services.<name>` on a free port and waits for `/ready`; stops it at the end.

    Inside: `.url`, `.log`, `await .kill()`, `await .start()`, `await .stop()`, `await .restart()`.
    """
    with tempfile.TemporaryDirectory(prefix=f"warmpath-{name}-") as folder:
        port = int(env.get("WARMPATH_PORT", 0)) or free_port()
        process = ServiceProcess(name, port, env, log=Path(folder) / f"{name}.log")
        try:
            process.launch()
            if wait:
                await process.until_ready()
            yield process
        finally:
            await process.stop()
