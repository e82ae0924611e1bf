"""The plain engine with the two ends of a snapshot, as a stand-in where those of the fast one do not matter."""

import pickle
from collections.abc import Iterable
from typing import Any

import numpy as np

from services.matching.rules.plain.engine import Engine
from services.matching.snapshots.arrays import Array, Arrays


class SnapshotablePlainEngine(Engine):
    """Kept as one array of bytes."""

    def snapshot_state(self) -> tuple[dict[str, Any], Iterable[tuple[str, Array]]]:
        parts = (self.state, self.network, self._invalidation, self._versions, self._live)
        whole = pickle.dumps(parts)
        answered = [posting for posting in self.state.openings if self._answers_for(posting)]
        return {"size": len(whole), "answered": answered}, [("whole", np.frombuffer(whole, np.uint8))]

    def restore_state(self, meta: dict[str, Any], arrays: Arrays) -> None:
        parts = pickle.loads(arrays["whole"].tobytes())  # noqa: S301 - written by this test
        self.state, self.network, self._invalidation, self._versions, live = parts
        self._live = {posting: found for posting, found in live.items() if self._answers_for(posting)}
        for posting in self.state.openings.keys() - set(meta["answered"]):
            for seeker, person in self.state.people.items():
                if person.seeks:
                    self._invalidation.pair(seeker, posting)
