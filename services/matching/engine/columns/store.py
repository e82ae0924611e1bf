"""All columns of a matcher, and the dictionaries that they share."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.engine.columns.evidence import EvidenceTable
from services.matching.engine.columns.fit import Fit
from services.matching.engine.columns.fit_words import FitWords
from services.matching.engine.columns.names import Names
from services.matching.engine.columns.openings import Openings
from services.matching.engine.columns.people import People
from services.matching.engine.columns.seekers import Seekers
from services.matching.engine.columns.ties import Ties
from services.matching.engine.columns.words import Words
from services.matching.kernels.graph.person_ids import PersonIds
from services.matching.kernels.search.graph_view import GraphView
from services.matching.kernels.storage.arrays import U16
from services.matching.rules import bridge, strength
from services.matching.snapshots.arrays import under_prefix, with_prefix
from shared.resolution import Vocabulary

BRIDGES: U16 = np.array([round(10_000 * bridge.bridge(m)) for m in range(1 << 10)], np.uint16)
"""B in ten-thousandths by the number of mutual contacts; from about a hundred up it stays at 0.5."""

SAID: U16 = np.array([0, *(round(10_000 * strength.SAID[closeness]) for closeness in range(1, 6))], np.uint16)
"""What a stated closeness is worth in ten-thousandths, by the closeness; 0 is none."""


class Store:
    """People, ties, openings and seekers."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.names = Names()
        self.words = FitWords(Words(), Words(), Words(), Words(), Words(), self.names)
        self.evidence = EvidenceTable()
        self.people = People(vocabulary, self.words.companies, self.words.occupations, self.words.groups)
        self.ties = Ties(self.people, self.evidence, loading=True)
        self.openings = Openings(self.words, vocabulary)
        self.seekers = Seekers(self.words)
        self.fit = Fit(self.openings, self.seekers)

    def view(self, today: int) -> GraphView:
        """What searches read, on a day given as its ordinal."""
        texts = PersonIds(self.names.text, self.names.start)
        columns, jobs = self.people.columns, self.people.jobs
        return GraphView(columns, jobs, self.ties.arcs, texts, BRIDGES, SAID, self.seekers.columns, today)

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """Everything that a snapshot keeps, in the order in which it is restored."""
        yield "names", self.names
        yield from zip(FitWords._fields[:-1], self.words[:-1], strict=True)
        yield from (("evidence", self.evidence), ("people", self.people), ("ties", self.ties))
        yield from (("openings", self.openings), ("seekers", self.seekers))

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps of the columns: mostly views, to be read before the next change."""
        return [each for name, owner in self._parts() for each in with_prefix(name, owner.arrays())]

    def extra(self) -> dict[str, Any]:
        """What a snapshot keeps besides."""
        return {name: owner.extra() for name, owner in self._parts()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `extra` gave.

        Ties are most of it, and only arrays: they are read beside the rest, which is mostly work for Python.
        """
        with ThreadPoolExecutor(1) as beside:
            ties = beside.submit(self.ties.restore, under_prefix("ties", arrays), extra["ties"])
            for name, owner in self._parts():
                if owner is not self.ties:
                    owner.restore(under_prefix(name, arrays), extra[name])
            ties.result()
