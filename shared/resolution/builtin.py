"""Our own vocabulary, read from the files beside this module, and the rules that use it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from shared.resolution import tables
from shared.resolution.companies import Companies
from shared.resolution.places import Place, Places
from shared.resolution.skills import Skills
from shared.resolution.titles import Title, Titles

_RULES_VERSION = 2
"""Increase it when a change of the rules changes an answer, so that nothing stored under the old ones is used."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """The rules over our vocabulary."""

    company: Callable[[str, str | None], tuple[str | None, str]]
    family: Callable[[str], str]
    skill: Callable[[str], tuple[str, str]]
    skills: Callable[[str], tuple[str, ...]]
    skills_named_in: Callable[[str], dict[str, str]]
    title: Callable[[str], tuple[Title | None, str]]
    place: Callable[[str], tuple[Place, str]]
    places: Callable[[str], tuple[Place, ...]]
    digest: str


def load() -> Builtin:
    """Read our vocabulary."""
    companies, skills, places = Companies(), Skills(), Places()
    hashed = hashlib.sha256(f"builtin {_RULES_VERSION}\n".encode())
    for name in tables.every():
        hashed.update(f"{name}\n".encode() + hashlib.sha256(tables.content(name)).digest())
    return Builtin(
        company=companies.explain,
        family=companies.family,
        skill=skills.explain,
        skills=skills.skills,
        skills_named_in=skills.named_in,
        title=Titles().explain,
        place=places.explain,
        places=places.places,
        digest=hashed.hexdigest(),
    )
