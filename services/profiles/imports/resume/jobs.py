"""Jobs out of the lines of a section: each period begins one, and its title and company stand on its lines. Pure.

The period stands with them, below them (as in most résumés) or above them; the first one of a section says which. What
follows, in whole sentences or behind bullets, describes the work.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.profiles.imports.resume.periods import Period, period_in
from services.profiles.imports.resume.words import Job, Words

_BULLET = re.compile(
    r"^\s*(?:[\u2022\u25aa\u25cf\u25a0\u25e6\u2023\u2043\u00b7*\u2713\u27a4\u25ba\uf0b7>]|[-\u2013\u2014]\s|o\s)"
)
_LONGEST = 90
_MOST_WORDS = 12
_SENTENCE = 6
_HEADER_LINES = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A period, and the title and the company that stand with it. `text`: its lines, as they are."""

    period: Period
    job: Job
    text: str


def entries(lines: Sequence[str], words: Words) -> Iterator[Entry]:
    """The jobs of a section, in the order in which they stand, each read when it is asked for."""
    anchors = [(place, period) for place, line in enumerate(lines) if _may_be(line) and (period := period_in(line))]
    above = any(map(describes_nothing, lines[: anchors[0][0]])) if anchors else False
    taken = -1
    for index, (place, period) in enumerate(anchors):
        until = anchors[index + 1][0] if index + 1 < len(anchors) else len(lines)
        header = _above(lines, taken, place) if above else lines[place + 1 : min(until, place + 1 + _HEADER_LINES)]
        entry = _entry(period, [line for line in header if describes_nothing(line)], words)
        if not entry.text and not above and place:
            entry = _entry(period, _above(lines, taken, place), words)
        yield entry
        taken = place


def describes_nothing(line: str) -> bool:
    """Whether a line may name a title or a company: no sentence, and behind no bullet."""
    text = line.strip()
    words = text.split()
    if not words or _BULLET.match(line) or len(text) > _LONGEST or len(words) > _MOST_WORDS:
        return False
    return not text[0].islower() and not (text.endswith((".", ";")) and len(words) > _SENTENCE)


def _may_be(line: str) -> bool:
    """Whether a period in this line may be one of a job: it may be long, but is no description."""
    return not _BULLET.match(line) and len(line.split()) <= 2 * _MOST_WORDS


def _above(lines: Sequence[str], taken: int, place: int) -> list[str]:
    """The lines that may be the header of the period in line `place`, the nearest first."""
    found: list[str] = []
    for at in range(place - 1, taken, -1):
        if not lines[at].strip() and not found:
            continue
        if not describes_nothing(lines[at]) or len(found) == _HEADER_LINES:
            break
        found.append(lines[at])
    return found


def _entry(period: Period, header: Sequence[str], words: Words) -> Entry:
    """The job of a period; the header's lines are taken until a title and a company are found."""
    job = words.job(words.parts(period.rest))
    used = [period.rest] if job.parts else []
    for line in header:
        if job.title and job.company:
            break
        tried = words.job([*words.parts(line), *words.parts("\t".join(used))])
        if used and not (tried.title and tried.company):
            continue
        used, job = [line, *used], tried
    return Entry(period, job, " / ".join(" ".join(line.split()) for line in used))
