"""A vocabulary read from a file: only its own aliases resolve, matched whole, in the plain normal form.

None of our own rules or entries are applied, neither legal forms nor brackets, so the answers can be worked out by hand
from the file alone.
"""

from dataclasses import dataclass
from typing import Any

from shared.resolution.companies import host
from shared.resolution.places import Place
from shared.resolution.text import plain
from shared.resolution.titles import Title


@dataclass(frozen=True, slots=True)
class VocabularyFile:
    """The parts of a file, by plain alias."""

    companies: dict[str, str]
    skills_by_alias: dict[str, str]
    titles: dict[str, Title]
    places_by_name: dict[str, Place]
    owners: dict[str, str]

    def company(self, name: str, domain: str | None) -> tuple[str, str]:
        """The id of the domain where the file has it, else of the name, else the plain name."""
        for known in (plain(domain or ""), host(domain or ""), plain(name)):
            if known in self.companies:
                return self.companies[known], f"in the file: {known}"
        return plain(name), _OWN_TEXT

    def family(self, company: str) -> str:
        """The topmost owner that the file names, the company itself without one."""
        while owner := self.owners.get(company):
            company = owner
        return company

    def skill(self, text: str) -> tuple[str, str]:
        """The id, or the plain text."""
        text = plain(text)
        known = self.skills_by_alias.get(text)
        return (text, _OWN_TEXT) if known is None else (known, f"in the file: {text}")

    def skills(self, text: str) -> tuple[str, ...]:
        """The one skill of the text."""
        return (self.skill(text)[0],)

    def skills_named_in(self, text: str) -> dict[str, str]:
        """The skills of the file that stand in the text as whole words, each with its words."""
        folded = f" {plain(text)} "
        found: dict[str, str] = {}
        for alias, skill in self.skills_by_alias.items():
            if f" {alias} " in folded:
                found.setdefault(skill, alias)
        return found

    def title(self, text: str) -> tuple[Title | None, str]:
        """What the file says of the title, or nothing."""
        text = plain(text)
        return self.titles.get(text), f"in the file: {text}" if text in self.titles else "not in the file"

    def place(self, text: str) -> tuple[Place, str]:
        """What the file says of the place; an unknown one is a country of its own."""
        text = plain(text)
        known = self.places_by_name.get(text)
        return (known, f"in the file: {text}") if known else (Place(country=text or None, city=None), _OWN_TEXT)

    def places(self, text: str) -> tuple[Place, ...]:
        """The one place of the text, if it names one."""
        found, _ = self.place(text)
        return () if found.country is None else (found,)


_OWN_TEXT = "its own text"


def parse(content: object) -> VocabularyFile:
    """Check and index the parsed JSON of a vocabulary file.

    Raises:
        ValueError: the content is not a vocabulary; the text says where.
    """
    parts = _mapping(content, "the vocabulary")
    unknown = sorted(set(parts) - {"companies", "skills", "titles", "places", "owners"})
    if unknown:
        raise ValueError(f"the vocabulary has an unknown part: {unknown[0]}")
    owners = _ids(parts, "owners")
    _refuse_circles(owners)
    return VocabularyFile(
        companies=_ids(parts, "companies"),
        skills_by_alias=_ids(parts, "skills"),
        titles={plain(name): _title(name, value) for name, value in _part(parts, "titles").items()},
        places_by_name={plain(name): _place(name, value) for name, value in _part(parts, "places").items()},
        owners=owners,
    )


def _refuse_circles(owners: dict[str, str]) -> None:
    for company in owners:
        above, seen = company, set[str]()
        while (owner := owners.get(above)) is not None:
            if owner in seen or owner == company:
                raise ValueError(f"owners: {company} owns itself")
            seen.add(owner)
            above = owner


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not a JSON object")  # noqa: TRY004 - a bad file is a ValueError, whatever is wrong
    return value


def _part(parts: dict[str, Any], name: str) -> dict[str, Any]:
    part = parts.get(name)
    return {} if part is None else _mapping(part, name)


def _ids(parts: dict[str, Any], name: str) -> dict[str, str]:
    # Ids are put in the plain form too, so that a text equal to an id resolves to that id.
    return {plain(alias): plain(_text(value, f"{name}: {alias}")) for alias, value in _part(parts, name).items()}


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where} is not a text")
    return value


def _title(name: str, value: object) -> Title:
    entry = _mapping(value, f"titles: {name}")
    recruiting, group = entry.get("recruiting"), entry.get("group")
    if not isinstance(recruiting, bool | None):
        raise ValueError(f"titles: {name}: recruiting is neither true nor false")  # noqa: TRY004 - as above
    occupation = _text(entry.get("occupation"), f"titles: {name}: occupation")
    group = occupation if group is None else _text(group, f"titles: {name}: group")  # none: a group of one
    return Title(occupation, group, bool(recruiting))


def _place(name: str, value: object) -> Place:
    entry = _mapping(value, f"places: {name}")
    country, city = entry.get("country"), entry.get("city")
    return Place(
        country=None if country is None else plain(_text(country, f"places: {name}: country")),
        city=None if city is None else plain(_text(city, f"places: {name}: city")),
    )
