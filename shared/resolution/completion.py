"""Names to offer while somebody types, and what they may have meant: job titles, skills, places and companies of ours.

Offering is not resolving: what is offered is a name to show, and whatever is typed instead is taken as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Final, Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from shared.resolution import tables
from shared.resolution.skills import labels
from shared.resolution.text import folded

Kind = Literal["titles", "skills", "places", "companies"]

_ALIKE: Final = 0.75
"""How alike two names are at least, from 0 to 1, for one to be meant by the other: a slip in four letters."""
_SHORTEST = 4
_ACRONYM = 3
_SMALL = frozenset(
    {"and", "of", "for", "in", "the", "to", "with", "a", "de", "du", "des", "der", "und", "von", "la", "el"}
)
_SPELT = {
    word.lower(): word
    for word in """
        JavaScript TypeScript PostgreSQL MySQL NoSQL GraphQL HTML SCSS JSON YAML iOS macOS GitHub GitLab DevOps MLOps
        CI/CD REST OpenAPI PyTorch TensorFlow NumPy pandas LaTeX MATLAB LinkedIn PayPal YouTube McKinsey FastAPI Node.js
        Vue.js Next.js VMware SaaS PowerPoint BI OAuth gRPC RabbitMQ MongoDB DynamoDB BigQuery ClickHouse SQLite T-SQL
        PL/SQL QA EE AI UI UX IT HR API AWS CRM ERP SAP SEO IBM US UK USA UAE
    """.split()  # noqa: SIM905 - as a list it would be a line each
}
"""Words that are not written with one capital in front."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of one kind, the most usual first: as they are compared, as they are shown, and what may be meant."""

    folded: tuple[str, ...]
    shown: tuple[str, ...]
    meant: tuple[str, ...]
    """Of a place without its country."""


def complete(kind: Kind, text: str, most: int = 8) -> list[str]:
    """Names that begin with a text, then those of which a later word does; nothing for an empty text."""
    wanted, names = folded(text), _names(kind)
    if not wanted:
        return []
    begins = (i for i, name in enumerate(names.folded) if name.startswith(wanted))
    within = (i for i, name in enumerate(names.folded) if f" {wanted}" in name and not name.startswith(wanted))
    return [names.shown[i] for i in islice(chain(begins, within), most)]


def did_you_mean(kind: Kind, text: str, most: int = 3) -> list[str]:
    """Names so like a text that they may be what was meant; none for a name of ours, and none for a short text."""
    wanted, names = folded(text), _names(kind)
    if len(wanted) < _SHORTEST or wanted in names.meant:
        return []
    found = process.extract(wanted, names.meant, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=most)
    return [names.shown[i] for _, _, i in found]


@cache
def _names(kind: Kind) -> _Names:
    lists = {"titles": _titles, "skills": _skills, "places": _places, "companies": _companies}
    found: dict[str, str] = {}
    for name in lists[kind]():
        found.setdefault(folded(name), name)
    found.pop("", None)
    meant = tuple(folded(name.partition(",")[0]) for name in found.values()) if kind == "places" else tuple(found)
    return _Names(tuple(found), tuple(found.values()), meant)


def _titles() -> Iterator[str]:
    rows = list(tables.rows("titles.tsv"))
    yield from (_capital(row[0]) for row in tables.rows("occupations.tsv"))
    for language_is_ours in (True, False):
        for _, language, cell in rows:
            if (language == "en") == language_is_ours:
                yield from (
                    _capital(name) if language == "en" else name[:1].upper() + name[1:] for name in tables.names(cell)
                )


def _skills() -> Iterator[str]:
    yield from (_capital(row[0]) for row in tables.rows("skills.tsv"))
    yield from (name[:1].upper() + name[1:] for name in labels())


def _places() -> Iterator[str]:
    countries = {row[0]: _capital(tables.names(row[1])[0]) for row in tables.rows("country_names.tsv") if row[1]}
    yield from countries.values()
    for country, _, city, *_ in chain(tables.rows("our_cities.tsv"), tables.rows("cities.tsv")):
        where = countries.get(country)
        yield f"{_capital(city)}, {where}" if where else _capital(city)


def _companies() -> Iterator[str]:
    for key, cell, *_ in tables.rows("companies.tsv"):
        name = next((each for each in tables.names(cell) if "." not in each), key)
        yield name.upper() if len(name) <= _ACRONYM else _capital(name)


def _capital(name: str) -> str:
    """A name of ours, which are in lower case, as people write it."""
    return " ".join(_word(word, first=not i) for i, word in enumerate(name.split()))


def _word(word: str, *, first: bool) -> str:
    if word in _SPELT:
        return _SPELT[word]
    if word in _SMALL and not first:
        return word
    if len(word) <= _ACRONYM and not set(word) & set("aeiouy") and word.isascii():
        return word.upper()
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
