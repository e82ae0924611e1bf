"""JSON Resume, of its schema's versions so far (`work` has `name` since 1.0, `company` before)."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.profiles.imports import dates
from services.profiles.imports.draft import MAX_JOBS, MAX_SKILLS, Draft, Job, Study, written
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.report import ImportProblem, Report
from services.profiles.imports.resume.reader import report_of
from services.profiles.imports.resume.words import Words, clean
from shared.resolution import Vocabulary

NAME = "json-resume"
MAX_BYTES = 2 * 1024 * 1024
_MOST, _MOST_LISTED = 500, 1_000
_KEYS = {"basics", "work", "skills", "education", "projects", "volunteer"}
_NOW = {"present", "current", "now", "ongoing", "today"}
_LONGEST_TEXT = 20_000
_LONGEST_KEYWORD = 30
"""Of one that the vocabulary does not know: a longer one is a sentence."""


def read(upload: Upload) -> Report:
    """Read it whole; a r\u00e9sum\u00e9 is small.

    Raises:
        ImportProblem: it is too large, no JSON, or has nothing of a r\u00e9sum\u00e9.
    """
    if upload.size > MAX_BYTES:
        raise ImportProblem(f"the r\u00e9sum\u00e9 is larger than {MAX_BYTES // 1024 // 1024} MiB", Report(NAME))
    data = upload.file.read(MAX_BYTES + 1)
    upload.done()
    try:
        content = json.loads(data.decode(json.detect_encoding(data)))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ImportProblem(f"the file is no whole JSON{where}", Report(NAME)) from error
    return report_of(NAME, _Resume(content).draft())


class _Resume:
    """The content while it is read. What is of another type than it should be counts as left out."""

    def __init__(self, content: Any) -> None:
        self._content = content if isinstance(content, dict) else {}
        self._words = Words(Vocabulary.default())
        self._draft = Draft()

    def draft(self) -> Draft:
        basics = _object(self._content.get("basics"))
        self._draft.name = _text(basics, "name") or None
        self._draft.headline = _text(basics, "label") or None
        place = _object(basics.get("location"))
        where = [_text(place, key) for key in ("city", "region", "countryCode")]
        if where[0]:
            self._draft.places.append(", ".join(part for part in (where[0], where[2] or where[1]) if part))
        for number, work in enumerate(_objects(self._content.get("work"))[:_MOST], 1):
            self._job(number, work)
        for study in _objects(self._content.get("education"))[:MAX_JOBS]:
            self._study(study)
        self._skills(_text(basics, "summary", most=_LONGEST_TEXT))
        return self._draft

    def _job(self, number: int, work: dict[str, Any]) -> None:
        company = _text(work, "name") or _text(work, "company") or _text(work, "organization")
        title = _text(work, "position") or _text(work, "title")
        start, end = (self._day(f"work {number}", work, key) for key in ("startDate", "endDate"))
        if not company:
            self._draft.unclear.append(f"work {number} has no company: {title}" if title else f"work {number} is empty")
        elif len(self._draft.employments) < MAX_JOBS:
            self._draft.employments.append(Job(company, title or None, start, end))

    def _study(self, study: dict[str, Any]) -> None:
        degree = " ".join(filter(None, (_text(study, "studyType"), _text(study, "area"))))
        start, end = (self._day("education", study, key) for key in ("startDate", "endDate"))
        if school := _text(study, "institution"):
            self._draft.education.append(Study(school, degree or None, start, end))

    def _day(self, where: str, entry: dict[str, Any], key: str) -> str | None:
        text = _text(entry, key)
        day = dates.parse(text) if text else None
        if text and day is None and text.casefold() not in _NOW:
            self._draft.unclear.append(f"{where}: {key}: {text}")
        return written(day)

    def _skills(self, summary: str) -> None:
        held: set[str] = set()
        for skill in islice(self._listed(), _MOST_LISTED):
            keys = self._words.skill_key(skill)
            if not held.issuperset(keys) and len(self._draft.skills) < MAX_SKILLS:
                held.update(keys)
                self._draft.skills.append(skill)
        for key, spelled in self._words.mentioned("\n".join([summary, *self._told()])).items():
            if key not in held and len(self._draft.skills) < MAX_SKILLS:
                held.add(key)
                self._draft.skills.append(spelled)

    def _listed(self) -> Iterator[str]:
        """The keywords; what they stand under where it names a skill itself, or has none."""
        for skill in _objects(self._content.get("skills")):
            words = list(filter(None, map(clean, _texts(skill.get("keywords")))))
            name = _text(skill, "name")
            for text in [name, *words] if not words or self._words.skill(name) else words:
                if self._words.skill(text) or 0 < len(text) <= _LONGEST_KEYWORD:
                    yield text

    def _told(self) -> Iterator[str]:
        for part in ("work", "projects", "volunteer"):
            for entry in _objects(self._content.get(part)):
                yield from (_text(entry, "summary", most=_LONGEST_TEXT), *_texts(entry.get("highlights")))
                yield from _texts(entry.get("keywords"))
        for skill in _objects(self._content.get("skills")):
            yield from _texts(skill.get("keywords"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(entry: dict[str, Any], key: str, *, most: int | None = None) -> str:
    value = entry.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a year without quotes
    if not isinstance(value, str):
        return ""
    return clean(value) if most is None else value[:most]


def _recognises(head: Head) -> bool:
    start = "\n".join(head.lines).lstrip()
    return start.startswith("{") and any(f'"{key}"' in start for key in _KEYS)


FORMAT = Format(NAME, "a r\u00e9sum\u00e9 as JSON Resume", _recognises, read)
