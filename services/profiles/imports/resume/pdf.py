"""Résumés as PDF, read by a process of its own (`pdf_process.py`), which may end badly without harm."""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO

from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.report import ImportProblem, Report
from services.profiles.imports.resume.layout import Word, lines_of
from services.profiles.imports.resume.reader import report_of_lines

NAME = "pdf"
MAX_BYTES = 20 * 1024 * 1024
SECONDS = 20
"""Of the clock; the process itself stops after ten of processor time."""

WAIT_SECONDS = 2
"""For one of the places to be free."""

_PROGRAM = Path(__file__).with_name("pdf_process.py")
_MAGIC, _WITHIN = b"%PDF-", 1024
_AT_ONCE = threading.BoundedSemaphore(2)
"""More would take memory and processors from everybody else."""


def read(upload: Upload) -> Report:
    """Read all pages, up to a bound.

    Raises:
        ImportProblem: it is too large, damaged, encrypted, takes too long or too much memory, or has no text.
    """
    if upload.size > MAX_BYTES:
        raise ImportProblem(f"the PDF is larger than {MAX_BYTES // 1024 // 1024} MiB", Report(NAME))
    answer = _asked(upload.file)
    upload.done()
    if "problem" in answer:
        raise ImportProblem(answer["problem"], Report(NAME))
    lines: list[str] = []
    for page in answer["pages"]:
        lines += [*lines_of([Word(*word) for word in page]), ""]
    return report_of_lines(NAME, lines, more=answer["more"])


def _asked(file: BinaryIO) -> dict[str, Any]:
    """What the process says of the file. Too many at once are sent away: each waits in a thread that others need."""
    if not _AT_ONCE.acquire(timeout=WAIT_SECONDS):
        return {"problem": "too many PDFs are being read at the moment: try again in a minute"}
    try:
        return _read_apart(file)
    finally:
        _AT_ONCE.release()


def _read_apart(file: BinaryIO) -> dict[str, Any]:
    """What the process says, or why it says nothing. It knows nothing of ours but this file."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        while piece := file.read(1024 * 1024):
            given.write(piece)
        given.seek(0)
        command = [sys.executable, "-I", str(_PROGRAM)]
        try:
            ended = subprocess.run(  # noqa: S603 - no shell, and every word of it is ours
                command,
                stdin=given,
                stdout=said,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"problem": "the PDF takes too long to read"}
        said.seek(0)
        try:
            answer = json.loads(said.read())
        except ValueError:
            answer = None
    if ended.returncode != 0 or not isinstance(answer, dict):
        return {"problem": "the PDF cannot be read: it is damaged, or takes too much time or memory"}
    return answer


def _recognises(head: Head) -> bool:
    return _MAGIC in head.data[:_WITHIN]


FORMAT = Format(NAME, "a r\u00e9sum\u00e9 as PDF", _recognises, read)
