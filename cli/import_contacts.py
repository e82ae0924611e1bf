"""`warmpath import contacts FILE`: imports an address book into a member's account; with `--dry-run`, only shows it.

A dry run needs no running stack. Without a usable row the exit code is 1; the reason for each row is printed.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from cli import context
from services.profiles.imports import linkedin
from services.profiles.imports.report import MAX_BYTES, ImportProblem, Report

SHOWN = 20
"""Rows, warnings and rejections printed at most; `--json` prints all."""

IMPORT_SECONDS = 120
out, err = Console(), Console(stderr=True)


def contacts(
    file: Annotated[Path, typer.Argument(help="LinkedIn's Connections.csv; - reads standard input")],
    member: Annotated[str | None, typer.Option(help="whose address book it is")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="read the file and show its contacts; store nothing")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Import a LinkedIn [bold]Connections.csv[/bold].

    Importing the same file again changes nothing; a newer export adds, updates and removes contacts.
    """
    data = _read(file)
    if dry_run:
        _dry_run(data, as_json)
        return
    if not member:
        context.fail("whose address book is it? --member ID", "with --dry-run the file is only read and shown")
    answer = _send(data, member)
    if as_json:
        _print_json(answer)
        return
    out.print(f"[green]{answer['accepted']:,} of {answer['read']:,} rows imported[/green]: " + _changes(answer))
    _print_problems(answer)


def _read(file: Path) -> bytes:
    """The file's bytes, up to one more than the limit."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        context.fail(f"{file} cannot be read: {error.strerror}")


def _dry_run(data: bytes, as_json: bool) -> None:
    try:
        report = _parse(data)
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


def _parse(data: bytes) -> Report:
    """Parse it, with a progress bar on a terminal."""
    if not err.is_terminal:
        return linkedin.parse(data)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("reading")
        return linkedin.parse(data, progress=lambda done, rows: progress.update(task, completed=done, total=rows))


def _send(data: bytes, member: str) -> Any:
    with context.load().client("profiles") as client, err.status("importing"):
        return context.ask(
            client,
            "POST",
            "/v1/contacts/import",
            params={"source": linkedin.FORMAT, "member": member},
            content=data,
            headers={"Content-Type": "text/csv"},
            timeout=IMPORT_SECONDS,
        )


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
    for row in report["rejected"][:SHOWN]:
        out.print(f"[red]rejected[/red] line {row['line']}: {escape(row['reason'])}")
    _print_rest(len(report["rejected"]), "rejected rows")
    for warning in report["warnings"][:SHOWN]:
        out.print(f"[yellow]warning[/yellow] {escape(warning)}")
    _print_rest(len(report["warnings"]), "warnings")


def _print_rest(count: int, what: str) -> None:
    if count > SHOWN:
        out.print(f"[dim]and {count - SHOWN:,} more {what}[/dim]")
