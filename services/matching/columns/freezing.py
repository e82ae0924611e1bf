"""What a snapshot keeps of an engine, and how it comes back."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np

from services.matching.columns.absorbing import Absorbing
from services.matching.columns.frozen import Array, Arrays
from services.matching.columns.settling import Settling
from services.matching.columns.store import Store
from services.matching.domain import State
from services.matching.kernels import blocks
from services.matching.kernels.best import BEST, Found
from services.matching.kernels.live import TOP, retake
from services.matching.kernels.memory import join_pages
from shared.events.introductions import IntroductionV1


class Freezing:
    """The parts of an engine, as seen by a snapshot."""

    def __init__(
        self,
        store: Store,
        state: State,
        absorbing: Absorbing,
        settling: Settling,
        answers_for: Callable[[str], bool],
    ) -> None:
        self._store, self._state, self._absorbing, self._settling = store, state, absorbing, settling
        self._answers_for = answers_for

    def freeze(self) -> tuple[dict[str, Any], Iterator[tuple[str, Array]]]:
        """Plain JSON, and the arrays, made when they are come to. The engine is settled."""
        today = self._state.today
        meta = {
            "store": self._store.extra(),
            "today": today.toordinal() if today else 0,
            "versions": list(self._absorbing.versions.items()),
            "introductions": [value.to_json().decode() for value in self._state.introductions.values()],
        }
        return meta, self._arrays()

    def thaw(self, meta: dict[str, Any], arrays: Arrays) -> None:
        """Become what was frozen; everything is still empty. Rows of openings not answered for now are left out.

        Openings answered for now, and not then, are to be worked out.
        """
        store = self._store
        store.restore(arrays, meta["store"])
        self._state.today = date.fromordinal(meta["today"]) if meta["today"] else None
        self._absorbing.day = self._state.today
        self._absorbing.versions.update((key, int(version)) for key, version in meta["versions"])
        for text in meta["introductions"]:
            value = IntroductionV1.model_validate_json(text)
            self._state.put_introduction(value.introduction_id, value)
        if self._state.today is not None:
            store.fit.set_day(self._state.today)
        self._answer(arrays["answers"])
        rows = Found(*(arrays[f"live/{name}"] for name in Found._fields))
        retake(self._settling.matching.live, self._settling.matching.changes, rows, self._settling.matching.answers)

    def joining(self) -> Iterator[None]:
        """Join the pages of the large arrays again."""
        arcs = self._store.ties.arcs
        for name in ("other", "flags", "strength", "mutual", "code", "version_low", "version_high"):
            yield from join_pages(getattr(arcs, name), int(arcs.state[blocks.TOP]))

    def _answer(self, then: Array) -> None:
        answers, concerned = self._settling.matching.answers, self._settling.concerned
        for opening in range(len(self._store.openings)):
            if self._store.openings.held(opening) and self._answers_for(self._store.openings.id(opening)):
                answers[opening] = 1
                if not then[opening]:
                    concerned.openings.add(opening)

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        yield from self._store.arrays()
        matching = self._settling.matching
        yield "answers", matching.answers[: len(self._store.openings)]
        top = int(matching.live.slots[TOP])
        for number, (name, column) in enumerate(zip(Found._fields, map(np.asarray, matching.live.rows), strict=True)):
            yield f"live/{name}", column[: top if number < Found._fields.index("introducer") else BEST * top]
