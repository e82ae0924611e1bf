"""The data folder of a local stack: one stack at a time, its secrets kept between runs, readable by its owner only."""

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

MARK = "secrets.json"
STACK = "stack.json"
LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the parts of one stack know of each other; made once for a folder."""

    service_token: str = field(repr=False)
    operator_token: str = field(repr=False)
    passwords: dict[str, str] = field(repr=False)


class DataFolder:
    """A folder that is ours: new, empty, or made by an earlier run. Anything else is left alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @contextmanager
    def locked(self, *, fresh: bool = False) -> Iterator[Secrets]:
        """Holds the folder for one stack and gives its secrets; `fresh` empties it first.

        Raises LocalError when another stack holds it, or when it holds something that is not ours.
        """
        self._must_be_ours()
        self.path.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(
                    f"A stack runs on {self.path} already (process {lock.read().strip() or 'unknown'}). "
                    "Stop it first, or use another folder: --data DIR"
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            try:
                yield self._prepare(fresh)
            finally:
                (self.path / STACK).unlink(missing_ok=True)

    def write_stack(self, content: dict[str, Any]) -> Path:
        """Writes what the CLI needs to find the stack; only the owner may read it."""
        path = self.path / STACK
        _write_private(path, content)
        return path

    def _must_be_ours(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise LocalError(f"{self.path} is not a folder")
        there = {entry.name for entry in self.path.iterdir()}
        if there - {LOCK} and MARK not in there:
            raise LocalError(f"{self.path} holds other things than a Warmpath stack: give an empty or a new folder")

    def _prepare(self, fresh: bool) -> Secrets:
        if fresh:
            for entry in self.path.iterdir():
                if entry.name == LOCK:
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
        path = self.path / MARK
        if not path.exists():
            made = {
                "service_token": secrets.token_urlsafe(32),
                "operator_token": secrets.token_urlsafe(32),
                "passwords": {role: secrets.token_urlsafe(24) for role in (ADMIN, *ROLES)},
            }
            _write_private(path, made)
        return Secrets(**json.loads(path.read_text()))


def _write_private(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        json.dump(content, target, indent=2)
    part.rename(path)
