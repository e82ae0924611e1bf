"""`warmpath import contacts FILE`: imports an address book into a member's account; with `--dry-run`, only shows it.

A dry run needs no running stack. Without a usable row the exit code is 1; the reason for each row is printed.
"""

import io
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from cli import context
from services.profiles.imports import mailbox, registry
from services.profiles.imports.mailbox.headers import condensed
from services.profiles.imports.report import ImportProblem, Rejected, Report, by_reason, in_words
from services.profiles.imports.text import Lines

SHOWN = 20
"""Rows, warnings and rejections printed at most; `--json` prints all."""

IMPORT_SECONDS = 600
_PIECE = 256 * 1024
out, err = Console(), Console(stderr=True)


def contacts(
    file: Annotated[
        Path, typer.Argument(help="a file of contacts, of any format that is known; - reads standard input")
    ],
    member: Annotated[str | None, typer.Option(help="whose address book it is")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="read the file and show its contacts; store nothing")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Import contacts: LinkedIn's [bold]Connections.csv[/bold], or another file that people have.

    Importing the same file again changes nothing; a newer one adds, updates and removes what this kind of file told.
    """
    if not dry_run and not member:
        context.fail("whose address book is it? --member ID", "with --dry-run the file is only read and shown")
    with opened_file(file) as opened:
        if dry_run or not member:
            _dry_run(opened, as_json)
            return
        answer = _send(opened, member)
    if as_json:
        _print_json(answer)
        return
    out.print(f"[green]{answer['accepted']:,} of {answer['read']:,} rows imported[/green]: " + _changes(answer))
    _print_problems(answer)


@contextmanager
def opened_file(file: Path) -> Iterator[BinaryIO]:
    """The file as a stream that can be searched; standard input waits in a file without a name.

    Of a mailbox only the headers that are counted: what people wrote does not leave this machine.
    """
    with ExitStack() as stack:
        try:
            found = stack.enter_context(file.open("rb") if str(file) != "-" else _kept(_chunks(sys.stdin.buffer)))
        except OSError as error:
            context.fail(f"{file} cannot be read: {error.strerror}")
        if registry.recognised(found) is mailbox.FORMAT:
            found = stack.enter_context(_kept(condensed(Lines(found))))
        yield found


@contextmanager
def _kept(pieces: Iterator[bytes]) -> Iterator[BinaryIO]:
    """These bytes in a file without a name."""
    with tempfile.TemporaryFile() as kept:
        kept.writelines(pieces)
        kept.seek(0)
        yield kept


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """A file a piece at a time."""
    while piece := file.read(_PIECE):
        yield piece


def _dry_run(file: BinaryIO, as_json: bool) -> None:
    try:
        report = _parse(file)
    except ImportProblem as problem:
        if as_json:
            shown = problem.report.with_records()
            _print_json(shown | {"warnings": [*shown["warnings"], str(problem)]})
        else:
            _print_problems(problem.report.summary())
        context.fail(str(problem))
    if as_json:
        _print_json(report.with_records())
        return
    _print_records(report)
    out.print(f"[green]{report.accepted:,} of {report.read:,} rows usable[/green]; nothing was stored")
    _print_problems(report.summary())


def _parse(file: BinaryIO) -> Report:
    """Read it, with a progress bar on a terminal."""
    if not err.is_terminal:
        return registry.read_contacts(file)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("reading")
        return registry.read_contacts(
            file, progress=lambda done, whole: progress.update(task, completed=done, total=whole)
        )


def _send(file: BinaryIO, member: str) -> Any:
    """Upload it a piece at a time, with a progress bar on a terminal."""
    with context.load().client("profiles") as client, Progress(console=err, transient=True) as progress:
        return context.ask(
            client,
            "POST",
            "/v1/contacts/import",
            params={"member": member},
            content=_pieces(file, progress),
            headers={"Content-Type": "application/octet-stream"},
            timeout=IMPORT_SECONDS,
        )


def _pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    task = progress.add_task("sending", total=file.seek(0, io.SEEK_END))
    file.seek(0)
    for piece in _chunks(file):
        yield piece
        progress.update(task, advance=len(piece))
    progress.update(task, description="importing")


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=True, indent=2))  # ASCII: works in every terminal and pipe


def _changes(answer: dict[str, Any]) -> str:
    parts = [f"{answer[what]:,} {what}" for what in ("added", "updated", "removed", "kept") if answer[what]]
    return ", ".join(parts) or "nothing changed"


def _print_records(report: Report) -> None:
    table = Table("line", "name", "company", "position", "connected")
    for record in report.records[:SHOWN]:
        cells = (record.name, record.company or "", record.position or "", str(record.connected_on or ""))
        table.add_row(str(record.line), *map(escape, cells))
    out.print(table)
    _print_rest(report.accepted, "rows")


def _print_problems(report: dict[str, Any]) -> None:
    reasons = by_reason(Rejected(row["line"], row["reason"]) for row in report["rejected"])
    for reason, lines in list(reasons.items())[:SHOWN]:
        out.print(f"[red]rejected[/red] {escape(in_words(reason, lines))}", highlight=False)
    _print_rest(len(reasons), "reasons for rejected rows")
    for name, rows in report.get("parts", {}).items():
        out.print(f"[dim]{name}: {rows:,} rows[/dim]")
    if "profile" in report:
        out.print("there is a profile in it, too: `warmpath import profile FILE` asks what of it is right")
    for warning in report["warnings"][:SHOWN]:
        out.print(f"[yellow]warning[/yellow] {escape(warning)}")
    _print_rest(len(report["warnings"]), "warnings")


def _print_rest(count: int, what: str) -> None:
    if count > SHOWN:
        out.print(f"[dim]and {count - SHOWN:,} more {what}[/dim]")
