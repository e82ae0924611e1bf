"""Résumés as Word documents (DOCX): text, tables and text boxes, in the order in which they stand in the file.

A reader of a ZIP and its XML, as it comes: nothing is built in memory but the lines. Entities and document types are
refused, so is what unpacks to far more than it is; macros, links and pictures are never opened.
"""

import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.profiles.imports import zipped
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.report import ImportProblem, Report
from services.profiles.imports.resume.reader import MAX_LINE, report_of_lines

NAME = "docx"
DOCUMENT = "word/document.xml"
MAX_XML = 32 * 1024 * 1024
MAX_DEPTH = 300
MAX_CHARS = 400_000
_HEADERS = tuple(f"word/header{number}.xml" for number in (1, 2, 3))
_SKIPPED = {"Fallback", "del", "moveFrom", "instrText", "pict"}
"""Elements that say again, in an older way, what another one says; and what was taken out of the text."""
_BREAKS = {"br", "cr"}


class _TooMuchError(ValueError):
    """There is more of it than is read."""


def read(upload: Upload) -> Report:
    """Read the document and the heads of its pages.

    Raises:
        ImportProblem: it is damaged, encrypted, unsafe, too large, or has no text.
    """
    lines: list[str] = []
    more = False
    try:
        with zipped.opened(upload.file) as archive:
            names = set(archive.namelist())
            for name in (*_HEADERS, DOCUMENT):
                if name in names:
                    more = _read_part(archive, name, lines) or more
    except zipped.UnsafeError as error:
        raise ImportProblem(str(error), Report(NAME)) from error
    except (ParseError, DefusedXmlException) as error:
        raise ImportProblem("the document is damaged, or has what no document needs", Report(NAME)) from error
    upload.done()
    return report_of_lines(NAME, lines, more=more)


def _read_part(archive: zipfile.ZipFile, name: str, lines: list[str]) -> bool:
    """Add a part's lines; whether there was more of it."""
    with zipped.part(archive, archive.getinfo(name)) as file:
        try:
            lines.extend(_lines(cast("BinaryIO", _Bounded(file))))
        except _TooMuchError:
            return True
    return False


class _Bounded:
    """A stream of which only so much is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MAX_XML

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(min(size, 65_536) if size > 0 else 65_536)
        self._left -= len(found)
        if self._left < 0:
            raise _TooMuchError
        return found


class _Lines:
    """Paragraphs while they are read; one in a text box stands inside another one, and is told before it."""

    def __init__(self) -> None:
        self._open: list[list[str]] = []
        self._skipping = 0
        self._chars = self._depth = 0

    def start(self, tag: str) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooMuchError
        if tag in _SKIPPED:
            self._skipping += 1
        elif self._skipping:
            return
        elif tag == "p":
            self._open.append([])
        elif tag == "numPr" and self._open:
            self._open[-1].insert(0, "\u2022 ")

    def end(self, tag: str, text: str) -> Iterator[str]:
        self._depth -= 1
        if tag in _SKIPPED:
            self._skipping -= 1
        elif self._skipping or not self._open:
            return
        elif tag == "t":
            self._add(text)
        elif tag == "tab":
            self._add("\t")
        elif tag in _BREAKS:
            self._add("\n")
        elif tag == "p":
            yield from "".join(self._open.pop()).split("\n")

    def _add(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > MAX_CHARS:
            raise _TooMuchError
        self._open[-1].append(text)


def _lines(file: BinaryIO) -> Iterator[str]:
    reading = _Lines()
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            reading.start(tag)
        else:
            for line in reading.end(tag, element.text or ""):
                yield line[:MAX_LINE]
            element.clear()


def _recognises(head: Head) -> bool:
    return DOCUMENT in head.members


FORMAT = Format(NAME, "a r\u00e9sum\u00e9 as a Word document (DOCX)", _recognises, read)
