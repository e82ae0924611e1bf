"""The vocabulary: one object that resolves companies, skills, titles and places, and remembers its answers."""

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol, Self

from shared.resolution import builtin, vocabulary_file
from shared.resolution.places import Place
from shared.resolution.titles import Title

_CACHED = 1 << 17
"""Answers cached per kind: a graph names the same few companies and titles over and over."""


class Rules(Protocol):
    """How a vocabulary resolves; pure."""

    def company(self, name: str, domain: str | None, /) -> str: ...  # noqa: D102
    def skill(self, text: str, /) -> str: ...  # noqa: D102
    def title(self, text: str, /) -> Title | None: ...  # noqa: D102
    def place(self, text: str, /) -> Place: ...  # noqa: D102


class Vocabulary:
    """What resolves to what. Make one with `default` (ours) or `load` (a file's, and nothing else). Thread-safe."""

    def __init__(self, rules: Rules, digest: str) -> None:
        self._company = lru_cache(_CACHED)(rules.company)
        self._skill = lru_cache(_CACHED)(rules.skill)
        self._title = lru_cache(_CACHED)(rules.title)
        self._place = lru_cache(_CACHED)(rules.place)
        self._digest = digest

    @classmethod
    @cache
    def default(cls) -> Self:
        """Our own vocabulary, which also reads legal forms, seniority words, "City, Country" and the like."""
        rules = builtin.load()
        return cls(rules, rules.digest)

    @classmethod
    def load(cls, path: Path | str | None) -> Self:
        """A vocabulary file: only what it says resolves. None, the setting left out: our own.

        The file is `{"companies": {alias: id}, "skills": {alias: id}, "titles": {title: {"occupation", "group",
        "recruiting"}}, "places": {name: {"country", "city"}}}`; a part may be left out. Aliases are matched whole, in
        the plain normal form (NFKC, case folded, runs of white space as one space).

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not such a vocabulary; the text says where.
        """
        return cls.default() if path is None else cls.of(json.loads(Path(path).read_text(encoding="utf-8-sig")))

    @classmethod
    def of(cls, content: object) -> Self:
        """A vocabulary from a file's parsed content; see `load`."""
        rules = vocabulary_file.parse(content)
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        return cls(rules, hashlib.sha256(b"given\n" + canonical).hexdigest())

    @property
    def digest(self) -> str:
        """A hash of all that an answer depends on: equal digests give equal answers."""
        return self._digest

    def company(self, name: str, domain: str | None = None) -> str:
        """The key of the company of this name; a known web domain (`initech.com`, a URL) settles which one is meant.

        Stable between processes and releases as long as `digest` is. Not empty unless the name is blank.
        """
        return self._company(name, domain)

    def skill(self, text: str) -> str:
        """The key of the skill."""
        return self._skill(text)

    def title(self, text: str) -> Title | None:
        """The occupation behind a job title, or None where it is not known."""
        return self._title(text)

    def place(self, text: str) -> Place:
        """The place; see `Place` for one that is not known."""
        return self._place(text)
