"""`warmpath post`: publish openings from a file through the producer API."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.context import Context, ask, fail, load
from cli.recruiter import create_key, store_key, stored_key

MAX_ROWS, MAX_BYTES = 500, 4 * 1024 * 1024
"""Rows and bytes of one request: half of what the API accepts."""

File = Annotated[Path, typer.Argument(help="One opening (JSON), an array, or one per line (NDJSON); - reads stdin.")]
Key = Annotated[
    str, typer.Option(envvar="WARMPATH_API_KEY", help="A recruiter's API key; without one, the local recruiter posts.")
]
Row = tuple[int, str]
"""A row's position in the file (line, or index in the array from 1), and its JSON."""


def post(file: File, key: Key = "") -> None:
    """Publish the openings in FILE. Valid rows are published; invalid ones are reported with position and field.

    A row whose external_id was posted before replaces that opening, so a file can be posted again.
    """
    rows = rows_of(_text(file))
    if not rows:
        fail(f"there is no opening in {file}", "see examples/opening.json and examples/openings.ndjson")
    context, console = load(), Console()
    results: list[tuple[int, dict[str, Any]]] = []
    with context.client("postings", key or _local_key(context)) as client:
        chunks = list(chunks_of(rows))
        for chunk in track(chunks, "posting", console=Console(stderr=True), transient=True, disable=len(chunks) == 1):
            body = "\n".join(row for _, row in chunk).encode()
            headers = {"Content-Type": "application/x-ndjson"}
            report = ask(client, "POST", "/v1/postings/bulk", content=body, headers=headers)
            results += zip((number for number, _ in chunk), report["results"], strict=True)
    table = Table("row", "status", "posting", "what is wrong")
    for number, row in results:
        wrong = "; ".join(f"{e['field']}: {e['reason']}" for e in row.get("errors") or ())
        table.add_row(str(number), str(row["status"]), row.get("posting_id") or "", wrong)
    console.print(table)
    if any(row.get("errors") for _, row in results):
        raise typer.Exit(1)


def rows_of(text: str) -> list[Row]:
    """The rows of a file in any of the three formats. Invalid JSON is passed on: the service reports it."""
    try:
        whole = json.loads(text)
    except ValueError:
        return [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    openings = whole if isinstance(whole, list) else [whole]
    return [(number, json.dumps(opening)) for number, opening in enumerate(openings, start=1)]


def chunks_of(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows split into requests within the limits."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        length = len(row[1].encode()) + 1
        if chunk and (len(chunk) == MAX_ROWS or size + length > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += length
    if chunk:
        yield chunk


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8 text", "save it as UTF-8")


def _local_key(context: Context) -> str:
    """The local recruiter's key; created and printed if there is none yet."""
    key = stored_key(context.folder) if context.folder else ""
    if key:
        return key
    try:
        key = create_key(context.urls["postings"], context.operator_token)
    except httpx2.HTTPError as error:
        fail(
            f"could not create a recruiter ({type(error).__name__})",
            "use an existing key: --key KEY or WARMPATH_API_KEY",
        )
    if context.folder:
        store_key(context.folder, key)
    typer.echo(f"posting as a new recruiter; to post as the same one again: export WARMPATH_API_KEY={key}", err=True)
    return key
