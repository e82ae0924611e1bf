"""A generated graph as the records that an engine reads: the way in for engines, where peers get columns."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from numpy.typing import NDArray

from benchmarks.graphs.evidence import KINDS, TODAY
from benchmarks.graphs.generated import Graph, opening_id, person_id
from services.matching.events import Event
from shared.events.clock import ClockV1
from shared.events.people import Employment, PersonV1, Seeking
from shared.events.postings import Company, PostingV1, Seniority, Workplace
from shared.events.ties import Evidence, TieV1, tie_key
from shared.resolution import Vocabulary

POSTED = datetime(2026, 5, 30, tzinfo=UTC)
LEVELS = tuple(Seniority)


def company_name(number: int) -> str:
    """What a company is called; resolves to itself."""
    return f"c{number:06d}"


def vocabulary(graph: Graph) -> Vocabulary:
    """A vocabulary that knows the graph's titles. Companies and skills resolve to their own text."""
    return titles(graph.title_group.tolist(), graph.title_recruiting.tolist())


def titles(groups: Sequence[int], recruiting: Sequence[bool]) -> Vocabulary:
    """The same, from the titles' groups and whether they recruit."""
    return Vocabulary.of(words(groups, recruiting))


def words(groups: Sequence[int], recruiting: Sequence[bool]) -> dict[str, Any]:
    """The same as the content of a vocabulary file."""
    known = {
        f"t{number}": {"occupation": f"t{number}", "group": f"g{group}", "recruiting": recruits}
        for number, (group, recruits) in enumerate(zip(groups, recruiting, strict=True))
    }
    return {"titles": known}


def day() -> Event:
    """The day of the graph."""
    return Event("clock.v1", "day", ClockV1(day=TODAY), 1)


def everything(graph: Graph) -> Iterator[Event]:
    """All records of a graph: the day, people, ties, openings."""
    yield day()
    yield from people(graph)
    yield from ties(graph)
    for number in range(len(graph.opening_company)):
        yield opening(graph, number)


def people(graph: Graph) -> Iterator[Event]:
    """Everybody's record."""
    place = {int(person): k for k, person in enumerate(graph.seekers)}
    for number in range(graph.people):
        yield person(graph, number, place.get(number))


def person(graph: Graph, number: int, seeker: int | None, version: int = 1) -> Event:
    """One person's record; `seeker` is their place among the seekers."""
    jobs = slice(int(graph.job_offsets[number]), int(graph.job_offsets[number + 1]))
    held = zip(graph.job_company[jobs].tolist(), graph.job_title[jobs].tolist(), strict=True)
    value = PersonV1(
        person_id=person_id(number),
        version=version,
        member=True,
        introduces=bool(graph.introduces[number]),
        employments=tuple(Employment(company=company_name(company), title=f"t{title}") for company, title in held),
        seeking=None if seeker is None else _seeking(graph, seeker),
    )
    return Event("people.v1", value.person_id, value, version)


def _seeking(graph: Graph, seeker: int) -> Seeking:
    return Seeking(
        titles=(f"t{graph.seeker_title[seeker]}",),
        skills=tuple(f"s{skill}" for skill in graph.seeker_skills().of(seeker)),
        seniority=LEVELS[graph.seeker_level[seeker]],
        discreet=False,
    )


def ties(graph: Graph) -> Iterator[Event]:
    """Every side of every tie that shows something."""
    return sides(graph.a, graph.b, graph.kind_a, graph.kind_b)


def sides(*columns: NDArray[Any]) -> Iterator[Event]:
    """The same of ties given as columns: both ends, and the kind of evidence of either."""
    for a, b, kind_a, kind_b in zip(*(column.tolist() for column in columns), strict=True):
        if kind_a:
            yield tie(a, b, kind_a)
        if kind_b:
            yield tie(b, a, kind_b)


def tie(one: int, other: int, kind: int) -> Event:
    """What one person's side shows of another. Not checked field by field: there are millions."""
    ends, evidence = (person_id(one), person_id(other)), KINDS[kind]
    return Event("ties.v1", tie_key(*ends), _tie(*ends, evidence), 1)


def _tie(one: str, other: str, evidence: tuple[Evidence, ...]) -> TieV1:
    return TieV1.model_construct(person_id=one, contact_id=other, version=1, evidence=evidence)


def opening(graph: Graph, number: int, version: int = 1) -> Event:
    """An opening's record."""
    value = PostingV1(
        posting_id=opening_id(number),
        version=version,
        company=Company(name=company_name(int(graph.opening_company[number]))),
        title=f"t{graph.opening_title[number]}",
        skills=tuple(f"s{skill}" for skill in graph.opening_skills().of(number)),
        workplace=Workplace.ONSITE,
        seniority=LEVELS[graph.opening_level[number]],
        posted_at=POSTED,
    )
    return Event("postings.v1", value.posting_id, value, version)
