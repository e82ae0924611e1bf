"""What in the text of a title is no part of the occupation: gender marks, levels, where and when, what is over.

All lists of words are in `data/title_words.tsv`. Words are folded.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from shared.resolution import tables
from shared.resolution.text import folded, unaccented

Words = tuple[str, ...]

_GENDERS = re.compile(
    r"\(?\b(?:[mfwdxhivnku](?:\s*[/|,]\s*[mfwdxhivnku*]){1,3}|all genders|gn|mwd|mfd|homme/femme|"
    r"mezczyzna|kobieta)(?!\w)\)?"
)
_DOUBLED = re.compile(
    r"(?<=\w\w)(?:[:*_\u00b7\u2022.]-?|/-?|\(-?)"
    r"(?:innen|in|frau|rin|r|n|m|euse|rice|trice|ere|iere|ne|te|e|es|se|a|as|ra|ora|o|oa|ka|czka|owa|essa|ice)\b\)?(?:[\u00b7.]s\b)?"
)
_ELISION = re.compile(r"\b(?:d|l|dell|all|nell|sull|dall|qu)['\u2019](?=\w)")
"""French and Italian articles and prepositions written onto the next word."""
_UNCLASSED = re.compile(
    r",? (?:en general|in generale|im allgemeinen|n\.?\s?e\.?\s?c\.?|not elsewhere classified|a\.n\.g\.|"
    r"no clasificados.*|non classes ailleurs|nao classificados.*|gdzie indziej nieskl\w*|przecietn\w*)$"
)
"""What classifications add to a group's name."""
_BINNEN_I = re.compile(r"(?<=[a-z\u00e4\u00f6\u00fc]{3})I(?=n(?:nen)?\b)")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\uff08[^\uff08\uff09]*\uff09|\u3010[^\u3010\u3011]*\u3011")
_PARTS = re.compile(
    r"\s+[-\u2013\u2014]+\s+|\s*[,;|/@\u00b7\u2022\u3001\uff0c\uff5c\uff0f\u2502]\s*|:\s+|\s+&\s+(?=founder|co-?founder|owner)"
)
_MISREAD_DASH = re.compile("[\u00c2\u00e2]\u0080[\u0090-\u0095]")
"""A dash whose UTF-8 was read as Latin-1."""
_GRADE = re.compile(r"\b[a-z]{2}-\d{4}\b.*")
"""A pay plan and a series of the United States, and all behind it: "Specialist GS-0360-14, FPL 14"."""
_HYPHENED = re.compile(r"^(\S+ [^-]*\w)-\w.*")
"""What stands before a hyphen that is no part of the first word: "Foreign Affairs Officer-Direct Hire"."""
_OVERSEES = re.compile(r"\s+(?:assistant )?supervisor$")
_AT = r"at|to|with|reporting|bei|chez|presso|bij|\u0432 \u043a\u043e\u043c\u043f\u0430\u043d\u0438\u0438"
_EMPLOYER = re.compile(rf"\s+(?:{_AT})\s.*$|\s*@.*$")
_ELSEWHERE = re.compile(rf"\s+(?:{_AT}|for|im|in the|in)\s.*$|\s*@.*$")
_TWIN = 3
"""Letters that a title and its other gender share at least: "Abatteur / Abatteuse"."""


class TitleWords(NamedTuple):
    """The lists, each a set of folded phrases (`phrases`) or of texts found anywhere (`anywhere`)."""

    phrases: dict[str, frozenset[Words]]
    anywhere: dict[str, tuple[str, ...]]


@cache
def title_words() -> TitleWords:
    """Our lists of words in titles."""
    phrases: dict[str, frozenset[Words]] = {}
    anywhere: dict[str, tuple[str, ...]] = {}
    for kind, cell in tables.rows("title_words.tsv"):
        name = kind.removesuffix(" anywhere")
        if name != kind:
            anywhere[name] = tuple(map(unaccented, tables.names(cell)))
        else:
            phrases[name] = frozenset(tuple(folded(phrase).split()) for phrase in tables.names(cell))
    return TitleWords(phrases, anywhere)


LEVELS = ("executive", "director", "lead", "intern", "junior", "senior", "mid")
"""The kinds that are levels, the most telling first."""


def bare(text: str) -> str:
    """The unaccented text without marks of gender: `Entwickler:in (m/w/d)` is `entwickler `."""
    plain = _ELISION.sub("", unaccented(_BINNEN_I.sub("i", _MISREAD_DASH.sub(" - ", text))))
    return _UNCLASSED.sub("", _without_twins(_DOUBLED.sub("", _GENDERS.sub(" ", plain))).strip())


def _without_twins(text: str) -> str:
    """`abatteur / abatteuse de carriere` is `abatteuse de carriere`; other slashes stay."""
    before, slash, after = text.partition("/")
    first, second = before.split(), after.split()
    if not slash or not first or not second:
        return text
    if first[0][:_TWIN] == second[0][:_TWIN]:
        return after.strip()
    if first[-1][:_TWIN] == second[0][:_TWIN]:
        return " ".join([*first[:-1], *second])
    return text


def outside_brackets(text: str) -> str:
    """The text without what stands in brackets."""
    return _BRACKETS.sub(" ", text)


def in_brackets(text: str) -> str:
    """What the first brackets hold."""
    found = _BRACKETS.search(text)
    return found.group()[1:-1] if found else ""


