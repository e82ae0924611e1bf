"""A profile out of the lines of a résumé, whatever file they came from. Pure.

Kept true: nothing is made up. What a heading, a period and the vocabulary do not explain is told as not understood.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from services.profiles.imports.draft import MAX_JOBS, MAX_SKILLS, MAX_UNCLEAR, Draft, Job, Study, written
from services.profiles.imports.resume.headings import Kind, heading, labelled
from services.profiles.imports.resume.jobs import Entry, entries
from services.profiles.imports.resume.layout import COLUMN
from services.profiles.imports.resume.words import Words, clean, is_school, reaches
from shared.resolution import Vocabulary

_TITLE = re.compile(
    r"^(?:curriculum vitae|cv|r[ée]sum[ée]|lebenslauf|履歴書|職務経歴書|简历|이력서)\b[\s:.\u2013-]*", re.IGNORECASE
)
_LISTED = re.compile(r"\s*[,;|\t\u2022\u00b7\u25cf\u25aa\u3001\uff0c]\s*|\s+[-\u2013\u2014]\s+")
_LABEL = re.compile(r"^[^:,]{1,40}:\s")
_MARKS = " .:*\u2022\u00b7\u25cf\u25cb\u2605\u2606\u25aa\u25a0\u2013\u2014-"
_PAGE = re.compile(
    r"(?:page|seite|página|pagina|strona|стр\.?)?\s?\d{1,2}(?:\s?(?:/|of|von|de|di|z|из)\s?\d{1,2})?", re.IGNORECASE
)
_NAME_WORDS = range(2, 6)
_SKILL_WORDS = 5
_MOST_LINES = 30
"""Of a head, and of how to reach somebody."""
_MOST_LISTED = 1_000

Sections = list[tuple[Kind, list[str]]]


def draft_of(lines: Iterable[str], vocabulary: Vocabulary) -> Draft:
    """The profile that these lines tell; blank lines part paragraphs."""
    words, draft = Words(vocabulary), Draft()
    sections = _sections([line.replace("\u2019", "'").rstrip() for line in lines])
    _head(_under("head", sections), draft, words)
    found = [words.place_in(line) for line in _under("contact", sections)[:_MOST_LINES]]
    draft.places = list(dict.fromkeys([*draft.places, *filter(None, found)]))
    for kind, part in sections:
        if kind == "work":
            _work(part, draft, words)
        elif kind == "education":
            _education(part, draft, words)
    _skills(_under("skills", sections), _under("head", sections, "work", "text"), draft, words)
    return draft


def _under(kind: Kind, sections: Sections, *more: Kind) -> list[str]:
    return [line for one, part in sections if one == kind or one in more for line in part]


def _sections(lines: Sequence[str]) -> Sections:
    """The lines by the heading that they stand under; a new column begins without one."""
    found: Sections = [("head", [])]
    for line in lines:
        if line == COLUMN:
            found.append(("head", []))
        elif _PAGE.fullmatch(line.strip()):
            continue
        elif kind := heading(line):
            found.append((kind, []))
        elif inline := labelled(line):
            found += [(inline[0], [inline[1]]), (found[-1][0], [])]
        else:
            found[-1][1].append(line)
    return found


def _head(lines: Sequence[str], draft: Draft, words: Words) -> None:
    """Name, headline and place from the lines before the first heading."""
    for line in [line for line in lines if line.strip()][:_MOST_LINES]:
        text = clean(_TITLE.sub("", line.strip()))
        reached = not text or reaches(line)
        if draft.name is None and not reached and _is_name(text):
            draft.name = text
            continue
        if place := words.place_in(text):
            draft.places.append(place)
        if reached or (place and not any(map(words.title_odds, words.parts(line)))):
            continue
        if draft.headline is None and any(map(words.title_odds, words.parts(line))):
            draft.headline = " ".join(text.split())
        elif len(text.split()) <= _SKILL_WORDS:
            draft.unclear.append(text)


def _is_name(text: str) -> bool:
    words = text.split()
    letters = all(char.isalpha() or char in " .-'" for char in text)
    unspaced = len(words) == 1 and not text.isascii() and 1 < len(text) <= _SKILL_WORDS
    return letters and (unspaced or (len(words) in _NAME_WORDS and not any(word.islower() for word in words[:1])))


def _work(lines: Sequence[str], draft: Draft, words: Words) -> None:
    company = ""
    for entry in entries(lines, words):
        if len(draft.employments) == MAX_JOBS or len(draft.unclear) > MAX_UNCLEAR:
            draft.unclear.append(f"there are more than {MAX_JOBS} jobs: the others were not read")
            return
        named, title = clean(entry.job.company or ""), clean(entry.job.title or "")
        company = named or company
        if not named and company and title:
            draft.unclear.append(f"at the company named above it? {_dates(entry)} {title}")
        if not company or not (named or title):
            draft.unclear.append(f"no company: {_dates(entry)} {clean(entry.text)}".strip())
            continue
        draft.employments.append(Job(company, title or None, *_span(entry)))
        if named and title and not entry.job.sure:
            draft.unclear.append(f"which is the company, and which the title? {clean(entry.text)}")


def _education(lines: Sequence[str], draft: Draft, words: Words) -> None:
    for entry in islice(entries(lines, words), MAX_JOBS - len(draft.education)):
        parts = entry.job.parts
        school = next(filter(is_school, parts), parts[0] if parts else "")
        degree = next((part for part in parts if part != school), "")
        if school:
            draft.education.append(Study(clean(school), clean(degree) or None, *_span(entry)))


def _span(entry: Entry) -> tuple[str | None, str | None]:
    return written(entry.period.start), written(entry.period.end)


def _dates(entry: Entry) -> str:
    start, end = _span(entry)
    return f"{start} to {end or 'today'}:"


def _skills(listed: Sequence[str], told: Sequence[str], draft: Draft, words: Words) -> None:
    """Those that are listed as skills, then those that the text names."""
    held: set[str] = set()

    def add(text: str) -> None:
        if not held.issuperset(keys := words.skill_key(text)) and len(draft.skills) < MAX_SKILLS:
            held.update(keys)
            draft.skills.append(text)

    parts = [clean(part.strip(_MARKS)) for line in listed for part in _LISTED.split(_LABEL.sub("", line))]
    strange: list[str] = []
    prose = list(told)
    for text in filter(None, parts[:_MOST_LISTED]):
        if words.skill(text):
            add(text)
        else:
            (strange if len(text.split()) <= _SKILL_WORDS else prose).append(text)
    for spelled in words.mentioned("\n".join(prose)).values():
        add(spelled)
    draft.unclear += [f"is this a skill? {text}" for text in dict.fromkeys(strange)]
