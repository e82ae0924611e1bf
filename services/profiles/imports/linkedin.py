"""LinkedIn's `Connections.csv`: bytes in, report out. Pure.

Every row under the header is a record or a rejection with its line and reason. A file without a usable row is an
`ImportProblem`, never an empty success. A row needs a name; all else may be missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from services.profiles.addresses import MAX_URL, email_of, profile_key, web_url
from services.profiles.imports import dates
from services.profiles.imports.cells import Cell, defuse, tidy
from services.profiles.imports.report import (
    MAX_BYTES,
    MAX_ROWS,
    ContactRecord,
    ImportProblem,
    Rejected,
    Report,
    shorten,
)
from services.profiles.imports.table import Row, cells_of, rows_of
from services.profiles.imports.text import lines_of

FORMAT = "linkedin"
MAX_NAME = 200
MAX_TEXT = 300
_HEADER_WITHIN = 60
_DELIMITERS = (",", ";", "\t")
_COLUMNS = {
    "first name": "first_name",
    "firstname": "first_name",
    "given name": "first_name",
    "last name": "last_name",
    "lastname": "last_name",
    "surname": "last_name",
    "family name": "last_name",
    "name": "name",
    "full name": "name",
    "url": "url",
    "profile url": "url",
    "linkedin url": "url",
    "email address": "email",
    "e mail address": "email",
    "email": "email",
    "e mail": "email",
    "company": "company",
    "organization": "company",
    "organisation": "company",
    "position": "position",
    "job title": "position",
    "title": "position",
    "connected on": "connected_on",
    "connected": "connected_on",
}
_NAMES = {"first_name", "last_name", "name"}


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and which column each field is in."""

    index: int
    delimiter: str
    columns: dict[str, int]
    width: int


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    order: dates.Order
    records: list[ContactRecord] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def warn(self, line: int, what: str) -> None:
        self.warnings.append(f"line {line}: {what}")

    def report(self) -> Report:
        rejected = sorted(self.rejected, key=lambda row: row.line)
        return Report(FORMAT, tuple(self.records), tuple(rejected), shorten(self.warnings))


def parse(data: bytes, *, progress: Callable[[int, int], None] | None = None) -> Report:
    """Read a whole file. `progress` is told (rows done, rows in all) now and then.

    Raises:
        ImportProblem: the file is empty, too large, no text, has no header, or not one usable row.
    """
    lines, warnings = _lines(data)
    header = _find_header(lines)
    if header is None:
        nothing = Report(FORMAT, warnings=tuple(warnings))
        raise ImportProblem("no header found: a line with First Name, Last Name, Company and the like", nothing)
    rows = list(rows_of(lines, header.index + 1, header.delimiter))
    if len(rows) > MAX_ROWS:
        raise ImportProblem(f"more than {MAX_ROWS:,} rows", Report(FORMAT, warnings=tuple(warnings)))
    day_column = header.columns.get("connected_on")
    days = () if day_column is None else [row.cells[day_column] for row in rows if len(row.cells) > day_column]
    order = dates.order_of(tidy(day) for day in days)
    reading = _Reading(order, warnings=[*warnings, *([order.warning] if order.warning else [])])
    for done, row in enumerate(rows):
        if progress and done % 500 == 0:
            progress(done, len(rows))
        _take(row, header, reading)
    if progress:
        progress(len(rows), len(rows))
    if not reading.records:
        reason = "every row was rejected" if rows else "there is no row under the header"
        raise ImportProblem(f"no usable row: {reason}", reading.report())
    return reading.report()


