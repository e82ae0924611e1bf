"""The data folder of a local stack: one stack at a time, secrets kept between runs, readable only by its owner."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.postgres import ADMIN, ROLES
from infra.local.process import LocalError

SECRETS_FILE = "secrets.json"
STACK_FILE = "stack.json"
LOCK_FILE = "lock"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The tokens and passwords of one stack; generated once per folder."""

    service_token: str = field(repr=False)
    operator_token: str = field(repr=False)
    passwords: dict[str, str] = field(repr=False)


class DataFolder:
    """A folder that is new, empty, or was made by an earlier run. Any other folder is refused and left untouched."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @contextmanager
    def locked(self, *, fresh: bool = False) -> Iterator[Secrets]:
        """Locks the folder for one stack and gives its secrets; `fresh` empties it first.

        Raises LocalError when another stack has locked it, or when it contains files of something else.
        """
        self._check_is_ours()
        self.path.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(
                    f"A stack is already running on {self.path} (process {lock.read().strip() or 'unknown'}). "
                    "Stop it first, or choose another folder with --data DIR"
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            try:
                yield self._prepare(fresh)
            finally:
                (self.path / STACK_FILE).unlink(missing_ok=True)

    def write_stack(self, content: dict[str, Any]) -> Path:
        """Writes what the CLI needs to find the stack; readable only by the owner."""
        path = self.path / STACK_FILE
        _write_private(path, content)
        return path

    def _check_is_ours(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise LocalError(f"{self.path} is not a folder")
        names = {entry.name for entry in self.path.iterdir()}
        if names - {LOCK_FILE} and SECRETS_FILE not in names:
            raise LocalError(f"{self.path} contains files of something else: choose an empty or a new folder")

    def _prepare(self, fresh: bool) -> Secrets:
        if fresh:
            for entry in self.path.iterdir():
                if entry.name == LOCK_FILE:
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
        path = self.path / SECRETS_FILE
        if not path.exists():
            generated = {
                "service_token": secrets.token_urlsafe(32),
                "operator_token": secrets.token_urlsafe(32),
                "passwords": {role: secrets.token_urlsafe(24) for role in (ADMIN, *ROLES)},
            }
            _write_private(path, generated)
        found = json.loads(path.read_text())
        if missing := {ADMIN, *ROLES} - found["passwords"].keys():  # the folder is older than a service
            found["passwords"] |= {role: secrets.token_urlsafe(24) for role in sorted(missing)}
            _write_private(path, found)
        return Secrets(**found)


def _write_private(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        json.dump(content, target, indent=2)
    part.rename(path)
