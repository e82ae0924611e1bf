"""From candidate paths to answers, for peers that hand out arrays: best an introducer, best three, best an opening."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.questions import STANDINGS, Answer, Turn, roles_for
from benchmarks.graphs.distributions import Doubles, Int32s, Int64s, Listed
from benchmarks.graphs.generated import Graph

THREE = 3
Numbers = Int32s | Int64s | NDArray[np.intp]


def ranked(introducer: Numbers, score: Doubles) -> Answer:
    """Each introducer once with their best score, best first, then the smaller number."""
    order = np.lexsort((-score, introducer))
    who, score = introducer[order].astype(np.int64), score[order]
    first = _first(who)
    who, score = who[first], score[first]
    order = np.lexsort((who, -score))
    return Answer((who[order],), score[order])


def best_three(seeker: Numbers, introducer: Numbers, score: Doubles) -> Answer:
    """For each seeker the best three introducers, each with their best score."""
    order = np.lexsort((-score, introducer, seeker))
    whose, who, score = seeker[order].astype(np.int64), introducer[order].astype(np.int64), score[order]
    first = _first(whose, who)
    whose, who, score = whose[first], who[first], score[first]
    order = np.lexsort((who, -score, whose))
    whose, who, score = whose[order], who[order], score[order]
    kept = np.ones(len(whose), np.bool_)
    kept[THREE:] = whose[THREE:] != whose[:-THREE]
    return Answer((whose[kept], who[kept]), score[kept])


def _first(*keys: Int64s) -> NDArray[np.bool_]:
    """Where a new combination begins in sorted keys."""
    first = np.ones(len(keys[0]), np.bool_)
    first[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return first


class Openings:
    """Which openings somebody reaches, given whom they reach."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._jobs = Listed(graph.job_offsets, graph.job_company)
        self._titles = len(graph.title_group)
        classes = np.array([roles_for(graph, title) for title in range(self._titles)])
        self._class = np.argmin(np.abs(classes[:, :, None] - np.array(STANDINGS)), axis=2).astype(np.int8)

    def reached(self, turn: Turn, insider: Numbers, values: Doubles) -> Answer:
        """Best score by opening. `values`: for each standing there is, that of the path to each insider with it."""
        graph, titles = self._graph, self._titles
        jobs, which = _jobs_of(self._jobs.offsets, insider)
        keys, group = np.unique(
            graph.job_company[jobs].astype(np.int64) * titles + graph.job_title[jobs], return_inverse=True
        )
        best = np.zeros((len(STANDINGS), len(keys)))
        for standing in range(len(STANDINGS)):
            np.maximum.at(best[standing], group, values[standing][which])
        companies = keys // titles
        at = graph.opening_company[turn.openings]
        begin, end = np.searchsorted(companies, at, "left"), np.searchsorted(companies, at, "right")
        place, opening = _ranges(begin, end)
        role = self._class[graph.opening_title[turn.openings[opening]], keys[place] % titles]
        score = np.zeros(len(turn.openings))
        np.maximum.at(score, opening, best[role, place])
        found = score > 0
        return Answer((turn.openings[found].astype(np.int64),), score[found])


def _jobs_of(offsets: Int64s, people: Numbers) -> tuple[Int64s, Int64s]:
    return _ranges(offsets[people], offsets[people + 1])


def _ranges(begin: Numbers, end: Numbers) -> tuple[Int64s, Int64s]:
    """All numbers of these ranges one after another, and the range each came from."""
    sizes = end - begin
    which = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return begin[which] + within, which
