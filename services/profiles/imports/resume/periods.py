"""From when until when: two dates in a line of a résumé, each as far as it is known. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.profiles.imports import dates
from services.profiles.imports.dates import Dated
from services.profiles.imports.months import fold, month_of

_NOW = (
    "present now today current currently ongoing heute jetzt aktuell laufend présent actuel actuellement aujourd'hui "
    "maintenant actualidad actualmente presente actual hoy atual atualmente hoje oggi attuale attualmente heden nu "
    "huidig obecnie teraz настоящее_время наст_время нв сейчас 現在 现在 至今 現職 현재"
)
_SINCE = "since seit depuis desde dal sinds od \u0441 from ab"
_UNTIL = r"[-\u2010-\u2015\u2212~\u301c\uff5e]+|\b(?:to|until|till|bis|jusqu'à|à|a|au|al|até|hasta|tot|do|по)\b|から|至"

_DATE = (
    r"(?:\d{1,2}\.\d{1,2}\.\d{4}|\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}[-/.]\d{4}|"
    r"\d{4}\s?[年년](?:\s?\d{1,2}\s?[月월])?|"
    r"(?:(?:\d{1,2}\.?\s(?:de\s)?)?[^\W\d_]{3,12}\.?,?\s{1,3}(?:de\s)?)?\d{4})"
)
_PERIOD = re.compile(
    rf"(?<![\w/.-])(?P<start>{_DATE})(?!\d)\s{{0,3}}(?:{_UNTIL}|\s)\s{{0,3}}(?:exp\w*\.?\s)?"
    rf"(?:(?P<end>{_DATE})(?!\d)|(?P<word>[^\W\d_]\S{{0,14}}(?:\s?время)?)|(?=$|[\t)\]|]))",
    re.IGNORECASE,
)
_ONE = re.compile(
    rf"(?:\b(?P<word>{'|'.join(_SINCE.split())})\s{{1,3}})?(?<![\w/.-])(?P<start>{_DATE})(?!\d)", re.IGNORECASE
)
_WORD = re.compile(r"(?:\d{1,2}\.?\s(?:de\s)?)?(?P<word>[^\W\d_]{3,})\.?,?\s+(?:de\s)?(?=\d)")
_EARLIEST, _LATEST = 1940, 2100
_LEADS = re.compile(r"(?:^|\s)(?:from|de|von|du|dal|van|od|\u0441|\u043e\u0442)$", re.IGNORECASE)
_AROUND = " \t,;:|\u2013\u2014\u00b7\u2022-"


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, and the rest of the line that says so. `end` None: it goes on, or is not said."""

    start: Dated
    end: Dated | None
    rest: str


def period_in(line: str) -> Period | None:
    """The first period of a line; a date alone, at an end of the line, is one that begins and ends then."""
    for found in _PERIOD.finditer(line):
        start, end = _dated(found["start"]), _dated(found["end"])
        if start is None or (found["end"] and end is None):
            continue
        if found["word"] and not _is_now(found["word"]):
            continue
        if end is None or end.day >= start.day:
            return Period(start, end, _rest(line, found.start() + _strange(found["start"]), found.end()))
    return _alone(line)


def _alone(line: str) -> Period | None:
    for found in _ONE.finditer(line):
        start = _dated(found["start"])
        at = found.start() if found["word"] else found.start() + _strange(found["start"])
        ends = not line[found.end() :].strip(_AROUND + ")]") or not line[:at].strip(_AROUND + "([")
        if start and ends:
            return Period(start, None if found["word"] else start, _rest(line, at, found.end()))
    return None


def _rest(line: str, start: int, end: int) -> str:
    """What stands around the period, a tab between both sides."""
    before = _LEADS.sub("", line[:start].rstrip(_AROUND + "([").lstrip(_AROUND))
    after = line[end:].lstrip(_AROUND + ")]").rstrip(_AROUND)
    return "\t".join(part for part in (before, after) if part)


def _is_now(word: str) -> bool:
    return fold(word).strip(_AROUND + ".").replace(" ", "_") in _FOLDED_NOW


def _strange(text: str) -> int:
    """How many letters before the year are no month's name: "Initech 2020"."""
    word = _WORD.match(text)
    return 0 if word is None or month_of(word["word"]) else word.end()


@lru_cache(maxsize=1_000)
def _dated(text: str | None) -> Dated | None:
    if not text:
        return None
    found = dates.parse(text[_strange(text) :])
    return found if found and _EARLIEST <= found.day.year <= _LATEST else None


_FOLDED_NOW = frozenset(fold(word) for word in _NOW.split())
