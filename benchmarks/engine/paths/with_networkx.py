"""NetworkX: dictionaries of neighbours, with the number of the arc as an attribute."""

import networkx as nx
import numpy as np

from benchmarks.engine.paths.neighbours import Places, Walker
from benchmarks.graphs.generated import Data


class NetworkX(Walker):
    """A DiGraph."""

    name = "NetworkX"
    package = "networkx"
    most_arcs = 5_000_000
    limit = "390 bytes an arc, measured over half a million: 50 million would take some 19 GB"

    def build(self, data: Data) -> None:
        """Edge by edge, as it takes them."""
        arcs = data.arcs
        self._library = nx.DiGraph()
        self._library.add_nodes_from(range(data.graph.people))
        numbered = zip(arcs.source.tolist(), arcs.target.tolist(), range(len(arcs)), strict=True)
        self._library.add_weighted_edges_from(numbered, weight="arc")

    def out(self, person: int) -> Places:
        """By its view of neighbours."""
        return np.array([attributes["arc"] for attributes in self._library.adj[person].values()], np.int64)
