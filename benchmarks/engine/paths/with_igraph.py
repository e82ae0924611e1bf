"""igraph: `incident` gives the numbers of a person's arcs."""

import igraph
import numpy as np

from benchmarks.engine.paths.neighbours import Places, Walker
from benchmarks.graphs.generated import Data


class Igraph(Walker):
    """A directed graph of all arcs."""

    name = "igraph"
    package = "igraph"

    def build(self, data: Data) -> None:
        """Edges get their numbers in the order given."""
        arcs = data.arcs
        pairs = np.column_stack([arcs.source, arcs.target])
        self._library = igraph.Graph(n=data.graph.people, edges=pairs, directed=True)

    def out(self, person: int) -> Places:
        """As igraph lists them."""
        return np.array(self._library.incident(person, mode="out"), np.int64)
