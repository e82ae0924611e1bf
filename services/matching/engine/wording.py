"""From rows of numbers to suggestions with ids, scores, and reasons in words."""

from collections.abc import Iterator
from datetime import date
from operator import itemgetter

import numpy as np

from services.matching.engine.columns.evidence import EvidenceTable
from services.matching.engine.columns.store import Store
from services.matching.kernels.graph.layout import NO_ONE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.storage.arrays import I32
from services.matching.kernels.suggestions.rows import APP, BEST, WARM, SuggestionRows
from services.matching.rules.paths import Ask, Label, Path
from services.matching.rules.reasons import sentences
from services.matching.rules.suggestions import Introducer, Suggestion
from shared.events.ties import Evidence

_KINDS = range(2 * max(WARM, APP))
_LABEL: tuple[Label, ...] = tuple("warm" if kind & WARM else "possible" for kind in _KINDS)
_ASK: tuple[Ask, ...] = tuple("app" if kind & APP else "hand" for kind in _KINDS)
"""Label, and how to ask, by the kind of a path."""

_INTRODUCER, _SCORE = itemgetter(Path._fields.index("introducer")), itemgetter(Path._fields.index("score"))
_PATHS = np.arange(BEST)


class CachedReasons:
    """Reasons in words, cached by what they are made of: both sides' evidence, m and the day.

    Evidence is recognised by identity; the cache holds on to it, so that its identity cannot pass to other evidence.
    """

    MOST = 1 << 16

    def __init__(self, evidence: EvidenceTable) -> None:
        self._evidence = evidence
        self._held: dict[
            tuple[int, int, int, date], tuple[tuple[Evidence, ...], tuple[Evidence, ...], tuple[str, ...]]
        ] = {}

    def __len__(self) -> int:
        return len(self._held)

    def of(self, mine: int, theirs: int, mutual: int, today: date) -> tuple[str, ...]:
        """The reasons from two codes of evidence, m (NO_ONE where it says little) and the day."""
        one, other = self._evidence.of(mine), self._evidence.of(theirs)
        key = (id(one), id(other), mutual, today)
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= self.MOST:
                self._held.clear()
            found = sentences(one, other, None if mutual == NO_ONE else mutual, today)
            held = self._held[key] = (one, other, found)
        return held[2]


class Wording:
    """Puts rows into words."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reasons = CachedReasons(store.evidence)

    def suggestion(self, rows: SuggestionRows, row: int, today: date) -> Suggestion:
        """A row in words, as of a day."""
        (found,) = self.suggestions(rows, np.array([row], np.int32), today)
        return found

    def suggestions(self, rows: SuggestionRows, which: I32, today: date) -> Iterator[Suggestion]:
        """Rows in words, as of a day, in the order of `which`."""
        at = (BEST * which[:, None] + _PATHS).ravel()
        paths = (rows.introducer, rows.insider, rows.score, rows.kind, rows.mine, rows.theirs, rows.mutual)
        columns = list(zip(*(column[at].tolist() for column in paths), strict=True))
        heads = (rows.seeker, rows.opening, rows.fit, rows.paths)
        names, openings, reasons = self._store.names.texts, self._store.openings, self._reasons.of
        for first, (seeker, opening, fit, count) in zip(
            range(0, len(columns), BEST), zip(*(column[which].tolist() for column in heads), strict=True), strict=True
        ):
            found = tuple(
                Introducer(
                    names[one], names[other], score, _LABEL[kind], _ASK[kind], reasons(mine, theirs, mutual, today)
                )
                for one, other, score, kind, mine, theirs, mutual in columns[first : first + count]
            )
            yield Suggestion(names[seeker], openings.id(opening), fit / SCALE, openings.head(opening), found)

    def reads_alike(
        self, rows: SuggestionRows, row: int, then: date, others: SuggestionRows, other: int, today: date
    ) -> bool:
        """Whether two rows that differ at most in the material of their reasons have the same reasons."""
        places = zip(self._places(rows, row), self._places(others, other), strict=True)
        return all(self.reasons(rows, a, then) == self.reasons(others, b, today) for a, b in places)

    def paths(self, rows: SuggestionRows, count: int) -> list[Path]:
        """The first `count` paths, best first."""
        names = self._store.names.texts
        columns = (rows.introducer[:count].tolist(), rows.insider[:count].tolist(), rows.score[:count].tolist())
        found = [
            Path(names[one], names[other], score, _LABEL[kind], _ASK[kind])
            for one, other, score, kind in zip(*columns, rows.kind[:count].tolist(), strict=True)
        ]
        found.sort(key=_INTRODUCER)
        found.sort(key=_SCORE, reverse=True)  # keeps the order of equal ones
        return found

    def reasons(self, rows: SuggestionRows, at: int, today: date) -> tuple[str, ...]:
        """Why the introducer of the path at a place."""
        return self._reasons.of(int(rows.mine[at]), int(rows.theirs[at]), int(rows.mutual[at]), today)

    @staticmethod
    def _places(rows: SuggestionRows, row: int) -> range:
        return range(BEST * row, BEST * row + int(rows.paths[row]))
