"""LinkedIn's `Connections.csv`: a stream in, a report out. Pure.

Every row under the header is a record or a rejection with its line and reason. A file without a usable row is an
`ImportProblem`, never an empty success. A row needs a name; all else may be missing.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice
from operator import itemgetter

from services.profiles.imports import dates
from services.profiles.imports.cells import tidy
from services.profiles.imports.columns import key
from services.profiles.imports.format import Upload
from services.profiles.imports.linkedin.columns import COLUMNS
from services.profiles.imports.reading import Reading, TooManyError
from services.profiles.imports.report import ContactRecord, ImportProblem, Report
from services.profiles.imports.scratch import Spilled
from services.profiles.imports.table import Row, cells_of, rows_of
from services.profiles.imports.text import TOO_LONG, Lines

KIND = SOURCE = "linkedin"
HEADER_WITHIN = 60
_DELIMITERS = (",", ";", "\t")
_NAMES = {"first_name", "last_name", "name"}
_FEWEST = 2
TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and which column each field is in."""

    index: int
    delimiter: str
    columns: dict[str, int]
    width: int

    def cell(self, row: Sequence[str], name: str) -> str:
        """A field of a row; empty where the row has none."""
        place = self.columns.get(name)
        return "" if place is None or place >= len(row) else row[place]


@dataclass(slots=True)
class _Days:
    """The dates of the column; those that only the whole column explains are read at its end."""

    column: dates.Column = field(default_factory=dates.Column)
    open: Spilled[tuple[int, str]] = field(default_factory=Spilled)

    def read(self, line: int, raw: str, reading: Reading) -> date | None:
        text = tidy(raw)
        self.column.see(text)
        day = dates.read(text)
        if day is None and dates.unclear(text):
            self.open.append((line, text))
        elif day is None and text:
            reading.warn(line, "the date could not be read and was left out")
        return day

    def settle(self, reading: Reading) -> list[str]:
        """Put the open days into the records; what is to be said about the whole column."""
        order = self.column.order()
        if self.open:
            dated = Spilled[ContactRecord]()
            for record, text in self._beside(reading.records):
                day = dates.read(text, day_first=order.day_first) if text else record.connected_on
                dated.append(replace(record, connected_on=day))
            reading.records = dated
        return [order.warning] if order.warning else []

    def _beside(self, records: Iterable[ContactRecord]) -> Iterator[tuple[ContactRecord, str]]:
        """Each record with its open day, if there is one; both come in the order of their lines."""
        still_open = iter(self.open)
        line, text = next(still_open)
        for record in records:
            while line < record.line:
                line, text = next(still_open, (sys.maxsize, ""))
            yield record, text if line == record.line else ""


def read(upload: Upload) -> Report:
    """Read a whole list.

    Raises:
        ImportProblem: the file is empty, no text, has no header, too many rows, or not one usable row.
    """
    lines = Lines(upload.file)
    coming = iter(lines)
    start = list(islice(coming, HEADER_WITHIN))
    header = find_header(start)
    if header is None:
        empty = not any(line.strip() for line in chain(start, coming))
        reason = "no header found: a line with First Name, Last Name, Company and the like"
        raise ImportProblem("the file is empty" if empty else reason, Report(KIND, warnings=tuple(lines.warnings)))
    reading, days = Reading(), _Days()
    rows = rows_of(chain(start[header.index + 1 :], coming), header.index + 1, header.delimiter)
    try:
        for done, row in enumerate(rows, 1):
            _take(row, header, reading, days)
            if done % TOLD_EVERY == 0:
                upload.told()
    except TooManyError as error:
        nothing = Report(KIND, warnings=tuple(lines.warnings))
        raise ImportProblem(f"more than {reading.most:,} rows", nothing) from error
    upload.done()
    report = reading.report(KIND, SOURCE, warnings=[*days.settle(reading), *lines.warnings])
    if not reading.records:
        reason = "every row was rejected" if reading.rejected else "there is no row under the header"
        raise ImportProblem(f"no usable row: {reason}", report)
    return report


def find_header(lines: Iterable[str]) -> Header | None:
    """The line with the most columns known by name, a name among them: notes before it may look like anything."""
    found = [(len(header.columns), header) for header in _headers(lines)]
    return max(found, key=itemgetter(0))[1] if found else None


def _headers(lines: Iterable[str]) -> Iterator[Header]:
    for index, line in enumerate(lines):
        for delimiter in _DELIMITERS:
            if line == TOO_LONG or line.count(delimiter) == 0:
                continue
            cells = cells_of(line, delimiter)
            columns: dict[str, int] = {}
            for place, cell in enumerate(cells):
                if known := COLUMNS.get(key(cell)):
                    columns.setdefault(known, place)
            if len(columns) > 1 and columns.keys() & _NAMES:
                yield Header(index, delimiter, columns, len(cells))


def _take(row: Row, header: Header, reading: Reading, days: _Days) -> None:
    """Turn one row into a record or a rejection."""
    cells = row.cells
    while len(cells) > header.width and not cells[-1].strip():
        cells = cells[:-1]
    reason = row.trouble or _misshapen(cells, header)
    record = reason or _record(row.line, cells, header, reading, days)
    if isinstance(record, str):
        reading.reject(row.line, record)
    else:
        reading.add(record)


def _misshapen(cells: Sequence[str], header: Header) -> str | None:
    """Why a row is no row of the table. A short one may be: what is missing is empty."""
    if len(cells) < min(_FEWEST, header.width):
        return f"too short: {len(cells)} of {header.width} columns"
    if len(cells) > header.width:
        return f"too long: {len(cells)} columns where the header has {header.width} (a comma without quotes?)"
    if all(COLUMNS.get(key(header.cell(cells, name))) == name for name in header.columns):
        return "the header once more"
    return None


def _record(line: int, cells: Sequence[str], header: Header, reading: Reading, days: _Days) -> ContactRecord | str:
    """The record of a well-shaped row, or why there is none."""
    name = reading.name(line, *(header.cell(cells, part) for part in ("first_name", "last_name", "name")))
    if isinstance(name, str):
        return name
    return ContactRecord(
        first_name=name.first,
        last_name=name.last,
        name=name.whole,
        url=reading.url(line, header.cell(cells, "url")),
        email=reading.email(line, header.cell(cells, "email")),
        company=reading.text(line, "company", header.cell(cells, "company")),
        position=reading.text(line, "position", header.cell(cells, "position")),
        connected_on=days.read(line, header.cell(cells, "connected_on"), reading),
        line=line,
        connected=True,
    )
