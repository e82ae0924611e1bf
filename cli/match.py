"""`warmpath match`: reproduces a case from a file of records, without a broker or a running stack."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.context import fail
from cli.lines import USAGE, lines_of
from services.matching.engine import engine as fast
from services.matching.engine.replay import EngineOf, replay
from services.matching.rules.plain import engine as plain
from shared.resolution import Vocabulary


class EngineName(StrEnum):
    """The two engines."""

    FAST = "fast"
    PLAIN = "plain"


ENGINES: dict[EngineName, EngineOf] = {EngineName.FAST: fast.Engine, EngineName.PLAIN: plain.Engine}


def match(
    events: Annotated[Path, typer.Argument(help='JSON lines {"topic","key","value"}; - reads standard input.')],
    today: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Today's date, for all rules.")],
    vocabulary: Annotated[Path | None, typer.Option(help="A vocabulary file, instead of the built-in one.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="plain is the definition of the rules: the same answers, slower.")
    ] = EngineName.FAST,
) -> None:
    """Apply a file's records in order to a fresh matcher and print the live suggestions as JSON lines.

    A tombstone is a null value with a "version" beside it. A clock.v1 record moves the day forward. Numbers are exact.
    Lines that cannot be used are reported on standard error and skipped; the exit code is then 1.
    """
    words = _vocabulary(vocabulary)
    refused = 0

    def refuse(line: int, reason: str) -> None:
        nonlocal refused
        refused += 1
        typer.echo(f"{events}:{line}: {reason}", err=True)

    with lines_of(events) as lines:
        for found in replay(lines, today.date(), words, refuse, ENGINES[engine]):
            typer.echo(json.dumps(found, separators=(",", ":")))
    if refused:
        raise typer.Exit(1)


def _vocabulary(path: Path | None) -> Vocabulary:
    try:
        return Vocabulary.load(path)
    except (OSError, ValueError) as error:
        fail(f"cannot use the vocabulary {path}: {error}", code=USAGE)
