"""Our own vocabulary, read from the JSON files beside this module, and the rules that use it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from shared.resolution.companies import Companies
from shared.resolution.places import Place, Places
from shared.resolution.skills import Skills
from shared.resolution.titles import Title, Titles

_RULES_VERSION = 1
"""Increase it when a change of the rules changes an answer, so that nothing stored under the old ones is used."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """The rules over our vocabulary."""

    company: Callable[[str, str | None], str]
    skill: Callable[[str], str]
    title: Callable[[str], Title | None]
    place: Callable[[str], Place]
    digest: str


def load() -> Builtin:
    """Read our vocabulary."""
    folder = files("shared.resolution") / "data"
    texts = {name: (folder / f"{name}.json").read_text("utf-8") for name in ("companies", "places", "skills", "titles")}
    data = {name: json.loads(text) for name, text in texts.items()}
    content = json.dumps([_RULES_VERSION, data], sort_keys=True).encode()
    return Builtin(
        company=Companies(data["companies"]).company,
        skill=Skills(data["skills"]).skill,
        title=Titles(data["titles"]).title,
        place=Places(data["places"]).place,
        digest=hashlib.sha256(b"builtin\n" + content).hexdigest(),
    )
