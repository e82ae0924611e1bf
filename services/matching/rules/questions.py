"""The questions of section 6: paths into a company, and why a suggestion exists or not.

The answers reveal no more about others than section 5 allows: potential paths name the person's own contacts, and
members who agreed to be asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.matching.domain import Opening, Person
from services.matching.rules.fit import first_ruled_out, fit, fits, titles_sought
from services.matching.rules.network import Network
from services.matching.rules.numbers import factor
from services.matching.rules.paths import (
    ONE_BETWEEN,
    InsiderIndex,
    Path,
    all_paths,
    best_by_introducer,
    path_filter,
)
from services.matching.rules.strength import SAID
from services.matching.rules.suggestions import Suggestion, suggestion

POTENTIAL_PATHS = 5
IF_SAID = SAID[4]
"""A contact about whom nothing is known yet counts as if the person had stated a closeness of 4."""


@dataclass(frozen=True, slots=True)
class PotentialPath:
    """How a path could come about: through a contact who works there, or a member who is not warm yet."""

    kind: Literal["contact", "member"]
    person: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The suggestion, or the first rule that ruled it out, with the fit if that was computed."""

    suggestion: Suggestion | None
    rule: str | None
    fit: float | None = None
    potential_paths: tuple[PotentialPath, ...] = ()


def paths(network: Network, person: Person, company: str) -> tuple[list[Path], list[PotentialPath]]:
    """The paths into a company, warm or possible, one per introducer; without any, potential paths."""
    insiders = InsiderIndex(network, network.insiders_at(company))
    found = best_by_introducer(all_paths(network, person, insiders))
    return found, [] if found else potential_paths(network, person, company, insiders)


def potential_paths(network: Network, person: Person, company: str, insiders: InsiderIndex) -> list[PotentialPath]:
    """At most five: contacts of the person who work there, then members not warm yet who know an insider."""
    found = [*_contacts_there(network, person, company, insiders), *_members_not_warm(network, person, insiders)]
    return sorted(found, key=lambda each: (each.kind != "contact", -each.score, each.person))[:POTENTIAL_PATHS]


def _contacts_there(network: Network, person: Person, company: str, insiders: InsiderIndex) -> Iterator[PotentialPath]:
    allowed, people = path_filter(network, person), network.state.people
    for other in insiders.ids:
        contact = people[other]
        theirs = contact.imported_by == person.id or network.state.has_side(person.id, other)
        if contact.member or not theirs or company not in network.employers(other):
            continue
        if allowed(other) and not network.blocked(person.id, other):
            bridge, help_ = network.bridge(person.id, other), network.help(other)
            yield PotentialPath("contact", other, factor(IF_SAID) * bridge * help_ * insiders.standings[other])


def _members_not_warm(network: Network, person: Person, insiders: InsiderIndex) -> Iterator[PotentialPath]:
    """Only members who agreed to be asked, and are not at strength 0."""
    allowed = path_filter(network, person)
    for between in network.tied_members(person.id):
        tie = network.tie(person.id, between)
        if tie is None or tie.warm or not tie.own_of(person.id) or tie.strength == 0:
            continue
        if not (network.state.people[between].introduces and allowed(between)):
            continue
        values = [
            link.value
            for link in insiders.links(between)
            if allowed(link.insider) and not network.blocked(person.id, link.insider)
        ]
        if values:
            near_end = ONE_BETWEEN * tie.strength * network.bridge(person.id, between) * network.help(between)
            yield PotentialPath("member", between, near_end * max(values))


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
    value = fit(person, opening, network.today)
    if not fits(value):
        return Explanation(None, "fit", value)
    insiders = InsiderIndex(network, network.insiders(opening))
    found = suggestion(network, person, opening, insiders)
    if found is None:
        return Explanation(None, "no_path", value, tuple(potential_paths(network, person, opening.company, insiders)))
    return Explanation(found, None, value)


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
