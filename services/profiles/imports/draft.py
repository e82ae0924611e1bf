"""A profile as a file tells it, for its owner to confirm field by field. Nothing of it is stored or published."""

from dataclasses import asdict, dataclass, field
from typing import Any

from services.profiles.imports.dates import Dated

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
    """What a profile would say. `unclear`: what was not understood, with the place where it stands."""

    name: str | None = None
    headline: str | None = None
    employments: list[Job] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    education: list[Study] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The draft as JSON has it."""
        return asdict(self)
