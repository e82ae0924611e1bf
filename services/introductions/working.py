"""Carries out a step on a seeker's introductions: facts from outside first, then locks, rules, rows and records."""

from collections.abc import Callable, Mapping, Sequence

from services.introductions import domain, store
from services.introductions.dependencies import Dependencies
from services.introductions.domain import Case
from services.introductions.introduction import Introduction, Opening
from services.introductions.store import NOTHING, About, Paths
from services.introductions.transitions import ENDED, State, Who
from shared.observability.metric_list import INTRODUCTION_ANSWER_SECONDS, INTRODUCTIONS_CLOSED
from shared.resolution import Vocabulary
from shared.storage.pool import Connection

Step = Callable[[Case], Introduction]
Wanted = Sequence[tuple[Opening, tuple[str, ...]]]
"""Openings, and the introducers of a seeker whose paths to them must be known."""


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
    before = dict(case.introductions)
    done = step(case)
    await save(conn, case, before)
    _observe_answer(before.get(done.id), done)
    return case.introductions[done.id]


async def carry_out_due(conn: Connection, deps: Dependencies, seeker_id: str, paths: Paths) -> int:
    """Carry out what is due of a seeker's introductions; returns how many changed."""
    case = await store.open_case(conn, seeker_id, deps.now(), paths)
    before = dict(case.introductions)
    domain.carry_out_due(case)
    await save(conn, case, before)
    return len(case.changed)


async def save(conn: Connection, case: Case, before: Mapping[str, Introduction]) -> None:
    """Store what changed, and count what ended; `before`: the introductions as they were."""
    await store.save_case(conn, case)
    for key in case.changed:
        now = case.introductions[key]
        if now.state in ENDED and (key not in before or before[key].state not in ENDED):
            INTRODUCTIONS_CLOSED.labels(now.outcome or now.state).inc()


def _observe_answer(before: Introduction | None, now: Introduction) -> None:
    """Observe how long an introducer took to answer. A quiet answer changes no state, and is none."""
    asked_at = now.at(State.ASKED)
    if before is not None and before.state == State.ASKED != now.state and asked_at and Who.INTRODUCER in now.answers:
        INTRODUCTION_ANSWER_SECONDS.observe((now.history[-1].at - asked_at).total_seconds())


async def paths_of(deps: Dependencies, seeker_id: str, wanted: Wanted = ()) -> Paths:
    """The seeker's live paths to what is wanted, and to what may be delivered or asked next.

    Asked before a transaction begins: nothing is locked while another service is waited for.

    Raises:
        Problem: 503 when the matcher does not answer.
    """
    asked = [*wanted, *await store.to_be_delivered(deps.pool, seeker_id)]
    introducers: dict[Opening, set[str]] = {}
    for opening, named in asked:
        introducers.setdefault(opening, set()).update(named)
    return {
        (opening.key, path.introducer_id): path
        for opening, named in introducers.items()
        for path in await deps.matcher.paths(seeker_id, opening)
        if path.introducer_id in named
    }
