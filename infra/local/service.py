"""A service as a process of its own: `python -m services.<name>`, with its log in a file."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

from infra.local.ports import listen
from infra.local.process import LocalError, spawn, stop, tail, wait_exit

START_LIMIT = 90.0
STOP_LIMIT = 20.0


class ServiceProcess:
    """A service at `url`. `name` is its module under `services`; `label` distinguishes several of one kind.

    The process inherits a socket that is already listening, so that no other process can answer at its address.
    `where` is such a socket for the first start, or a port to bind at each start.
    """

    def __init__(
        self, name: str, where: int | socket.socket, env: Mapping[str, str], *, log: Path, label: str | None = None
    ) -> None:
        self.name = name
        self.label = label or name
        self._listener = None if isinstance(where, int) else where
        self.port = where if isinstance(where, int) else int(where.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._env = {**os.environ, **env, "WARMPATH_HOST": "127.0.0.1", "WARMPATH_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running and self._process is not None else None

    @property
    def running(self) -> bool:
        """Whether the process is running; it may not be ready yet."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code once it has ended; negative for a signal."""
        return None if self._process is None else self._process.poll()

    def launch(self) -> None:
        """Starts the process and returns at once."""
        if self.running:
            raise LocalError(f"{self.label} is already running")
        command = [sys.executable, "-m", f"services.{self.name}"]
        # Our copy is closed: once the process dies, connections are refused instead of waiting in the backlog.
        with self._listener or listen(self.port) as listener:
            self._listener = None
            env = {**self._env, "WARMPATH_LISTEN_FD": str(listener.fileno())}
            self._process = spawn(command, log=self.log, env=env, keep=[listener.fileno()])

    async def until_ready(self, limit: float = START_LIMIT) -> None:
        """Waits until `/ready` answers 200; raises LocalError with the end of the log if it ends or takes too long."""
        deadline = time.monotonic() + limit
        last = "no answer yet"
        async with httpx2.AsyncClient(timeout=5, trust_env=False) as client:
            while True:
                if not self.running:
                    raise LocalError(self.exit_report())
                try:
                    answer = await client.get(f"{self.url}/ready")
                    if answer.status_code == httpx2.codes.OK:
                        return
                    last = answer.text[:500]
                except httpx2.HTTPError as problem:
                    last = repr(problem)
                if time.monotonic() > deadline:
                    raise LocalError(f"{self.label} is not ready after {limit:.0f} s ({last}). {self._log_end()}")
                await asyncio.sleep(0.05)

    async def start(self) -> None:
        """Starts it and waits until it is ready."""
        self.launch()
        await self.until_ready()

    async def stop(self) -> None:
        """Sends SIGTERM and waits; kills it if it does not end in time."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._process is not None:
            await stop(self._process, timeout=STOP_LIMIT)

    async def kill(self) -> None:
        """SIGKILL, as in a crash; `start()` starts it again at the same address."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGKILL)
            await wait_exit(self._process, 10)

    async def restart(self) -> None:
        """Stops it gracefully if it is running, and starts it again at the same address."""
        await self.stop()
        await self.start()

    def exit_report(self) -> str:
        """An error message for a process that ended by itself, with the end of its log."""
        return f"{self.label} ended (exit code {self.exit_code}). {self._log_end()}"

    def _log_end(self) -> str:
        return f"The end of {self.log}:\n{tail(self.log)}"
