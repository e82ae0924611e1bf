"""PostgreSQL over TLS, by the DSN alone. The wheel's server is built without TLS, so an installed one is needed."""

import asyncio
import os
import shutil
import ssl
import tempfile
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from infra.local.ports import free_port
from infra.local.postgres import allow_traversal, unprivileged_user
from infra.local.process import run, spawn, stop
from shared.storage.migrations import SHARED, migrate
from shared.storage.pool import open_pool
from shared.testing.wait import until
from tests.integration.secured import Authority

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
WHY = "needs a PostgreSQL with TLS, as Debian's `postgresql`: the wheel's server has none"
pytestmark = [pytest.mark.postgres, pytest.mark.skipif(not INSTALLED, reason=WHY)]


class Server:
    """A throwaway server that takes TLS connections only."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.authority = folder, free_port(), Authority(folder / "certificates")
        self._data, self._log, self._user = folder / "data", folder / "log", unprivileged_user()

    def dsn(self, **query: object) -> str:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"postgresql://postgres:secret@127.0.0.1:{self.port}/postgres?{asked}"

    async def start(self) -> "asyncio.subprocess.Process":
        (self.folder / "pw").write_text("secret")
        certificate, key = self.authority.certify("127.0.0.1")
        self._data.mkdir(mode=0o700)
        key.chmod(0o600)
        if self._user is not None:
            for path in (self._data, self.folder / "pw", key):
                os.chown(path, *self._user)
            allow_traversal(self._data, self._user, lambda _: None)
        told = await run(
            [INSTALLED[-1], "-D", self._data, "-U", "postgres", f"--pwfile={self.folder / 'pw'}", "--no-sync"],
            log=self._log, cwd=self.folder, user=self._user,
        )  # fmt: skip
        assert told is None, told
        (self._data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off",
            "ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key,
        }  # fmt: skip
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = INSTALLED[-1].with_name("postgres")
        return spawn([postgres, "-D", self._data, *flags], log=self._log, cwd=self.folder, user=self._user)

    async def answers(self) -> bool:
        try:
            await (await asyncpg.connect(self.dsn(sslmode="require"))).close()
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server():
    folder = Path(tempfile.mkdtemp(prefix="warmpath-tls-"))
    made = Server(folder)
    process = await made.start()
    try:
        await until(made.answers)
        yield made
    finally:
        await stop(process, timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_service_connects_and_migrates_over_tls_with_the_servers_name_checked(server):
    dsn = server.dsn(sslmode="verify-full", sslrootcert=server.authority.file)
    pool = await open_pool(dsn, schema="public")
    try:
        assert await migrate(pool, SHARED)
        assert await pool.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    finally:
        await pool.close()


async def test_another_authority_is_refused_at_once(server, tmp_path):
    other = Authority(tmp_path / "other").file
    with pytest.raises(ssl.SSLCertVerificationError):
        async with asyncio.timeout(5):
            await open_pool(server.dsn(sslmode="verify-full", sslrootcert=other), schema="public")


async def test_another_name_than_the_certificates_is_refused(server):
    dsn = server.dsn(sslmode="verify-full", sslrootcert=server.authority.file).replace("127.0.0.1", "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        await open_pool(dsn, schema="public", wait_s=1)


async def test_without_tls_the_server_lets_nobody_in(server):
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await open_pool(server.dsn(sslmode="disable"), schema="public", wait_s=1)
