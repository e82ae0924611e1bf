"""Google Contacts as CSV, with the headers before and since 2024. Pure.

Several values of a field stand in columns with numbers, or in one cell with ` ::: ` between them. Labels, notes,
birthdays and postal addresses are not read.
"""

import re
from collections.abc import Mapping, Sequence

from services.profiles.addresses import email_of, profile_key
from services.profiles.imports.cells import tidy
from services.profiles.imports.columns import key
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.reading import Reading, TooManyError
from services.profiles.imports.report import ContactRecord, ImportProblem, Report
from services.profiles.imports.table import Row, cells_of, rows_of
from services.profiles.imports.text import TOO_LONG, Lines

NAME = "google-contacts"
_BETWEEN = " ::: "
_VALUE = re.compile(r"(e mail|phone|website) \d+ value")
_GIVEN = ("first name", "given name")
_MIDDLE = ("middle name", "additional name")
_FAMILY = ("last name", "family name")
_WHOLE = ("name", "file as", "nickname")
_COMPANY = ("organization name", "organization 1 name")
_TITLE = ("organization title", "organization 1 title")
_TOLD_EVERY = 500


def read(upload: Upload) -> Report:
    """Read a whole list.

    Raises:
        ImportProblem: it has too many rows, or not one usable row.
    """
    lines = Lines(upload.file)
    coming = iter(lines)
    header = _header(next(coming, ""))
    reading = Reading()
    try:
        for done, row in enumerate(rows_of(coming, 1), 1):
            _take(row, header, reading)
            if done % _TOLD_EVERY == 0:
                upload.told()
    except TooManyError as error:
        raise ImportProblem(f"more than {reading.most:,} rows", Report(NAME)) from error
    upload.done()
    report = reading.report(NAME, NAME, warnings=lines.warnings)
    if not reading.records:
        raise ImportProblem("no usable row: no contact has a name", report)
    return report


def _header(line: str) -> list[str]:
    return [key(cell) for cell in cells_of(line, ",")]


def _recognises(head: Head) -> bool:
    if not head.lines or head.lines[0] == TOO_LONG:
        return False
    header = _header(head.lines[0])
    named = any(name in header for name in (*_GIVEN, *_WHOLE))
    numbered = any(_VALUE.fullmatch(name) for name in header)
    return named and (numbered or "group membership" in header or {"labels", "phonetic first name"} <= set(header))


def _take(row: Row, header: Sequence[str], reading: Reading) -> None:
    """Turn one row into a record or a rejection. Google leaves out nothing, so a row is as wide as the header."""
    reason = row.trouble
    if reason is None and len(row.cells) > len(header) and any(row.cells[len(header) :]):
        reason = f"too long: {len(row.cells)} columns where the header has {len(header)}"
    cells = dict(zip(header, row.cells, strict=False))
    record = reason or _record(row.line, cells, reading)
    if isinstance(record, str):
        reading.reject(row.line, record)
    else:
        reading.add(record)


def _record(line: int, cells: Mapping[str, str], reading: Reading) -> ContactRecord | str:
    given = " ".join(filter(None, (_first(cells, _GIVEN), _first(cells, _MIDDLE))))
    name = reading.name(line, given, _first(cells, _FAMILY), _first(cells, _WHOLE))
    if isinstance(name, str):
        return name
    emails, phones, links = (_values(cells, what) for what in ("e mail", "phone", "website"))
    return ContactRecord(
        first_name=name.first,
        last_name=name.last,
        name=name.whole,
        url=next((reading.url(line, link) for link in links if profile_key(tidy(link))), None),
        email=next((address for email in emails if (address := email_of(tidy(email)))), None),
        company=reading.text(line, "company", _first(cells, _COMPANY).split(_BETWEEN)[0]),
        position=reading.text(line, "position", _first(cells, _TITLE).split(_BETWEEN)[0]),
        connected_on=None,
        line=line,
        address=any(email_of(tidy(email)) for email in emails) or any(map(_has_digit, phones)),
    )


def _first(cells: Mapping[str, str], names: Sequence[str]) -> str:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), "")


def _values(cells: Mapping[str, str], what: str) -> list[str]:
    """All values of a field: of each numbered column, each part of the cell."""
    found = [cells[name] for name in cells if (match := _VALUE.fullmatch(name)) and match[1] == what]
    return [part.strip() for cell in found for part in cell.split(_BETWEEN) if part.strip()]


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


FORMAT = Format(NAME, "Google Contacts (CSV)", _recognises, read)
