"""Ties that appear all at once, as when an address book is imported."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs.distributions import Int32s
from benchmarks.graphs.evidence import draw_kinds
from benchmarks.graphs.generated import Data


@dataclass(frozen=True, slots=True)
class Ties:
    """New ties, `a` < `b`, with the kinds of evidence of either side."""

    a: Int32s
    b: Int32s
    kind_a: NDArray[np.uint8]
    kind_b: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.a)


def draw_ties(data: Data, count: int, seed: int = 11) -> Ties:
    """So many ties between people who had none, the well connected likelier, in no order."""
    rng = np.random.default_rng(seed)
    people, graph = data.graph.people, data.graph
    ends = rng.choice(data.arcs.source, (2, 2 * count + 20))
    ends = ends[:, ends[0] != ends[1]].astype(np.int64)
    held = graph.a.astype(np.int64) * people + graph.b
    keys = np.setdiff1d(ends.min(axis=0) * people + ends.max(axis=0), held)
    keys = rng.permutation(keys)[:count]
    return Ties((keys // people).astype(np.int32), (keys % people).astype(np.int32), *draw_kinds(rng, len(keys)))
