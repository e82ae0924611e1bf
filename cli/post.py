"""`warmpath post`: publish openings from a file through the producer API."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.context import Context, ask, fail, load
from cli.recruiter import kept_key

File = Annotated[Path, typer.Argument(help="One opening (JSON), an array, or one a line (NDJSON); - reads stdin.")]
Key = Annotated[
    str, typer.Option(envvar="WARMPATH_API_KEY", help="A recruiter's API key; without one, the local recruiter posts.")
]


def post(file: File, key: Key = "") -> None:
    """Publish the openings in FILE. Good rows go in; a bad one is reported with its row and field."""
    rows = read_openings(file)
    context = load()
    with context.client("postings", key or _local_key(context)) as client:
        report = ask(client, "POST", "/v1/postings/bulk", json=rows)
    table = Table("row", "status", "posting", "what is wrong")
    for number, row in enumerate(report["results"], start=1):
        wrong = "; ".join(f"{e['field']}: {e['reason']}" for e in row.get("errors") or ())
        table.add_row(str(number), str(row["status"]), row.get("posting_id") or "", wrong)
    Console().print(table)
    if any(row.get("errors") for row in report["results"]):
        raise typer.Exit(1)


def read_openings(file: Path) -> list[Any]:
    """The openings of a file, whichever of the three forms it has."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8 text")
    try:
        whole = json.loads(text)
    except ValueError:
        return [_row(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def _row(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        fail(f"line {number} is not JSON: {error}")


def _local_key(context: Context) -> str:
    key = kept_key(context.folder) if context.folder else ""
    if not key:
        fail("who posts? --key KEY or WARMPATH_API_KEY", "`warmpath up` and `warmpath demo` print a recruiter's key")
    return key
