"""rustworkx: edges get their numbers in the order in which they are added."""

import numpy as np
import rustworkx

from benchmarks.engine.paths.neighbours import Places, Walker
from benchmarks.graphs.generated import Data

CHUNK = 1_000_000
"""Arcs at once."""


class Rustworkx(Walker):
    """A directed graph without payloads."""

    name = "rustworkx"
    package = "rustworkx"

    def build(self, data: Data) -> None:
        """It takes pairs of Python numbers only, so they are made a part at a time."""
        arcs = data.arcs
        self._library = rustworkx.PyDiGraph(multigraph=True)
        self._library.add_nodes_from(range(data.graph.people))
        for begin in range(0, len(arcs), CHUNK):
            part = slice(begin, begin + CHUNK)
            pairs = zip(arcs.source[part].tolist(), arcs.target[part].tolist(), strict=True)
            self._library.add_edges_from_no_data(list(pairs))

    def out(self, person: int) -> Places:
        """By its index of incident edges."""
        return np.asarray(self._library.incident_edges(person), np.int64)
