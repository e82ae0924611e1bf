"""Openings from a table (CSV), as spreadsheets save it: which column is which field. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from shared.pay import amount
from shared.text import without_accents

COLUMNS: Mapping[str, str] = {
    "title": "title",
    "company": "company.name",
    "company name": "company.name",
    "domain": "company.domain",
    "company domain": "company.domain",
    "workplace": "workplace",
    "location": "locations",
    "locations": "locations",
    "skills": "skills",
    "seniority": "seniority",
    "level": "seniority",
    "employment type": "employment_type",
    "salary min": "salary.min",
    "salary max": "salary.max",
    "currency": "salary.currency",
    "salary currency": "salary.currency",
    "period": "salary.period",
    "salary period": "salary.period",
    "description": "description",
    "url": "url",
    "link": "url",
    "posted at": "posted_at",
    "valid through": "valid_through",
    "referral bonus": "referral_bonus",
    "hiring contact": "hiring_contact",
    "external id": "external_id",
    "status": "status",
}
"""Headings, in any case and with `_`, `.` or `-` for a space, and the fields of an opening."""

LISTS = ("locations", "skills")
NUMBERS = ("salary.min", "salary.max")
_DELIMITERS = ",;\t"
_LONGEST_FIELD = 1024 * 1024


class NoTableError(ValueError):
    """The file is no table of openings; the text says why."""


def read_table(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows with the number of their last line, as openings with what the table has of them.

    Lists are parted by `;` or, where the table itself is parted by semicolons, by commas or bars.

    Raises:
        NoTableError: a heading is unknown, there twice, or missing.
    """
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        fields = _fields(next(reader, []))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _opening(fields, cells, delimiter)
    except csv.Error as error:
        raise NoTableError(f"line {reader.line_num + 1} cannot be read: {error}") from error


def _fields(headings: list[str]) -> list[str]:
    names = [" ".join(without_accents(h).translate(str.maketrans("_.-", "   ")).split()) for h in headings]
    if unknown := [given for given, name in zip(headings, names, strict=True) if name not in COLUMNS]:
        raise NoTableError(f"there is no column {unknown[0][:60]!r}; columns are {', '.join(sorted(COLUMNS))}")
    fields = [COLUMNS[name] for name in names]
    if twice := sorted({field for field in fields if fields.count(field) > 1}):
        raise NoTableError(f"two columns say {twice[0]}")
    return fields


def _opening(fields: list[str], cells: list[str], delimiter: str) -> dict[str, Any]:
    if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
        return {"row": "has more cells than there are columns"}
    found: dict[str, Any] = {}
    for field, cell in zip(fields, cells, strict=False):
        if text := cell.strip():
            place, _, part = field.partition(".")
            value = _value(field, text, delimiter)
            if part:
                found.setdefault(place, {})[part] = value
            else:
                found[place] = value
    return found


def _value(field: str, text: str, delimiter: str) -> Any:
    if field in LISTS:
        mark = ";" if ";" in text or delimiter != ";" else "|" if "|" in text else ","
        parts = text.split(mark)
        if field == "skills" and len(parts) == 1:
            parts = text.split(",")  # a place may have a comma in it, a skill has none
        return [part.strip() for part in parts if part.strip()]
    if field in NUMBERS:
        return amount(text)
    return text
