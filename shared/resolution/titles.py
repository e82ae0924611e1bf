"""Job titles: the occupation that a title means.

Seniority words ("Senior", "II"), gender marks and what follows a dash, comma or "at" are ignored. The rest is looked up
whole, then by its last words, where English puts the occupation. What is not found resolves to None: a wrong guess
costs people time.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.resolution.text import compact, folded, unaccented

Words = tuple[str, ...]

_GENDERS = re.compile(r"\(?\b(?:[mfwdxhiu](?:\s*[/|]\s*[mfwdxhiu*]){1,3}|all genders)(?!\w)\)?")
_FEMININE = re.compile(r"(?<=\w{3})[:*_/]-?(?:in|innen|frau)\b")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PARTS = re.compile(r"\s+[-\u2013\u2014]\s+|\s*[,;|/@\u00b7\u2022]\s*|:\s+")
_ELSEWHERE = re.compile(r"\s+(?:at|to|for|with|reporting|bei|chez|im|in the|in)\s.*$")
_FILLERS = frozenset({"of", "the", "a", "an", "and", "de", "la"})
_SENIORITY_BEFORE = frozenset(
    {
        "senior",
        "sr",
        "snr",
        "junior",
        "jr",
        "jnr",
        "lead",
        "principal",
        "staff",
        "mid",
        "entry",
        "level",
        "graduate",
        "trainee",
        "intern",
        "apprentice",
        "experienced",
        "supervisory",
        "associate",
        "deputy",
        "assistant",
        "interim",
        "acting",
        "freelance",
        "contract",
        "remote",
        "former",
        "ex",
        "retired",
        "certified",
        "licensed",
        "global",
        "regional",
    }
)
_SENIORITY_AFTER = frozenset(
    {
        "senior",
        "junior",
        "lead",
        "intern",
        "internship",
        "trainee",
        "apprentice",
        "graduate",
        "freelance",
        "freelancer",
        "contract",
        "remote",
        "parttime",
        "fulltime",
        "temporary",
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "1",
        "2",
        "3",
        "4",
        "5",
        "level",
    }
)


@dataclass(frozen=True, slots=True)
class Title:
    """An occupation, the group it belongs to, and whether people in it recruit."""

    occupation: str
    group: str
    recruiting: bool


class Titles:
    """Resolves job titles by our vocabulary."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        recruiting = set(data["recruiting"])
        self._alone = frozenset(data["safe_alone"])
        self._known: dict[str, Title] = {}
        for group, occupations in data["groups"].items():
            for occupation, others in occupations.items():
                title = Title(occupation, group, occupation in recruiting)
                for text in (occupation, *others):
                    self._known[_key(_words(text))] = title

    def title(self, text: str) -> Title | None:
        """The occupation meant by a job title, or None."""
        text = _FEMININE.sub("", _GENDERS.sub(" ", unaccented(text)))
        outside = _BRACKETS.sub(" ", text)
        parts = [part for part in _PARTS.split(outside) if part.strip()]
        for candidate in _candidates(text, outside, parts):
            if found := self._whole(candidate):
                return found
        return self._by_last_words(_words(_ELSEWHERE.sub("", parts[0]))) if parts else None

    def _whole(self, words: Words) -> Title | None:
        """The title of exactly these words, or of these without seniority words."""
        return self._exact(words) or self._exact(_without_seniority(words))

    def _exact(self, words: Words) -> Title | None:
        key = _key(words)
        return self._known.get(key) or (self._known.get(key[:-1]) if key.endswith("s") else None)

    def _by_last_words(self, words: Words) -> Title | None:
        """The longest known ending; a single word only where it names an occupation by itself."""
        words = _without_seniority(words)
        for start in range(1, len(words) - 1):
            if found := self._exact(words[start:]):
                return found
        last = words[-1].removesuffix("s") if words else ""
        return self._known.get(last) if last in self._alone else None


def _candidates(text: str, outside: str, parts: list[str]) -> Iterator[Words]:
    """What may be the title, likeliest first: the whole text, reversed ("Engineer, Software"), its parts."""
    yield _words(outside)
    yield _words(text)
    if len(parts) > 1:
        yield (*_words(parts[1]), *_words(parts[0]))
    for part in parts:
        yield _words(part)
        yield _words(_ELSEWHERE.sub("", part))


def _without_seniority(words: Words) -> Words:
    start, end = 0, len(words)
    while start < end and words[start] in _SENIORITY_BEFORE:
        start += 1
    while start < end and words[end - 1] in _SENIORITY_AFTER:
        end -= 1
    return words[start:end]


def _words(text: str) -> Words:
    return tuple(word for word in folded(text).split() if word not in _FILLERS)


def _key(words: Words) -> str:
    return compact("".join(words))
