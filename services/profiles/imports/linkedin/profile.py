"""The owner's own profile in LinkedIn's export: name, headline, positions, skills and education, as a draft."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from services.profiles.imports import dates
from services.profiles.imports.cells import defuse
from services.profiles.imports.columns import BrokenTableError, named_rows
from services.profiles.imports.draft import Draft, Job, Study, written
from services.profiles.imports.reading import MAX_TEXT

MAX_ENTRIES = 500
Row = Mapping[str, str]


def read_profile(file: BinaryIO, draft: Draft) -> int:
    """`Profile.csv`: name, headline and place. Returns the rows read, as the others do."""

    def take(_line: int, row: Row) -> None:
        name = f"{_text(row, 'first name')} {_text(row, 'last name')}".strip()
        draft.name, draft.headline = name or None, _text(row, "headline") or None
        draft.places += [place for place in [_text(row, "geo location")] if place]

    return _each(file, {"first name", "last name"}, take)


def read_positions(file: BinaryIO, draft: Draft) -> int:
    """`Positions.csv`."""

    def take(line: int, row: Row) -> None:
        company, title = _text(row, "company name"), _text(row, "title")
        start, end = (_day(draft, "Positions.csv", line, row, name) for name in ("started on", "finished on"))
        if company:
            draft.employments.append(Job(company, title or None, start, end))
        elif title:
            draft.unclear.append(f"Positions.csv line {line}: no company: {title}")

    return _each(file, {"company name", "title"}, take)


def read_skills(file: BinaryIO, draft: Draft) -> int:
    """`Skills.csv`."""

    def take(_line: int, row: Row) -> None:
        skill = _text(row, "name")
        if skill and skill.casefold() not in {known.casefold() for known in draft.skills}:
            draft.skills.append(skill)

    return _each(file, {"name"}, take)


def read_education(file: BinaryIO, draft: Draft) -> int:
    """`Education.csv`."""

    def take(line: int, row: Row) -> None:
        start, end = (_day(draft, "Education.csv", line, row, name) for name in ("start date", "end date"))
        if school := _text(row, "school name"):
            draft.education.append(Study(school, _text(row, "degree name") or None, start, end))

    return _each(file, {"school name"}, take)


def _each(file: BinaryIO, needed: set[str], take: Callable[[int, Row], None]) -> int:
    count = 0
    for line, row in named_rows(file, needed):
        count += 1
        if count > MAX_ENTRIES:
            raise BrokenTableError(f"has more than {MAX_ENTRIES} rows")
        take(line, row)
    return count


def _text(row: Row, name: str) -> str:
    return defuse(row.get(name, "")).text[:MAX_TEXT]


def _day(draft: Draft, part: str, line: int, row: Row, name: str) -> str | None:
    text = _text(row, name)
    day = dates.parse(text) if text else None
    if text and day is None:
        draft.unclear.append(f"{part} line {line}: {name}: {text}")
    return written(day)
