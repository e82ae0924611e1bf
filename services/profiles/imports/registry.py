"""The formats that can be read. A file is recognised by its content, whatever it is called."""

import io
from itertools import islice
from typing import BinaryIO, Literal

from services.profiles.imports import linkedin
from services.profiles.imports.format import NOBODY, Format, Head, Upload
from services.profiles.imports.report import MAX_BYTES, ImportProblem, Owner, Progress, Report
from services.profiles.imports.text import Lines

FormatName = Literal["linkedin"]
"""The names of FORMATS."""

FORMATS: tuple[Format, ...] = (linkedin.FORMAT,)
"""In the order in which they are tried: the most particular ones first."""

_HEAD = 64 * 1024
_HEAD_LINES = 200


def read(
    file: BinaryIO, *, source: str | None = None, owner: Owner = NOBODY, progress: Progress | None = None
) -> Report:
    """Read a file of any format, or of the one that `source` names.

    Raises:
        ImportProblem: the file is empty, too large, of no known format, or gives nobody.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise ImportProblem(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", Report(source or "unknown"))
    data = file.read(_HEAD)
    file.seek(0)
    head = Head(data, list(islice(Lines(io.BytesIO(data)), _HEAD_LINES)))
    if size < _HEAD and not any(line.strip() for line in head.lines):
        raise ImportProblem("the file is empty", Report(source or "unknown"))
    named = [each for each in FORMATS if each.name == source]
    found = next((each for each in named or FORMATS if named or each.recognises(head)), None)
    if found is None:
        known = "; ".join(each.title for each in FORMATS)
        raise ImportProblem(f"this is none of the files that can be read: {known}", Report("unknown"))
    return found.read(Upload(file, size, owner, progress))
