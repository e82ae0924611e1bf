"""What a snapshot holds of an engine, and how the engine is restored from it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

from services.matching.domain import State
from services.matching.engine.columns.fact_row_arrays import fact_row_arrays, restore_fact_rows
from services.matching.engine.columns.store import Store
from services.matching.engine.ingest import Ingest
from services.matching.engine.update import Updater
from services.matching.kernels.storage import blocks
from services.matching.kernels.storage.memory import join_pages, use_huge_pages
from services.matching.kernels.suggestions.live import TOP, restore_rows
from services.matching.kernels.suggestions.rows import BEST, SuggestionRows
from services.matching.snapshots.arrays import Array, Arrays, fill_column, under_prefix, with_prefix
from shared.events.introductions import IntroductionV1

SWITCH_INTERVAL_S = 0.0002

_BY_PATH = SuggestionRows._fields.index("introducer")
"""From this column on, a row has an entry for each path."""


@contextmanager
def _short_switch_interval() -> Iterator[None]:
    """Let the threads that read arrays wait less for the interpreter's lock than the usual 5 ms."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class EngineState:
    """The parts of an engine that a snapshot holds."""

    def __init__(
        self,
        store: Store,
        state: State,
        ingest: Ingest,
        updater: Updater,
        answers_for: Callable[[str], bool],
    ) -> None:
        self._store, self._state, self._ingest, self._updater = store, state, ingest, updater
        self._answers_for = answers_for

    def snapshot_state(self) -> tuple[dict[str, Any], Iterator[tuple[str, Array]]]:
        """Plain JSON, and the arrays, which are made lazily. The engine must be up to date."""
        today = self._state.today
        meta = {
            "store": self._store.extra(),
            "today": today.toordinal() if today else 0,
            "rows": int(self._updater.rematcher.live.slots[TOP]),
            "versions": list(self._ingest.versions.items()),
            "introductions": [value.to_json().decode() for value in self._state.introductions.values()],
        }
        return meta, self._arrays()

    def restore_state(self, meta: dict[str, Any], arrays: Arrays) -> None:
        """Restore a snapshot into an empty engine, without the rows of openings that are no longer answered for.

        Openings that are answered for now, and were not then, are marked for the next update.
        """
        store = self._store
        with _short_switch_interval():
            store.restore(arrays, meta["store"])
        self._state.today = date.fromordinal(meta["today"]) if meta["today"] else None
        self._ingest.day = self._state.today
        self._ingest.versions.update((key, int(version)) for key, version in meta["versions"])
        for text in meta["introductions"]:
            value = IntroductionV1.model_validate_json(text)
            self._state.replace_introduction(value.introduction_id, value)
        if self._state.today is not None:
            store.fit.set_day(self._state.today)
        then = arrays["answers"]
        self._answer(then)
        self._take_live(arrays, then, meta["rows"])

    def rejoin_pages(self) -> Iterator[None]:
        """Join the pages of the large arrays into huge ones again."""
        arcs = self._store.ties.arcs
        for name in ("other", "flags", "strength", "mutual", "code", "version_low", "version_high"):
            yield from join_pages(getattr(arcs, name), int(arcs.state[blocks.TOP]))

    def _answer(self, then: Array) -> None:
        answers, invalidation = self._updater.rematcher.answers, self._updater.invalidation
        for opening in range(len(self._store.openings)):
            if self._store.openings.held(opening) and self._answers_for(self._store.openings.id(opening)):
                answers[opening] = 1
                # Before the first day nothing was matched, whatever was answered for.
                if not then[opening] or self._state.today is None:
                    invalidation.openings.add(opening)

    def _take_live(self, arrays: Arrays, then: Array, rows: int) -> None:
        """The live rows with their lists as they were; row by row if those of some openings are left out."""
        rematcher = self._updater.rematcher
        live = rematcher.live
        if np.any(rematcher.answers[: len(then)] < then):
            found = SuggestionRows(*(arrays[f"live/{name}"] for name in SuggestionRows._fields))
            restore_rows(live, rematcher.changes, found, rematcher.answers)
            return
        columns = [(name, np.asarray(column)) for name, column in zip(SuggestionRows._fields, live.rows, strict=True)]
        columns += [("place_by_opening", live.place_by_opening), ("place_by_seeker", live.place_by_seeker)]
        for name, column in columns:
            use_huge_pages(column, BEST * rows if name in SuggestionRows._fields[_BY_PATH:] else rows)
            fill_column(arrays, f"live/{name}", column)
        fill_column(arrays, "live/slots", live.slots)
        for name, lists in (("live/by_opening", live.by_opening), ("live/by_seeker", live.by_seeker)):
            use_huge_pages(lists.items, rows)
            restore_fact_rows(lists, under_prefix(name, arrays))

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        yield from self._store.arrays()
        rematcher = self._updater.rematcher
        yield "answers", rematcher.answers[: len(self._store.openings)]
        live, top = rematcher.live, int(rematcher.live.slots[TOP])
        for number, (name, column) in enumerate(zip(SuggestionRows._fields, map(np.asarray, live.rows), strict=True)):
            yield f"live/{name}", column[: top if number < _BY_PATH else BEST * top]
        yield "live/place_by_opening", live.place_by_opening[:top]
        yield "live/place_by_seeker", live.place_by_seeker[:top]
        yield "live/slots", live.slots
        yield from with_prefix("live/by_opening", fact_row_arrays(live.by_opening, len(self._store.openings)))
        yield from with_prefix("live/by_seeker", fact_row_arrays(live.by_seeker, len(self._store.names)))
