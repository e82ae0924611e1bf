"""Reads a file or standard input line by line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cli.context import fail

USAGE = 2
"""The exit code where the command itself is wrong, such as a file that is not there."""


@contextmanager
def lines_of(path: Path) -> Iterator[TextIO]:
    """The file's lines as text. Bytes that are not UTF-8 make only their own line invalid."""
    if str(path) == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]  # a TextIOWrapper
        yield sys.stdin
        return
    try:
        file = path.open(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}", code=USAGE)
    with file:
        yield file
