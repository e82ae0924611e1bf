"""networkit: a directed graph whose weights are the numbers of the arcs."""

import networkit
import numpy as np

from benchmarks.engine.paths.neighbours import Places, Walker
from benchmarks.graphs.generated import Data


class Networkit(Walker):
    """Weights are doubles, which hold such numbers exactly."""

    name = "networkit"
    package = "networkit"

    def build(self, data: Data) -> None:
        """From coordinates."""
        arcs = data.arcs
        numbers = np.arange(len(arcs), dtype=np.float64)
        ends = (arcs.source.astype(np.uint64), arcs.target.astype(np.uint64))
        self._library = networkit.GraphFromCoo((numbers, ends), data.graph.people, weighted=True, directed=True)

    def out(self, person: int) -> Places:
        """By the iterator over neighbours and weights."""
        return np.array([number for _, number in self._library.iterNeighborsWeights(person)], np.float64).astype(
            np.int64
        )
