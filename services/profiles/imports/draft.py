"""A profile as a file tells it, for its owner to confirm field by field. Nothing of it is stored or published."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from services.profiles.imports.dates import Dated
from shared.resolution import Vocabulary
from shared.text import shorten

MAX_JOBS = 50
MAX_SKILLS = 100
MAX_UNCLEAR = 100
MAX_WISHES = 5
MAX_HEADLINE = 220
"""Of each, at most so many are told; a form has room for no more."""

_HEADLINE_PARTS = re.compile(r"[|\u00b7\u2022,]|\s(?:at|@|bei|chez|presso|bij)\s")
_LENGTHS = {"year": 4, "month": 7, "day": 10}


def written(day: Dated | None) -> str | None:
    """The date as far as it is known: YYYY, YYYY-MM or YYYY-MM-DD."""
    return day.day.isoformat()[: _LENGTHS[day.precision]] if day else None


@dataclass(frozen=True, slots=True)
class Job:
    """Work at a company; `start` and `end` as far as they are known."""

    company: str
    title: str | None
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Study:
    """A school, and what was learnt there."""

    school: str
    degree: str | None
    start: str | None
    end: str | None


@dataclass(slots=True)
class Draft:
    """What a profile would say. `unclear`: what was not understood, with the place where it stands.

    `titles` and `places`: what its owner may look for, and where: the work they do now, and the place they live at.
    """

    name: str | None = None
    headline: str | None = None
    employments: list[Job] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    education: list[Study] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether nothing of a profile is known."""
        return not (self.headline or self.employments or self.skills or self.education)

    def finished(self, words: Vocabulary) -> "Draft":
        """With titles to look for: those of the present work, else the headline, as far as they are known."""
        present = [job.title for job in self.employments if job.title and not job.end]
        titles = [title for title in present if words.title(title)]
        first = _HEADLINE_PARTS.split(self.headline or "")[0].strip()
        if not titles and first and words.title(first):
            titles = [first]
        titles, places = (list(dict.fromkeys(texts))[:MAX_WISHES] for texts in (titles, self.places))
        headline = shorten(self.headline, MAX_HEADLINE) if self.headline else None
        return replace(self, headline=headline, titles=titles, places=places, unclear=self.unclear[:MAX_UNCLEAR])

    def without(self, jobs: Collection[tuple[str, str]], skills: Collection[str]) -> "Draft":
        """Without what is known already: jobs by company and title, skills by name, all in lower case."""
        new = [job for job in self.employments if (job.company.casefold(), (job.title or "").casefold()) not in jobs]
        return replace(self, employments=new, skills=[one for one in self.skills if one.casefold() not in skills])

    def told(self) -> dict[str, Any]:
        """The draft as JSON has it."""
        return asdict(self)
