"""Carries out a step on a seeker's introductions: facts from outside first, then locks, rules, rows and records."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from services.introductions import domain, store, words
from services.introductions.dependencies import Dependencies
from services.introductions.domain import Case
from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.store import NOTHING, About, Paths
from shared.resolution import Vocabulary
from shared.storage.pool import Connection, Pool

Step = Callable[[Case], Introduction]
Wanted = Sequence[tuple[Opening, tuple[str, ...]]]
"""Openings, and the introducers of a seeker whose paths to them must be known."""

TEN_THOUSAND: Final = 10_000
PERCENT: Final = 100


def company_key(name: str) -> str:
    """The company that a name means; what the vocabulary does not know as an employer is its own words."""
    return Vocabulary.default().company(name) or name.casefold()


def family_key(name: str) -> str:
    """The company and whoever owns it: whom a *never* covers."""
    return Vocabulary.default().family(company_key(name))


def opening_of(posting_id: str, company: str, title: str | None, url: str | None) -> Opening:
    """An opening that introductions are about."""
    return Opening(f"opening:{posting_id}", company, family_key(company), posting_id, title, url)


def company_of(name: str) -> Opening:
    """A company that introductions are about."""
    return Opening(f"company:{company_key(name)}", name, family_key(name))


async def run(
    conn: Connection, deps: Dependencies, seeker_id: str, paths: Paths, step: Step, about: About = NOTHING
) -> Introduction:
    """Carry out a step in the caller's transaction, and store what changed with its records."""
    case = await store.open_case(conn, seeker_id, deps.now(), paths, about)
    done = step(case)
    await store.save_case(conn, case)
    return case.introductions[done.id]


async def carry_out_due(conn: Connection, deps: Dependencies, seeker_id: str, paths: Paths) -> int:
    """Carry out what is due of a seeker's introductions; returns how many changed."""
    case = await store.open_case(conn, seeker_id, deps.now(), paths)
    domain.carry_out_due(case)
    await store.save_case(conn, case)
    return len(case.changed)


async def paths_of(deps: Dependencies, seeker_id: str, wanted: Wanted = ()) -> Paths:
    """The seeker's live paths to what is wanted, and to what may be delivered or asked next.

    Asked before a transaction begins: nothing is locked while another service is waited for.

    Raises:
        Problem: 503 when the matcher does not answer.
    """
    asked = [*wanted, *await store.to_be_delivered(deps.pool, seeker_id)]
    found = await _suggested(deps.pool, seeker_id, asked)
    for opening, introducers in asked:
        if opening.posting_id is None and any((opening.key, one) not in found for one in introducers):
            found |= await _into_company(deps, seeker_id, opening)
    return await _with_firmness(deps, seeker_id, found)
