"""The data that engine and peers are measured on: one seed gives the same bytes everywhere.

Everybody in it is a member, and most introduce; nobody is discreet, nobody blocks anybody and no job has ended, so that
a question about it can be put to a query engine in full. Numbers are dense; ids sort as the numbers do.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs.arcs import Arcs, arcs_of
from benchmarks.graphs.distributions import (
    MOST_SKILLS,
    Int32s,
    Int64s,
    Listed,
    World,
    draw,
    employments,
    invented_world,
    levels,
    skills_for,
)
from benchmarks.graphs.evidence import draw_kinds

CACHE = Path(".warmpath/bench")
LAYOUT = 2
"""Counts up when generated graphs change, so that none is read that an older version wrote."""

SEED = 20260601
TEAM = 60
DEGREE_EXPONENT = 2.3


@dataclass(frozen=True, slots=True)
class Graph:
    """People, ties, seekers and openings, as columns.

    Ties `a` < `b`, sorted by both, with the kind of evidence of either side (see `evidence.KINDS`). Jobs lie one
    person after another. Seekers are people's numbers, rising; `seeker_*` lie beside them. A level is a rank.
    """

    a: Int32s
    b: Int32s
    kind_a: NDArray[np.uint8]
    kind_b: NDArray[np.uint8]
    introduces: NDArray[np.bool_]
    job_offsets: Int64s
    job_company: Int32s
    job_title: Int32s
    title_group: Int32s
    title_recruiting: NDArray[np.bool_]
    seekers: Int32s
    seeker_title: Int32s
    seeker_level: NDArray[np.int8]
    seeker_skill_offsets: Int64s
    seeker_skill: Int32s
    opening_company: Int32s
    opening_title: Int32s
    opening_level: NDArray[np.int8]
    opening_skill_offsets: Int64s
    opening_skill: Int32s

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.introduces)

    def job_person(self) -> Int32s:
        """Whose each job is."""
        return np.repeat(np.arange(self.people, dtype=np.int32), np.diff(self.job_offsets))

    def seeker_skills(self) -> Listed:
        """Skills, one list a seeker."""
        return Listed(self.seeker_skill_offsets, self.seeker_skill)

    def opening_skills(self) -> Listed:
        """Skills, one list an opening."""
        return Listed(self.opening_skill_offsets, self.opening_skill)

    def arcs(self) -> Arcs:
        """The ties as arcs; worked out at each call."""
        return arcs_of(self.people, (self.a, self.b), (self.kind_a, self.kind_b), self.introduces)


def person_id(number: int) -> str:
    """A person's id; ids sort as the numbers do."""
    return f"p{number:08d}"


