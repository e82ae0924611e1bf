"""`warmpath match`: reproduce a case from a file of records, without a broker or a running stack."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from cli.context import fail
from services.matching.engine import engine as fast
from services.matching.engine.replay import EngineOf, replay
from services.matching.rules import engine as plain
from shared.resolution import Vocabulary

USAGE = 2


class Kind(StrEnum):
    """The engines there are."""

    FAST = "fast"
    PLAIN = "plain"


ENGINES: dict[Kind, EngineOf] = {Kind.FAST: fast.Engine, Kind.PLAIN: plain.Engine}


def match(
    events: Annotated[Path, typer.Argument(help='JSON lines {"topic","key","value"}; - reads standard input.')],
    today: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it is for every rule.")],
    vocabulary: Annotated[
        Path | None, typer.Option(help="A vocabulary file; where given, nothing else resolves.")
    ] = None,
    engine: Annotated[
        Kind, typer.Option(help="plain follows the rules' page literally, and slowly; the answers are the same.")
    ] = Kind.FAST,
) -> None:
    """Apply a file's records in order to a fresh matcher and print the live suggestions as JSON lines.

    A tombstone is a null value with a "version" beside it. A clock.v1 record moves the day forward. Numbers are exact.
    Lines that cannot be used are named on standard error; the rest counts, and the exit code is then 1.
    """
    words = _vocabulary(vocabulary)
    refused = 0

    def refuse(line: int, reason: str) -> None:
        nonlocal refused
        refused += 1
        typer.echo(f"{events}:{line}: {reason}", err=True)

    with _lines(events) as lines:
        for found in replay(lines, today.date(), words, refuse, ENGINES[engine]):
            typer.echo(json.dumps(found, separators=(",", ":")))
    if refused:
        raise typer.Exit(1)


def _vocabulary(path: Path | None) -> Vocabulary:
    try:
        return Vocabulary.load(path)
    except (OSError, ValueError) as error:
        fail(f"cannot use the vocabulary {path}: {error}", code=USAGE)


@contextmanager
def _lines(path: Path) -> Iterator[TextIO]:
    """The file's lines as text; bytes that are no UTF-8 make a line that is no JSON and not an end of it all."""
    if str(path) == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]  # it is one
        yield sys.stdin
        return
    try:
        file = path.open(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}", code=USAGE)
    with file:
        yield file
