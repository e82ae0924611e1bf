"""LinkedIn's whole export."""

from services.profiles.imports.format import Upload
from services.profiles.imports.report import ImportProblem, Report

MAGIC = b"PK\x03\x04"


def read(_upload: Upload) -> Report:
    """Read the archive."""
    raise ImportProblem("this is a ZIP archive: unpack it, and import Connections.csv", Report("linkedin"))
