"""The vocabulary: one object that resolves companies, skills, titles and places, and remembers its answers."""

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol, Self

from shared.resolution import builtin, vocabulary_file
from shared.resolution.places import Place
from shared.resolution.title_text import level_of
from shared.resolution.titles import Title

_CACHED = 1 << 17
"""Answers cached per kind: a graph names the same few companies and titles over and over."""


class Rules(Protocol):
    """How a vocabulary resolves; pure. Each answer comes with the rule or alias that decided."""

    def company(self, name: str, domain: str | None, /) -> tuple[str | None, str]: ...  # noqa: D102
    def family(self, company: str, /) -> str: ...  # noqa: D102
    def skill(self, text: str, /) -> tuple[str, str]: ...  # noqa: D102
    def skills(self, text: str, /) -> tuple[str, ...]: ...  # noqa: D102
    def skills_named_in(self, text: str, /) -> dict[str, str]: ...  # noqa: D102
    def title(self, text: str, /) -> tuple[Title | None, str]: ...  # noqa: D102
    def place(self, text: str, /) -> tuple[Place, str]: ...  # noqa: D102
    def places(self, text: str, /) -> tuple[Place, ...]: ...  # noqa: D102


class Vocabulary:
    """What resolves to what. Make one with `default` (ours) or `load` (a file's, and nothing else). Thread-safe."""

    def __init__(self, rules: Rules, digest: str) -> None:
        self.explain_company = lru_cache(_CACHED)(rules.company)
        self.explain_skill = lru_cache(_CACHED)(rules.skill)
        self.explain_title = lru_cache(_CACHED)(rules.title)
        self.explain_place = lru_cache(_CACHED)(rules.place)
        self._skills = lru_cache(_CACHED)(rules.skills)
        self._places = lru_cache(_CACHED)(rules.places)
        self._skills_named_in, self._family = rules.skills_named_in, rules.family
        self._digest = digest

    @classmethod
    @cache
    def default(cls) -> Self:
        """Our own vocabulary, which also reads legal forms, seniority words, "City, Country" and the like."""
        return cls.fresh()

    @classmethod
    def fresh(cls) -> Self:
        """Our own vocabulary, read again and without remembered answers; to measure with."""
        rules = builtin.load()
        return cls(rules, rules.digest)

    @classmethod
    def load(cls, path: Path | str | None) -> Self:
        """A vocabulary file: only what it says resolves. None, the setting left out: our own.

        The file is `{"companies": {alias: id}, "skills": {alias: id}, "titles": {title: {"occupation", "group",
        "recruiting"}}, "places": {name: {"country", "city"}}, "owners": {id of a company: id of its owner}}`; a part
        may be left out. Aliases are matched whole, in the plain normal form (NFKC, case folded, runs of white space as
        one space).

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

    def company(self, name: str, domain: str | None = None) -> str | None:
        """The key of the company of this name; a known web domain (`initech.com`, a URL) settles which one is meant.

        Stable between processes and releases as long as `digest` is. None where the name says that there is no employer
        ("Confidential", "Self-employed"), or is blank: such a company is equal to nothing.
        """
        return self.explain_company(name, domain)[0]

    def family(self, company: str) -> str:
        """The key of a company's topmost known owner, its own where none is known: what hiding from it covers."""
        return self._family(company)

    def skill(self, text: str) -> str:
        """The key of the skill."""
        return self.explain_skill(text)[0]

    def skills(self, text: str) -> tuple[str, ...]:
        """The keys of the skills that a text lists: "C/C++" names two, "CI/CD" one."""
        return self._skills(text)

    def skills_in(self, text: str) -> list[str]:
        """The keys of the skills that a free text names, each once, in order; one pass over the text."""
        return list(self._skills_named_in(text))

    def skills_named_in(self, text: str) -> dict[str, str]:
        """The same, each key with the words that name it first."""
        return self._skills_named_in(text)

    def title(self, text: str) -> Title | None:
        """The occupation behind a job title, or None where it is not known."""
        return self.explain_title(text)[0]

    def level(self, title: str) -> str | None:
        """The level that a title names: intern, junior, mid, senior, lead, director, executive; None where none."""
        return level_of(title)

    def over(self, title: str) -> bool:
        """Whether a title says that the work is over: "former", "retired"."""
        return self.explain_title(title)[1].startswith("over:")

    def place(self, text: str) -> Place:
        """The place; see `Place` for one that is not known."""
        return self.explain_place(text)[0]

    def places(self, text: str) -> tuple[Place, ...]:
        """The places that a text lists, none where it names none: "Berlin / Munich" is two, "DACH" three countries."""
        return self._places(text)
