"""People within two ties who started, before a given year, at a company in a given country.

The question is that of the "job referral" query of the LDBC Social Network Benchmark (Interactive, complex read 11),
asked of the public state of an engine: `State`, and the ties that the rules derive from it. Its answers are no result
of that benchmark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.matching.domain import Person, State
from services.matching.rules.network import Network

FIRST = 10


@dataclass(frozen=True, slots=True)
class Referral:
    """Somebody who has been, or was, at `company` since `since_year`."""

    person: str
    company: str
    since_year: int


def job_referral(state: State, person: str, country: str, year: int) -> list[Referral]:
    """The first ten by year, then person, then company backwards.

    Args:
        state: the day must be known, or there are no ties.
        person: from whom to start; they are never in the answer themself.
        country: as places resolve to it.
        year: of the Gregorian calendar; who started in it or later is left out.
    """
    if person not in state.people or state.today is None:
        return []
    there = companies_in(state, country)
    found = {
        referral
        for other in within_two(Network(state), person)
        for referral in started(state.people[other], year, state.today)
        if referral.company in there
    }
    backwards = sorted(found, key=lambda row: row.company, reverse=True)
    return sorted(backwards, key=lambda row: (row.since_year, row.person))[:FIRST]


def companies_in(state: State, country: str) -> set[str]:
    """Companies with an opening, open or not, that names a place in the country: nothing else says where they are."""
    return {
        opening.company
        for opening in state.openings.values()
        if any(place.country == country for place in opening.places)
    }


def within_two(network: Network, person: str) -> set[str]:
    """Everybody one or two ties away, of whatever strength and through whomever."""
    known = _tied(network, person)
    return known.union(*(_tied(network, other) for other in known)) - {person}


def started(person: Person, year: int, today: date) -> Iterator[Referral]:
    """Their employments that began before the year, and by today; of one without a start nobody can tell."""
    for job in person.jobs:
        if job.start is not None and job.start.year < year and job.counts(today):
            yield Referral(person.id, job.company, job.start.year)


def _tied(network: Network, person: str) -> set[str]:
    return {other for other in network.state.near(person) if network.tie(person, other) is not None}
