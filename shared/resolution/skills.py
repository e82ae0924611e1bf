"""Skills: one key for a skill's synonyms and spellings; several of them in one text; those named in free text.

Ours are in `data/skills.tsv`, then come the labels of ESCO's skills (`data/skills.npz`). The key of a skill is its name
without spaces and most signs.
"""

import io
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

import ahocorasick
import numpy as np

from shared.resolution import tables
from shared.resolution.text import compact, folded, hashed, unaccented

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ASIDE = re.compile(r"\s+[-\u2013\u2014:]\s.*$|:\s.*$")
_LEADING_DOT = re.compile(r"(?<!\w)\.(?=net\b)")
_SEVERAL = re.compile(r"\s*[,;|/&\u3001\uff0c\u00b7\u2022]\s*|\s+(?:and|und|et|y|e|en|i|\u0438)\s+")
_VERSION = re.compile(r"v?\d+")
_SINGLE = 1
_YEARS = re.compile(
    r"^\d+\s?\+?\s?(?:years?|yrs?|jahre|ans|anos|lat)\s(?:of|in|de|with)?\s?(?:experience (?:in|with)\s)?"
)
_UNNUMBERED = 3
"""Letters before a version written onto a name: "Python3"."""

Found = tuple[str, str]
"""A skill's key and why."""


def labels() -> list[str]:
    """The names of ESCO's skills."""
    with np.load(io.BytesIO(tables.content("skills.npz"))) as file:
        names: list[str] = file["names"].tobytes().decode().split("\n")
    return names


class Skills:
    """Resolves skills by our tables."""

    def __init__(self) -> None:
        words = {kind: tables.names(cell) for kind, cell in tables.rows("skill_words.tsv")}
        self._tails, self._makers = frozenset(words["tail"]), frozenset(words["maker"])
        self._leads = sorted((tuple(lead.split()) for lead in words["lead"]), key=len, reverse=True)
        self._capital, self._not_before = frozenset(words["capital"]), tuple(words["not before"])
        self._known: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        for skill, cell in tables.rows("skills.tsv"):
            key = compact(_dotted(skill))
            for alias in (skill, *tables.names(cell)):
                self._known.setdefault(compact(_dotted(alias)), key)
                self._spelled.setdefault(unaccented(alias), key)
        with np.load(io.BytesIO(tables.content("skills.npz"))) as file:
            self._keys, self._places = file["keys"], file["places"]
        self._names = labels()

    def skill(self, text: str) -> str:
        """The skill's key, shared by its synonyms; "(programming language)", versions and the like are ignored."""
        return self.explain(text)[0]

    def explain(self, text: str) -> Found:
        """The same, with the alias that decided; a skill that is not known is its own normalised text."""
        return self._find(text) or (_own(text), "its own text")

    def skills(self, text: str) -> tuple[str, ...]:
        """The skills in a text that names one or several: "C/C++" is two, "CI/CD" one; "Docker & Kubernetes" two."""
        if self._whole(text):
            return (self.skill(text),)
        outside = _BRACKETS.sub(" ", text)
        parts = [part for part in _SEVERAL.split(outside) if part.strip()]
        found = [self._find(part) for part in parts]
        if len(parts) > _SINGLE and all(found):
            return tuple(dict.fromkeys(each[0] for each in found if each))
        return (self.skill(text),)

    def _whole(self, text: str) -> bool:
        return compact(_dotted(text)) in self._known

    def _find(self, text: str) -> Found | None:
        candidates = list(dict.fromkeys(self._candidates(_dotted(text))))
        for candidate in candidates:
            if key := self._known.get(candidate):
                return key, f"ours: {candidate}"
        for candidate in candidates:
            wanted = hashed(candidate)
            at = bisect_left(self._keys, wanted)
            if at < len(self._keys) and int(self._keys[at]) == wanted:
                return compact(self._names[self._places[at]]), f"ESCO: {self._names[self._places[at]]}"
        return None

    def _candidates(self, text: str) -> Iterator[str]:
        yield compact(text)
        words = folded(_ASIDE.sub("", _YEARS.sub("", _BRACKETS.sub(" ", text)))).split()
        yield compact("".join(words))
        if words and len(bare := words[-1].rstrip("0123456789")) >= _UNNUMBERED:
            yield compact("".join([*words[:-1], bare]))
        for lead in self._leads:
            if len(words) > len(lead) and words[0] == lead[0] and tuple(words[: len(lead)]) == lead:
                words = words[len(lead) :]
                yield compact("".join(words))
        if len(words) > 1 and words[0] in self._makers:
            yield compact("".join(words[1:]))
        while len(words) > 1 and (words[-1] in self._tails or _VERSION.fullmatch(words[-1])):
            words = words[:-1]
            yield compact("".join(words))

    def named_in(self, text: str) -> dict[str, str]:
        """The skills of ours that a free text names, each with its words there, in order of their first mention.

        One pass over the text. Words that mean other things as well ("go", "excel") count only with a capital, and not
        before words that make them something else ("Go to market").
        """
        plain = "".join(_same_length(char) for char in text)
        longest: dict[int, tuple[int, str]] = {}
        for last, (length, key) in self._automaton.iter(plain):
            start = last - length + 1
            if self._stands_alone(text, plain, start, last + 1) and length > longest.get(start, (0, ""))[0]:
                longest[start] = length, key
        found: dict[str, str] = {}
        free = 0
        for start in sorted(longest):
            length, key = longest[start]
            if start >= free:
                found.setdefault(key, text[start : start + length])
                free = start + length
        return found

    @cached_property
    def _automaton(self) -> ahocorasick.Automaton:
        """Aho and Corasick's automaton over every spelling of ours."""
        automaton = ahocorasick.Automaton()
        for spelled, key in self._spelled.items():
            automaton.add_word(spelled, (len(spelled), key))
        automaton.make_automaton()
        return automaton

    def _stands_alone(self, text: str, plain: str, start: int, end: int) -> bool:
        before, after = plain[start - 1 : start], plain[end : end + 1]
        if (before and _joins(before, plain[start])) or (after and _joins(after, plain[end - 1])):
            return False
        if end - start == 1 and (before == "." or (after == "." and text[end + 1 : end + 2].isalpha())):
            return False  # an abbreviation: "R.O.K"
        if plain[start:end] not in self._capital:
            return True
        rest = plain[end:].lstrip(" -&")
        follows = any(
            rest.startswith(word) and not rest[len(word) : len(word) + 1].isalnum() for word in self._not_before
        )
        return text[start].isupper() and not follows and before not in {"&", "-"}


def _joins(outside: str, inside: str) -> bool:
    """Whether a character outside a match belongs to the same word; scripts without spaces have no such words."""
    if outside in "+#":
        return True
    return outside.isalnum() and inside.isalnum() and outside.isascii() == inside.isascii() and outside < "\u3040"


def _same_length(char: str) -> str:
    bare = unaccented(char)
    return bare if len(bare) == 1 else (char.lower() if char.isspace() is False and len(char.lower()) == 1 else " ")


def _own(text: str) -> str:
    return compact(_dotted(text)) or "".join(unaccented(text).split())


def _dotted(text: str) -> str:
    return _LEADING_DOT.sub("dot", unaccented(text))
