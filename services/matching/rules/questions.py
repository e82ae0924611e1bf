"""The questions of section 6: paths into a company, and why a suggestion exists or not.

The answers reveal no more about others than section 5 allows: without a path they name people whom the person knows by
their own evidence, and nobody from another's address book.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.matching.domain import Opening, Person
from services.matching.rules.fit import FitPart, first_ruled_out, fit, fit_parts, fits, skills_named, titles_sought
from services.matching.rules.network import Network
from services.matching.rules.paths import InsiderIndex, Path, all_paths, best_by_introducer, path_filter
from services.matching.rules.standing import left_long_ago
from services.matching.rules.suggestions import Suggestion, suggestion
from shared.events.suggestions import Opening as Head

NAMED = 5
"""So many of those who left a company are named at most."""


@dataclass(frozen=True, slots=True)
class LeftThere:
    """Somebody who worked at a company until more than three years ago, and the day they left."""

    person: str
    left: date


@dataclass(frozen=True, slots=True)
class Explanation:
    """The suggestion, or the first rule that ruled it out, with the fit and its parts if that was computed."""

    suggestion: Suggestion | None
    rule: str | None
    fit: float | None = None
    parts: tuple[FitPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown of an opening, and which of its skills a seeker names and which not, in the opening's words."""

    head: Head
    matched: tuple[str, ...]
    missing: tuple[str, ...]


def paths(network: Network, person: Person, company: str) -> tuple[list[Path], list[LeftThere]]:
    """The paths into a company, warm or possible, one per introducer; without any, who of those they know left it."""
    insiders = InsiderIndex(network, network.insiders_at(company))
    found = best_by_introducer(all_paths(network, person, insiders))
    return found, [] if found else left_there(network, person, company)


def left_there(network: Network, person: Person, company: str) -> list[LeftThere]:
    """Whom the person knows by their own evidence, neither hidden nor at strength 0, who left more than 3 years ago."""
    allowed, found = path_filter(network, person), list[LeftThere]()
    for other in network.state.near(person.id):
        tie = network.tie(person.id, other)
        if tie is None or not tie.own_of(person.id) or tie.strength == 0 or not allowed(other):
            continue
        left = left_long_ago(network.state.people[other], company, network.today)
        if left is not None:
            found.append(LeftThere(other, left))
    return latest(found)


def latest(found: Iterable[LeftThere]) -> list[LeftThere]:
    """Those to be named: whoever left last first, then the smaller id."""
    return sorted(found, key=lambda one: (-one.left.toordinal(), one.person))[:NAMED]


def explain(network: Network, seeker: str, posting: str) -> Explanation:
    """The suggestion with its numbers, or the first rule that ruled it out, in the order of the rules."""
    person, opening = network.state.people.get(seeker), network.state.openings.get(posting)
    if opening is None:
        return Explanation(None, "unknown_opening")
    if person is None or not person.member:
        return Explanation(None, "unknown_member")
    rule = _ruled_out(network, person, opening)
    if rule is not None:
        return Explanation(None, rule)
    value, parts = fit(person, opening, network.today), fit_parts(person, opening, network.today)
    if not fits(value):
        return Explanation(None, "fit", value, parts)
    insiders = InsiderIndex(network, network.insiders(opening))
    found = suggestion(network, person, opening, insiders)
    if found is None:
        return Explanation(None, "no_path", value, parts)
    return Explanation(found, None, value, parts)


def beside(network: Network, seeker: str, posting: str) -> Beside | None:
    """An opening beside what a seeker names; None where one of them is not known."""
    person, opening = network.state.people.get(seeker), network.state.openings.get(posting)
    if person is None or opening is None:
        return None
    return Beside(opening.head, *skills_named(person, opening))


def _ruled_out(network: Network, person: Person, opening: Opening) -> str | None:
    """The first rule that rules it out before the fit is computed, or None."""
    if person.search is None:
        return "not_seeking"
    rule = first_ruled_out(person, opening, network.today)
    if rule is None and not opening.skills and opening.title is None:
        return "opening_names_nothing"
    if rule is None and not (person.skills | person.search.skills or titles_sought(person, network.today)):
        return "seeker_names_nothing"
    return rule