def opening_id(number: int) -> str:
    """An opening's id."""
    return f"o{number:08d}"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a graph to generate; `arcs` counts each tie twice."""

    people: int
    arcs: int
    openings: int
    seekers: float = 0.1
    companies: int = 0

    @property
    def name(self) -> str:
        """What files and tables call it."""
        return f"generated-{self.people}-{self.arcs}-{self.openings}-{self.seekers:g}"


LARGE = Size(people=1_000_000, arcs=50_000_000, openings=100_000)
TENTH = Size(people=100_000, arcs=5_000_000, openings=10_000)
SMALL = Size(people=10_000, arcs=500_000, openings=2_000)


@dataclass(frozen=True, slots=True)
class Data:
    """A graph under the name that tables give it, and its arcs."""

    name: str
    graph: Graph
    arcs: Arcs


def generated(size: Size, seed: int = SEED, cache: Path = CACHE) -> Data:
    """The graph of this size and seed: read when it was generated before."""
    folder = cache / f"{size.name}-{seed}-v{LAYOUT}"
    return kept(folder, size.name, lambda: generate(size, seed))


def kept(folder: Path, name: str, make: Callable[[], Graph]) -> Data:
    """A graph and its arcs, from a folder where they were put once."""
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        graph = make()
        _save(graph, folder / "graph")
        _save(graph.arcs(), folder / "arcs")
        (folder / "complete").touch()
    return Data(name, _load(Graph, folder / "graph"), _load(Arcs, folder / "arcs"))


def _save(columns: Graph | Arcs, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for field in fields(columns):
        np.save(folder / f"{field.name}.npy", getattr(columns, field.name))


Columns = TypeVar("Columns", Graph, Arcs)


def _load(kind: type[Columns], folder: Path) -> Columns:
    columns: dict[str, Any] = {field.name: np.load(folder / f"{field.name}.npy") for field in fields(kind)}
    return kind(**columns)


def generate(size: Size, seed: int = SEED) -> Graph:
    """A graph with a heavy tail of degrees, and teams at each employer in which people know one another."""
    rng = np.random.default_rng(seed)
    world = invented_world(rng, size.companies or max(20, size.people // 50))
    first = draw(rng, world.companies, size.people)
    ties = _ties(rng, size, first)
    return populate(rng, world, ties, first, (size.seekers, size.openings))


def populate(
    rng: np.random.Generator,
    world: World,
    ties: tuple[Int32s, Int32s],
    first: Int32s,
    counts: tuple[float, int],
    at: Int32s | None = None,
) -> Graph:
    """Put jobs, evidence, seekers and openings onto bare ties: `counts` are their share and number.

    `first`: everybody's first employer; `at`: the openings' companies, where given.
    """
    jobs, job_title = employments(rng, world, first)
    kind_a, kind_b = draw_kinds(rng, len(ties[0]))
    seekers = np.flatnonzero(rng.random(len(first)) < counts[0]).astype(np.int32)
    seeker_title = job_title[jobs.offsets[seekers]]
    opening_title = draw(rng, world.titles, counts[1])
    offered, named = skills_for(rng, world, seeker_title, 5, MOST_SKILLS), skills_for(rng, world, opening_title, 3, 8)
    return Graph(
        a=ties[0],
        b=ties[1],
        kind_a=kind_a,
        kind_b=kind_b,
        introduces=rng.random(len(first)) < 0.9,  # noqa: PLR2004 - most do
        job_offsets=jobs.offsets,
        job_company=jobs.items,
        job_title=job_title,
        title_group=world.title_group,
        title_recruiting=world.recruiting,
        seekers=seekers,
        seeker_title=seeker_title,
        seeker_level=levels(rng, len(seekers)),
        seeker_skill_offsets=offered.offsets,
        seeker_skill=offered.items,
        opening_company=draw(rng, world.companies, counts[1]) if at is None else at,
        opening_title=opening_title,
        opening_level=levels(rng, counts[1]),
        opening_skill_offsets=named.offsets,
        opening_skill=named.items,
    )


def _ties(rng: np.random.Generator, size: Size, first: Int32s) -> tuple[Int32s, Int32s]:
    """Exactly half as many ties as arcs: some four in ten within teams, the others by a power law of degrees."""
    people, wanted = size.people, size.arcs // 2
    keys = np.concatenate([_within_teams(rng, first, int(0.45 * wanted)), _anywhere(rng, people, int(0.65 * wanted))])
    keys = _distinct(keys)
    while len(keys) < wanted:
        keys = _distinct(np.concatenate([keys, _anywhere(rng, people, wanted - len(keys) + people)]))
    spare = rng.choice(len(keys), len(keys) - wanted, replace=False, shuffle=False)
    keys = np.delete(keys, spare)
    return (keys // people).astype(np.int32), (keys % people).astype(np.int32)


def _within_teams(rng: np.random.Generator, first: Int32s, count: int) -> Int64s:
    """Ties between people of one employer's team of some sixty."""
    people = len(first)
    order = np.lexsort((rng.random(people), first))
    place = np.arange(people)
    company = first[order]
    begin = np.searchsorted(company, company, "left")
    end = np.searchsorted(company, company, "right")
    team = begin + (place - begin) // TEAM * TEAM
    size = np.minimum(team + TEAM, end) - team
    one = np.resize(place, count)
    other = team[one] + (rng.random(count) * size[one]).astype(np.int64)
    return _keys(order[one], order[other], people)


def _anywhere(rng: np.random.Generator, people: int, count: int) -> Int64s:
    """Ties by the configuration model over degrees of a power law, the largest a fiftieth of all people."""
    most = min(20_000, people // 50)
    degrees = np.minimum(rng.pareto(DEGREE_EXPONENT - 1, people) + 1, most)
    degrees *= 2 * count / degrees.sum()
    whole = np.minimum(degrees + rng.random(people), most).astype(np.int64)
    stubs = rng.permutation(np.repeat(np.arange(people, dtype=np.int32), whole))
    half = len(stubs) // 2
    return _keys(stubs[:half], stubs[half : 2 * half], people)


def _distinct(keys: Int64s) -> Int64s:
    """Sorted, each once. Sorting is many times faster here than the hashing that np.unique does."""
    keys.sort()
    once: Int64s = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    return once


def _keys(one: NDArray[Any], other: NDArray[Any], people: int) -> Int64s:
    one, other = one.astype(np.int64), other.astype(np.int64)
    apart = one != other
    keys: Int64s = np.minimum(one, other)[apart] * people + np.maximum(one, other)[apart]
    return keys
