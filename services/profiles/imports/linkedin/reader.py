"""Either of LinkedIn's files, told apart by their first bytes."""

import io

from services.profiles.imports import zipped
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.linkedin import archive, connections
from services.profiles.imports.report import Progress, Report


def read(upload: Upload) -> Report:
    """The list of connections, or the archive with all that stands in it."""
    start = upload.file.read(len(zipped.MAGIC))
    upload.file.seek(0)
    return archive.read(upload) if start == zipped.MAGIC else connections.read(upload)


def parse(data: bytes, *, progress: Progress | None = None) -> Report:
    """Read a file that is held whole."""
    return read(Upload(io.BytesIO(data), len(data), progress=progress))


def _recognises(head: Head) -> bool:
    return (
        head.data.startswith(zipped.MAGIC)
        or connections.find_header(head.lines[: connections.HEADER_WITHIN]) is not None
    )


FORMAT = Format("linkedin", "LinkedIn's Connections.csv, or its whole export (ZIP)", _recognises, read)
