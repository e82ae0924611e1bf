"""A graph as the tables that databases are loaded with, and records as the rows they take in.

In the databases' favour: ids are dense numbers, names are resolved already, and what two sides of a tie come to
(strength, warmth, reasons in words) is looked up in small tables that the plain rules filled.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.questions import enough_skills
from benchmarks.engine.whole_job.requests import SEPARATOR
from benchmarks.graphs.arcs import mutual_counts
from benchmarks.graphs.evidence import KINDS, TODAY, tables
from benchmarks.graphs.generated import Data, Graph
from services.matching.rules import bridge
from services.matching.rules.reasons import sentences

Columns = dict[str, NDArray[Any]]

MORE_MUTUAL = 2_000
"""Bridge and words are known for so many mutual contacts more than any two people have at first."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An opening's record."""

    opening: int
    company: int
    title: int
    level: int
    enough: int
    skills: list[int]


@dataclass(frozen=True, slots=True)
class Search:
    """What a person's record says they seek."""

    person: int
    title: int
    level: int
    skills: list[int]


def posting(graph: Graph, opening: int) -> Posting:
    """The record of one of the graph's openings."""
    skills = graph.opening_skills().of(opening).tolist()
    columns = (graph.opening_company, graph.opening_title, graph.opening_level)
    company, title, level = (int(column[opening]) for column in columns)
    return Posting(opening, company, title, level, int(enough_skills(len(skills))), skills)


def search(graph: Graph, person: int) -> Search:
    """The record of one of the graph's seekers."""
    place = int(np.searchsorted(graph.seekers, person))
    skills = graph.seeker_skills().of(place).tolist()
    return Search(person, int(graph.seeker_title[place]), int(graph.seeker_level[place]), skills)


def arcs_table(data: Data) -> Columns:
    """Every arc with its factors. `mutual` is exact; `counted` is -1 where an end has too few ties for it to count.

    `pair`: source may ask target, if target introduces; `open`: target introduces.
    """
    graph, arcs, known = data.graph, data.arcs, tables()
    mine = np.empty(len(arcs), np.uint8)
    out = np.flatnonzero(arcs.source < arcs.target)  # in the order of the ties
    mine[out], mine[arcs.mirror[out]] = graph.kind_a, graph.kind_b
    theirs = mine[arcs.mirror]
    degree = np.diff(arcs.start)
    mutual = mutual_counts(arcs.start, arcs.target, arcs.mirror, 0)
    few = (degree[arcs.source] < bridge.FEW_TIES) | (degree[arcs.target] < bridge.FEW_TIES)
    return {
        "source": arcs.source,
        "target": arcs.target,
        "mine": mine.astype(np.int16),
        "theirs": theirs.astype(np.int16),
        "mutual": mutual,
        "counted": np.where(few, np.int32(-1), mutual),
        "strength": arcs.strengths(),
        "onward": arcs.onwards(),
        "near": arcs.near(),
        "own": mine > 0,
        "pair": (mine > 0) & (theirs > 0),
        "open": graph.introduces[arcs.target],
        "warm": known.warm[mine, theirs],
    }


def small_tables(data: Data, most_mutual: int) -> dict[str, Columns]:
    """All tables but the arcs'."""
    graph = data.graph
    mine, theirs = (each.ravel().astype(np.uint8) for each in np.indices((len(KINDS), len(KINDS))))
    counted = np.arange(-1, most_mutual + MORE_MUTUAL)
    seekers, openings = graph.seeker_skills(), graph.opening_skills()
    return {
        "people": {
            "person": np.arange(graph.people, dtype=np.int32),
            "introduces": graph.introduces,
            "degree": np.diff(data.arcs.start).astype(np.int32),
        },
        "jobs": _sorted({"company": graph.job_company, "person": graph.job_person(), "title": graph.job_title}),
        "titles": {
            "title": np.arange(len(graph.title_group), dtype=np.int32),
            "kind": graph.title_group,
            "recruiting": graph.title_recruiting,
        },
        "searches": {
            "person": graph.seekers,
            "title": graph.seeker_title,
            "level": graph.seeker_level.astype(np.int32),
        },
        "search_skills": _sorted(
            {"skill": seekers.items, "person": np.repeat(graph.seekers, np.diff(seekers.offsets))}
        ),
        "openings": {
            "opening": np.arange(len(openings), dtype=np.int32),
            "company": graph.opening_company,
            "title": graph.opening_title,
            "level": graph.opening_level.astype(np.int32),
            "enough": enough_skills(np.diff(openings.offsets)).astype(np.int32),
        },
        "opening_skills": _sorted(
            {
                "skill": openings.items,
                "opening": np.repeat(np.arange(len(openings), dtype=np.int32), np.diff(openings.offsets)),
            }
        ),
        "kinds": {
            "mine": mine.astype(np.int16),
            "theirs": theirs.astype(np.int16),
            "strength": tables().strength[mine, theirs] / 10_000.0,
            "onward": tables().onward[mine, theirs] / 10_000.0,
            "pair": (mine > 0) & (theirs > 0),
            "warm": tables().warm[mine, theirs],
            "words": np.array([_words(one, other) for one, other in zip(mine.tolist(), theirs.tolist(), strict=True)]),
        },
        "counts": {
            "counted": counted.astype(np.int32),
            "bridge": np.array([bridge.bridge(None if m < 0 else m) for m in counted.tolist()]),
            "words": np.array(
                [SEPARATOR.join(sentences((), (), m if m > 0 else None, TODAY)) for m in counted.tolist()]
            ),
        },
    }


def _words(mine: int, theirs: int) -> str:
    return SEPARATOR.join(sentences(KINDS[mine], KINDS[theirs], None, TODAY))


def _sorted(columns: Columns) -> Columns:
    order = np.lexsort(list(columns.values())[::-1])
    return {name: column[order] for name, column in columns.items()}
