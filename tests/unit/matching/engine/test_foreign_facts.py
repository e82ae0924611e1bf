"""Whatever a member varies of themself, one fact of somebody else, flipped, changes nothing that they can read.

The facts are those that nobody agreed to tell: whether and what another looks for and on what terms, whom another
blocks or hides from, what another said of somebody who is on no way of the member's, and how well they said to know
somebody who is.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from services.matching.engine.engine import Engine, Event
from services.matching.rules.plain.engine import Engine as PlainEngine
from tests.records import Json, address, closeness, contact, job, person, tie
from tests.tiers import examples
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY
from tests.unit.matching.engine.test_unseen_answers import (
    OTHER,
    SEEKER,
    THIRD,
    _small_circles,
    chances,
    crowd_around,
    readable,
    said,
)

__all__ = ["_small_circles"]

Flip = Callable[[Crowd], Event]
LEAST = {"min": 90_000, "currency": "EUR", "period": "year"}


def seeking(crowd: Crowd, **more: Any) -> Event:
    """The other's record, with another search."""
    found = crowd.people[OTHER]
    return crowd.put("people.v1", OTHER, found | {"seeking": {"titles": SMALL_TOWN.titles[:1], **more}})


def without_search(crowd: Crowd) -> Event:
    return crowd.put("people.v1", OTHER, {key: value for key, value in crowd.people[OTHER].items() if key != "seeking"})


def about_a_stranger(value: int) -> Flip:
    """What the other said of somebody whom nobody else knows and who works nowhere."""

    def flip(crowd: Crowd) -> Event:
        return crowd.put("ties.v1", f"{OTHER}:stranger", tie(OTHER, "stranger", closeness(value)))

    return flip


def about_an_insider(value: int) -> Flip:
    """How well the other said to know somebody to whom they can introduce."""

    def flip(crowd: Crowd) -> Event:
        return crowd.put("ties.v1", f"{OTHER}:{THIRD}", tie(OTHER, THIRD, address(), closeness(value)))

    return flip


FACTS: dict[str, tuple[Flip, Flip]] = {
    "whether another looks for work": (without_search, seeking),
    "whether another does so openly": (seeking, lambda crowd: seeking(crowd, openly=True)),
    "another's least pay": (seeking, lambda crowd: seeking(crowd, salary=LEAST)),
    "whom another blocks": (seeking, lambda crowd: seeking(crowd, blocked_companies=SMALL_TOWN.companies)),
    "whether another is discreet": (seeking, lambda crowd: seeking(crowd, discreet=False)),
    "since when another looks": (seeking, lambda crowd: seeking(crowd, since="2020-01-01")),
    "what another said of a stranger": (about_a_stranger(1), about_a_stranger(5)),
    "how well another says they know somebody": (about_an_insider(3), about_an_insider(5)),
}


def variations(chance: random.Random) -> list[Json]:
    """What the member says of themself: work, search, blocked companies and discretion."""
    jobs = [[], *([job(company, title="Developer")] for company in chance.sample(SMALL_TOWN.companies, 2))]
    found = []
    for employments in jobs:
        search = {
            "titles": chance.sample(SMALL_TOWN.titles, 2),
            "blocked_companies": chance.sample(SMALL_TOWN.companies, chance.randrange(2)),
            "discreet": chance.random() < 0.5,
        }
        found.append(person(SEEKER, *employments, seeking=search))
    return found


@pytest.mark.parametrize("engine", [Engine, PlainEngine])
@pytest.mark.parametrize("fact", FACTS)
@examples(3)
@given(chance=chances)
def test_whatever_a_member_varies_a_fact_of_another_shows_nowhere(
    engine: Callable[..., Any], fact: str, chance: random.Random
) -> None:
    crowd = crowd_around(chance)
    crowd.people["stranger"] = contact("stranger", of=OTHER)
    crowd.ties[f"{OTHER}:stranger"] = tie(OTHER, "stranger")
    whole = engine(VOCABULARY)
    whole.apply_all(crowd.begin())
    for mine in variations(chance):
        whole.apply(crowd.put("people.v1", SEEKER, mine))
        for value in (None, 1, 5):
            whole.apply(crowd.put("ties.v1", f"{SEEKER}:{OTHER}", said(SEEKER, OTHER, value, address())))
            found = []
            for flip in FACTS[fact]:
                whole.apply(flip(crowd))
                found.append(readable(whole, SEEKER))
            assert found[0] == found[1]