def shorter(text: str) -> Iterator[Words]:
    """What is left of a text without what may stand around a title, most of it first."""
    first = _BRACKETS.split(text, maxsplit=1)[0]
    for less in (_GRADE.sub("", text), first, _HYPHENED.sub(r"\1", first), _OVERSEES.sub("", first)):
        if less != text and less.strip():
            words = words_of(outside_brackets(less))
            yield from (words, *shorter_by_levels(words))
    levels = _levels()
    yield tuple(word for word in words_of(first) if (word,) not in levels)


def parts_of(text: str) -> list[str]:
    """What stands between dashes, commas, slashes and the like."""
    return [part.strip() for part in _PARTS.split(text) if part.strip()]


def without_employer(text: str) -> str:
    """Without "at Initech", "@ Initech", "to the CEO" and the like."""
    return _EMPLOYER.sub("", text)


def without_elsewhere(text: str) -> str:
    """Without these, and without "in the north" and "for payments", which may tell what the work is or where."""
    return _ELSEWHERE.sub("", text)


def words_of(text: str) -> Words:
    """The folded words without articles and prepositions."""
    fillers = title_words().phrases["filler"]
    return tuple(word for word in folded(text).split() if (word,) not in fillers)


def over_or_wished(part: str) -> str | None:
    """Why a part of a title names nobody's present work: "former", "student", ...; None where it does not say so."""
    lists = title_words()
    words = tuple(folded(part).split())
    for kind in ("over", "wished"):
        for phrase in _starts(words):
            if phrase in lists.phrases[kind]:
                return f"{kind}: {' '.join(phrase)}"
    for phrase in _ends(words):
        if phrase in lists.phrases["over last"]:
            return f"over: {' '.join(phrase)}"
        if phrase in lists.phrases["student"]:
            return f"student: {' '.join(phrase)}"
    if words[:1] in lists.phrases["student"] and words[1:2] not in lists.phrases["for students"]:
        return f"student: {words[0]}"
    return None


def over_or_wished_inside(part: str) -> str | None:
    """The same for scripts without spaces. Ask only of a part that is no title: a word may hold the mark in it."""
    for kind in ("wished", "student", "over"):
        for text in title_words().anywhere[kind]:
            if len(text) > 1 and text in part:
                return f"{kind}: {text}"
            if part.startswith(text) and _stands_before(part, text):
                return f"{kind}: {text}"
    return None


def _stands_before(part: str, mark: str) -> bool:
    """Whether a mark of one character is one: in Korean before a space, in Chinese no beginning of a word."""
    return part[1:2] == " " if mark >= _HANGUL else not part.startswith(title_words().anywhere["over not"])


_HANGUL = "\uac00"


def _starts(words: Words) -> Iterator[Words]:
    return (words[:length] for length in range(min(len(words), 4), 0, -1))


def _ends(words: Words) -> Iterator[Words]:
    return (words[-length:] for length in range(min(len(words), 4), 0, -1))


def without_levels(words: Words) -> Words:
    """Without words of level and employment at either end; at the end numbers too."""
    first, last = _around()
    start, end = 0, len(words)
    while start < end and (words[start],) in first and not (start == 0 and words[0].isdigit()):
        start += 1
    while start < end and (words[end - 1],) in last:
        end -= 1
    return words[start:end]


@cache
def _around() -> tuple[frozenset[Words], frozenset[Words]]:
    """What may stand before an occupation, and behind one, and says nothing of it."""
    lists, levels = title_words().phrases, _levels()
    return levels | lists["lead"] | lists["ignored first"], levels | lists["ignored last"] | {("lead",), ("leader",)}


@cache
def _levels() -> frozenset[Words]:
    phrases = title_words().phrases
    return phrases["intern"] | phrases["junior"] | phrases["mid"] | phrases["senior"]


def shorter_by_levels(words: Words) -> Iterator[Words]:
    """With fewer and fewer words of level: "contract" may be one, not in "contract specialist"."""
    bare_words = without_levels(words)
    if bare_words:
        end = next(at for at in range(len(words), 0, -1) if words[at - 1] == bare_words[-1])
        yield from (words[start:end] for start in range(len(words) - len(bare_words) + 1) if words[start:end])
    yield bare_words


def without_levels_inside(text: str) -> str:
    """The same for scripts without spaces: `\u9ad8\u7ea7\u8f6f\u4ef6\u5de5\u7a0b\u5e08` without `\u9ad8\u7ea7`."""
    lists = title_words().anywhere
    for level in LEVELS[2:]:
        for word in lists.get(level, ()):
            if text.startswith(word) and len(text) > len(word):
                return text[len(word) :]
    return text


def level_of(text: str) -> str | None:
    """The level that a title names; None where it names none."""
    lists = title_words()
    plain, words = unaccented(text), tuple(folded(outside_brackets(bare(text))).split())
    spans = {words[at : at + length] for length in (1, 2, 3) for at in range(len(words) - length + 1)}
    for level in LEVELS:
        if spans & lists.phrases[level] or any(word in plain for word in lists.anywhere.get(level, ())):
            return level
    return None


def only_vague(words: Iterable[str]) -> bool:
    """Whether the words are of the kind that names no occupation: "team member"."""
    vague = _vague()
    return all((word,) in vague or len(word) == 1 for word in words)


@cache
def _vague() -> frozenset[Words]:
    return title_words().phrases["vague"] | _levels()
