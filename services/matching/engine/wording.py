"""From rows of numbers to suggestions with ids, scores, and reasons in words."""

from datetime import date
from operator import itemgetter

from services.matching.engine.columns.store import Store
from services.matching.kernels.graph.layout import NO_ONE
from services.matching.kernels.graph.numbers import SCALE
from services.matching.kernels.suggestions.rows import APP, BEST, WARM, SuggestionRows
from services.matching.rules.paths import Ask, Label, Path
from services.matching.rules.reasons import lines
from services.matching.rules.suggestions import Introducer, Suggestion

_HOW: tuple[tuple[Label, Ask], ...] = tuple(
    ("warm" if kind & WARM else "possible", "app" if kind & APP else "hand") for kind in range(2 * max(WARM, APP))
)
"""Label and how to ask, by the kind of a path."""

_INTRODUCER, _SCORE = itemgetter(Path._fields.index("introducer")), itemgetter(Path._fields.index("score"))


class Wording:
    """Puts rows into words."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def suggestion(self, rows: SuggestionRows, row: int, today: date) -> Suggestion:
        """A row in words, as of a day."""
        store = self._store
        return Suggestion(
            seeker=store.names.name(int(rows.seeker[row])),
            posting=store.openings.id(int(rows.opening[row])),
            fit=int(rows.fit[row]) / SCALE,
            head=store.openings.head(int(rows.opening[row])),
            paths=tuple(self._introducer(rows, at, today) for at in self._places(rows, row)),
        )

    def reads_alike(
        self, rows: SuggestionRows, row: int, then: date, others: SuggestionRows, other: int, today: date
    ) -> bool:
        """Whether two rows that differ at most in the material of their reasons have the same reasons."""
        places = zip(self._places(rows, row), self._places(others, other), strict=True)
        return all(self.reasons(rows, a, then) == self.reasons(others, b, today) for a, b in places)

    def path(self, rows: SuggestionRows, at: int) -> Path:
        """The path at a place."""
        name, kind = self._store.names.name, int(rows.kind[at])
        return Path(
            introducer=name(int(rows.introducer[at])),
            insider=name(int(rows.insider[at])),
            score=float(rows.score[at]),
            label="warm" if kind & WARM else "possible",
            ask="app" if kind & APP else "hand",
        )

    def paths(self, rows: SuggestionRows, count: int) -> list[Path]:
        """The first `count` paths, best first."""
        names = self._store.names.texts
        columns = (rows.introducer[:count].tolist(), rows.insider[:count].tolist(), rows.score[:count].tolist())
        found = [
            Path(names[one], names[other], score, *_HOW[kind])
            for one, other, score, kind in zip(*columns, rows.kind[:count].tolist(), strict=True)
        ]
        found.sort(key=_INTRODUCER)
        found.sort(key=_SCORE, reverse=True)  # keeps the order of equal ones
        return found

    def reasons(self, rows: SuggestionRows, at: int, today: date) -> tuple[str, ...]:
        """Why the introducer of the path at a place."""
        evidence, m = self._store.evidence, int(rows.mutual[at])
        mine, theirs = evidence.of(int(rows.mine[at])), evidence.of(int(rows.theirs[at]))
        return tuple(lines(mine, theirs, None if m == NO_ONE else m, today))

    def _introducer(self, rows: SuggestionRows, at: int, today: date) -> Introducer:
        path = self.path(rows, at)
        why = self.reasons(rows, at, today)
        return Introducer(path.introducer, path.insider, path.score, path.label, path.ask, why)

    @staticmethod
    def _places(rows: SuggestionRows, row: int) -> range:
        return range(BEST * row, BEST * row + int(rows.paths[row]))
