"""What a format is: how a file of it is recognised, and how it is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from services.profiles.imports.report import Owner, Progress, Report

NOBODY = Owner()
"""Nothing is known of whose file it is."""


class Head(NamedTuple):
    """The beginning of a file: its bytes as they are, and as lines of text; `members`: what a ZIP archive holds."""

    data: bytes
    lines: Sequence[str]
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to read: a stream that can be searched, its size in bytes, whose it is, and whom to tell how far it is."""

    file: BinaryIO
    size: int
    owner: Owner = NOBODY
    progress: Progress | None = None

    def told(self) -> None:
        """Tell how far the stream has been read."""
        if self.progress:
            self.progress(min(self.file.tell(), self.size), self.size)

    def done(self) -> None:
        """Tell that all of it was read."""
        if self.progress:
            self.progress(self.size, self.size)


class Format(NamedTuple):
    """A kind of file: its name in the API, its name for people, and its reader.

    `read` raises ImportProblem for a file that gives nobody.
    """

    name: str
    title: str
    recognises: Callable[[Head], bool]
    read: Callable[[Upload], Report]
