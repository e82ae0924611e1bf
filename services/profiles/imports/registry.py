"""The formats that can be read. A file is recognised by its content, whatever it is called."""

import io
from dataclasses import replace
from itertools import islice
from typing import BinaryIO, Literal

from services.profiles.imports import google, linkedin, mailbox, resume, vcard, zipped
from services.profiles.imports.format import NOBODY, Format, Head, Upload
from services.profiles.imports.report import MAX_BYTES, ImportProblem, Owner, Progress, Report
from services.profiles.imports.text import Lines
from shared.resolution import Vocabulary

FormatName = Literal["linkedin", "google-contacts", "vcard", "mailbox", "json-resume", "docx", "pdf"]
"""The names of FORMATS."""

FORMATS: tuple[Format, ...] = (vcard.FORMAT, mailbox.FORMAT, google.FORMAT, *resume.FORMATS, linkedin.FORMAT)
"""In the order in which they are tried: the most particular ones first."""

UNKNOWN = "this is none of the files that can be read: " + "; ".join(each.title for each in FORMATS)
NO_CONTACTS = (
    "this is no file of contacts that we can read: choose LinkedIn's Connections.csv or its ZIP, a vCard (.vcf), or "
    "another CSV with a header line"
)
"""Of a file of no known format, where contacts are wanted: what most people have. All formats are in docs/imports."""

_HEAD = 64 * 1024
_HEAD_LINES = 200


def read(
    file: BinaryIO,
    *,
    source: str | None = None,
    owner: Owner = NOBODY,
    progress: Progress | None = None,
    unknown: str = UNKNOWN,
) -> Report:
    """Read a file of any format, or of the one that `source` names. `unknown`: what is said of one of no known format.

    Raises:
        ImportProblem: the file is empty, too large, of no known format, or gives nobody.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ImportProblem(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", Report(source or "unknown"))
    found = next((each for each in FORMATS if each.name == source), None) or recognised(file)
    if found is None:
        raise ImportProblem("the file is empty" if _is_empty(file) else unknown, Report("unknown"))
    file.seek(0)
    report = found.read(Upload(file, size, owner, progress))
    return replace(report, profile=report.profile.finished(Vocabulary.default())) if report.profile else report


def read_contacts(
    file: BinaryIO, *, source: str | None = None, owner: Owner = NOBODY, progress: Progress | None = None
) -> Report:
    """The same for a file of which only contacts are wanted: one without any is an ImportProblem."""
    report = read(file, source=source, owner=owner, progress=progress, unknown=NO_CONTACTS)
    if not report.accepted:
        profile = ", only a profile" if report.profile else ""
        raise ImportProblem(f"there are no contacts in this file{profile}", report)
    return report


def recognised(file: BinaryIO) -> Format | None:
    """The format of a file, by its beginning; the file stands at its beginning again."""
    file.seek(0)
    data = file.read(_HEAD)
    file.seek(0)
    head = Head(data, list(islice(Lines(io.BytesIO(data)), _HEAD_LINES)), zipped.members(file))
    file.seek(0)
    return next((each for each in FORMATS if each.recognises(head)), None)


def _is_empty(file: BinaryIO) -> bool:
    """Whether there is nothing but space in it, as far as it is looked at."""
    file.seek(0)
    return not any(line.strip() for line in islice(Lines(file), _HEAD_LINES))
