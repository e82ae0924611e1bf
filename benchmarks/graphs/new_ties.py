"""Ties that appear all at once, as when an address book is imported, and what they do to the arcs there were."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs.distributions import Int32s, Int64s
from benchmarks.graphs.evidence import draw_kinds
from benchmarks.graphs.generated import Data, Graph


@dataclass(frozen=True, slots=True)
class Ties:
    """New ties, `a` < `b`, with the kinds of evidence of either side."""

    a: Int32s
    b: Int32s
    kind_a: NDArray[np.uint8]
    kind_b: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True)
class Burst:
    """New ties, and the graph with them.

    `places`: the arcs of `after` that are new, or whose bridge differs since the mutual counts around a new tie move;
    `fresh`: which of these are new. A peer is handed this outcome; the engine works it out.
    """

    ties: Ties
    after: Data
    places: Int64s
    fresh: NDArray[np.bool_]


def draw_burst(data: Data, count: int, seed: int = 11) -> Burst:
    """So many ties between people who had none, the well connected likelier."""
    rng = np.random.default_rng(seed)
    people, graph = data.graph.people, data.graph
    ends = rng.choice(data.arcs.source, (2, 2 * count + 20))
    ends = ends[:, ends[0] != ends[1]].astype(np.int64)
    held = _keys(graph.a, graph.b, people)
    keys = np.setdiff1d(ends.min(axis=0) * people + ends.max(axis=0), held)
    keys = np.sort(rng.permutation(keys)[:count])
    ties = Ties((keys // people).astype(np.int32), (keys % people).astype(np.int32), *draw_kinds(rng, len(keys)))
    after = _with(graph, ties, held, keys)
    arcs = after.arcs()
    was, now = (_keys(one.source, one.target, people) for one in (data.arcs, arcs))
    place = np.searchsorted(now, was)
    changed = np.ones(len(now), np.bool_)
    changed[place] = arcs.bridge[place] != data.arcs.bridge
    places = np.flatnonzero(changed)
    known = np.zeros(len(now), np.bool_)
    known[place] = True
    return Burst(ties, Data(data.name, after, arcs), places, ~known[places])


def _with(graph: Graph, ties: Ties, held: Int64s, keys: Int64s) -> Graph:
    order = np.argsort(np.concatenate([held, keys]), kind="stable")
    return replace(
        graph,
        a=np.concatenate([graph.a, ties.a])[order],
        b=np.concatenate([graph.b, ties.b])[order],
        kind_a=np.concatenate([graph.kind_a, ties.kind_a])[order],
        kind_b=np.concatenate([graph.kind_b, ties.kind_b])[order],
    )


def _keys(one: Int32s, other: Int32s, people: int) -> Int64s:
    return one.astype(np.int64) * people + other