def _lines(data: bytes) -> tuple[list[str], list[str]]:
    nothing = Report(FORMAT)
    if len(data) > MAX_BYTES:
        raise ImportProblem(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", nothing)
    if data.startswith(b"PK\x03\x04"):
        raise ImportProblem("this is a ZIP archive: unpack it, and import Connections.csv", nothing)
    lines, warnings = lines_of(data)
    if not any(line.strip() for line in lines):
        raise ImportProblem("the file is empty", nothing)
    return lines, warnings


def _find_header(lines: Sequence[str]) -> Header | None:
    """The line with the most columns known by name, a name among them: notes before it may look like anything."""
    found: list[tuple[int, Header]] = []
    for index, line in enumerate(lines[:_HEADER_WITHIN]):
        for delimiter in _DELIMITERS:
            if line.count(delimiter) == 0:
                continue
            cells = cells_of(line, delimiter)
            columns: dict[str, int] = {}
            for place, cell in enumerate(cells):
                if known := _column(cell):
                    columns.setdefault(known, place)
            if len(columns) > 1 and columns.keys() & _NAMES:
                found.append((len(columns), Header(index, delimiter, columns, len(cells))))
    return max(found, key=itemgetter(0))[1] if found else None


def _column(cell: str) -> str | None:
    words = tidy(cell).casefold().replace("_", " ").replace("-", " ").strip("\"' *:")
    return _COLUMNS.get(" ".join(words.split()))


def _take(row: Row, header: Header, reading: _Reading) -> None:
    """Turn one row into a record or a rejection."""
    cells = row.cells
    while len(cells) > header.width and not cells[-1].strip():
        cells = cells[:-1]
    reason = row.trouble or _misshapen(cells, header)
    if reason is None:
        record = _record(row.line, cells, header, reading)
        reason = record if isinstance(record, str) else _repeats(record, reading)
        if reason is None and isinstance(record, ContactRecord):
            reading.records.append(record)
    if reason is not None:
        reading.rejected.append(Rejected(row.line, reason))


def _misshapen(cells: Sequence[str], header: Header) -> str | None:
    if len(cells) < header.width:
        return f"too short: {len(cells)} of {header.width} columns"
    if len(cells) > header.width:
        return f"too long: {len(cells)} columns where the header has {header.width} (a comma without quotes?)"
    if all(_column(cells[place]) == name for name, place in header.columns.items()):
        return "the header once more"
    return None


def _record(line: int, cells: Sequence[str], header: Header, reading: _Reading) -> ContactRecord | str:
    """The record of a well-shaped row, or why there is none."""

    def raw(name: str) -> str:
        place = header.columns.get(name)
        return "" if place is None else cells[place]

    names = {name: defuse(raw(name)) for name in ("first_name", "last_name", "name")}
    if any(cell.trouble == "formula" for cell in names.values()):
        return "a name is a formula"
    first, last = names["first_name"].text, names["last_name"].text
    if not first and not last:
        first = names["name"].text
    whole = f"{first} {last}".strip()
    if not any(char.isalnum() for char in whole):
        return "no name"
    if len(whole) > MAX_NAME:
        return f"the name is longer than {MAX_NAME} characters"
    if any(cell.trouble == "sign" for cell in names.values()):
        reading.warn(line, "a sign before the name was taken off")
    return ContactRecord(
        first_name=first,
        last_name=last,
        name=whole,
        url=_url(line, raw("url"), reading),
        email=_email(line, raw("email"), reading),
        company=_text(line, "company", defuse(raw("company")), reading),
        position=_text(line, "position", defuse(raw("position")), reading),
        connected_on=_day(line, raw("connected_on"), reading),
        line=line,
        connected=True,
    )


def _text(line: int, name: str, cell: Cell, reading: _Reading) -> str | None:
    if cell.trouble == "formula":
        reading.warn(line, f"the {name} is a formula and was left out")
    elif cell.trouble == "sign":
        reading.warn(line, f"a sign before the {name} was taken off")
    if len(cell.text) > MAX_TEXT:
        reading.warn(line, f"the {name} was cut to {MAX_TEXT} characters")
    return cell.text[:MAX_TEXT].rstrip() or None


def _url(line: int, raw: str, reading: _Reading) -> str | None:
    text = tidy(raw)
    if not text:
        return None
    url = web_url(text)
    if url is None:
        long = f", or is longer than {MAX_URL} characters"
        reading.warn(line, f"the URL is no plain http(s) address{long if len(text) > MAX_URL else ''} and was left out")
    return url


def _email(line: int, raw: str, reading: _Reading) -> str | None:
    text = tidy(raw)
    email = email_of(text)
    if text and email is None:
        reading.warn(line, "the e-mail address is none and was left out")
    return email


def _day(line: int, raw: str, reading: _Reading) -> date | None:
    text = tidy(raw)
    if not text:
        return None
    day = dates.read(text, day_first=reading.order.day_first)
    if day is None:
        reading.warn(line, "the date could not be read and was left out")
    return day


def _repeats(record: ContactRecord, reading: _Reading) -> str | None:
    """Whether an earlier row is this person: same link, or same address, or, with neither, same name and company."""
    keys: list[tuple[str, ...]] = []
    if record.url:
        keys.append(("url", profile_key(record.url) or record.url.casefold()))
    if record.email:
        keys.append(("email", record.email))
    if not keys:
        keys.append(("name", record.name.casefold(), (record.company or "").casefold()))
    for key in keys:
        if key in reading.seen:
            return f"duplicate of line {reading.seen[key]}"
    reading.seen.update(dict.fromkeys(keys, record.line))
    return None
