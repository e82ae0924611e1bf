"""From the words people type to what the rules compare: companies, skills, titles and places.

A pure function of the text and the vocabulary that never raises. What a vocabulary does not know resolves to its own
normalised text (a title: to nothing). Equal answers mean the same thing; an answer is no name to show to anybody.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

from shared.resolution import builtin, given
from shared.resolution.places import Place
from shared.resolution.titles import Title

__all__ = ["Place", "Title", "Vocabulary"]

_REMEMBERED = 1 << 17
"""Answers kept per kind: a graph names the same few companies and titles over and over."""


class Vocabulary:
    """What resolves to what. Make one with `default` (ours) or `load` (a file's, and nothing else)."""

    def __init__(
        self,
        *,
        company: Callable[[str, str | None], str],
        skill: Callable[[str], str],
        title: Callable[[str], Title | None],
        place: Callable[[str], Place],
        digest: str,
    ) -> None:
        self._company = lru_cache(_REMEMBERED)(company)
        self._skill = lru_cache(_REMEMBERED)(skill)
        self._title = lru_cache(_REMEMBERED)(title)
        self._place = lru_cache(_REMEMBERED)(place)
        self._digest = digest

    @classmethod
    @cache
    def default(cls) -> Self:
        """Our own vocabulary, with its readings of legal forms, seniority words, "City, Country" and the like."""
        rules = builtin.load()
        return cls(company=rules.company, skill=rules.skill, title=rules.title, place=rules.place, digest=rules.digest)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """A vocabulary file: only what it says resolves.

        The file is `{"companies": {alias: id}, "skills": {alias: id}, "titles": {title: {"occupation", "group",
        "recruiting"}}, "places": {name: {"country", "city"}}}`; a part may be left out. Aliases are matched whole, in
        the plain normal form (NFKC, case folded, white space evened out).

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not such a vocabulary; the text says where.
        """
        return cls.of(json.loads(Path(path).read_text(encoding="utf-8-sig")))

    @classmethod
    def of(cls, content: object) -> Self:
        """A vocabulary from a file's parsed content; see `load`."""
        rules = given.read(content)
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(b"given\n" + canonical).hexdigest()
        return cls(company=rules.company, skill=rules.skill, title=rules.title, place=rules.place, digest=digest)

    @property
    def digest(self) -> str:
        """A hash of everything an answer depends on: equal digests give equal answers."""
        return self._digest

    def company(self, name: str, domain: str | None = None) -> str:
        """The company of this name. A web domain that is known settles which one is meant."""
        return self._company(name, domain)

    def skill(self, text: str) -> str:
        """The skill."""
        return self._skill(text)

    def title(self, text: str) -> Title | None:
        """The occupation behind a job title, or None where it is not known."""
        return self._title(text)

    def place(self, text: str) -> Place:
        """The place; see `Place` for one that is not known."""
        return self._place(text)
