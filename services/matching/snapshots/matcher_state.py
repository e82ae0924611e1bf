"""What a snapshot holds of a matcher, and how it is read.

Kept true: engine, ledger, what was still to be published and all offsets are of one moment; a snapshot is restored
whole, or not at all.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, runtime_checkable
from uuid import UUID

import msgspec
import numpy as np

from services.matching.snapshots import snapshot_file
from services.matching.snapshots.arrays import Arrays, LazyArrays
from services.matching.snapshots.snapshot_file import Array, Identity, RefusedError, Snapshot
from services.matching.stream.ledger import Held, Pending
from shared import resolution
from shared.messaging.topics.catalogue import SUGGESTIONS, Topic

Place = tuple[str, int]
"""A topic and a partition."""

Offsets = dict[Place, int]
T = TypeVar("T")
_ENGINE = "engine/"


@runtime_checkable
class Snapshotable(Protocol):
    """An engine that a snapshot can hold. What `snapshot_state` leaves out, `restore_state` derives again."""

    def snapshot_state(self) -> tuple[dict[str, Any], Iterable[tuple[str, Array]]]:
        """Plain JSON, and views of its arrays. Cheap: the arrays may be made lazily, in the forked copy."""

    def restore_state(self, meta: dict[str, Any], arrays: Arrays) -> None:
        """Restore the state into a new engine.

        What it answers for may have changed since: `answers_for` says what holds now. Suggestions for other openings
        are dropped, and openings it did not answer for then are marked for the next update.
        """


@dataclass(frozen=True, slots=True)
class MatcherState:
    """All that a snapshot holds: the engine, and fields of `MatcherMemory` and its parts."""

    engine: Snapshotable
    taken: Offsets
    partitions: Mapping[str, int]
    held: Mapping[str, Held]
    pending: Mapping[str, Pending]

    def writer(self, path: Path, identity: Identity, written_at: float) -> Callable[[], bytes]:
        """The function that writes it and returns its size, for a forked copy. Call this between two changes."""
        meta, arrays = self.engine.snapshot_state()
        offsets = [[topic, partition, offset] for (topic, partition), offset in self.taken.items()]
        plain = {"engine": meta, "offsets": offsets}

        def work() -> bytes:
            size = snapshot_file.write(path, identity, plain, self._arrays(arrays), written_at=written_at)
            return str(size).encode()

        return work

    def _arrays(self, arrays: Iterable[tuple[str, Array]]) -> Iterator[tuple[str, Array]]:
        for name, array in arrays:
            yield _ENGINE + name, array
        parts = {"partitions": self.partitions, "held": self.held, "pending": self.pending}
        for name, part in parts.items():
            yield name, np.frombuffer(msgspec.msgpack.encode(part), np.uint8)


@dataclass(frozen=True, slots=True)
class RestoredState:
    """What a snapshot holds besides the engine, of the partitions owned now."""

    taken: Offsets
    partitions: dict[str, int]
    held: dict[str, Held]
    pending: dict[str, Pending]


def read_state(opened: Snapshot, owned: Collection[int]) -> RestoredState:
    """Read all but the engine. Raises RefusedError."""
    try:
        offsets = msgspec.convert(opened.meta["offsets"], list[tuple[str, int, int]])
    except (KeyError, msgspec.MsgspecError) as error:
        raise RefusedError("other_layout", "its offsets cannot be read") from error
    taken = {(topic, at): next_ for topic, at, next_ in offsets if topic != SUGGESTIONS.name or at in owned}
    held = _part(opened, "held", dict[str, Held])
    pending = _part(opened, "pending", dict[str, Pending])
    return RestoredState(
        taken,
        _part(opened, "partitions", dict[str, int]),
        {key: each for key, each in held.items() if each.partition in owned},
        {key: each for key, each in pending.items() if each.partition in owned},
    )


def restore_engine(opened: Snapshot, engine: Snapshotable) -> None:
    """Restore the engine. Raises RefusedError, after which the engine must not be used."""
    try:
        meta = opened.meta["engine"]
        engine.restore_state(meta, LazyArrays(opened, _ENGINE))
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError("damaged", f"the engine cannot be restored: {type(error).__name__}") from error


def _part(opened: Snapshot, name: str, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(opened.array(name).data, type=kind)
    except msgspec.MsgspecError as error:
        raise RefusedError("other_layout", f"{name} cannot be read") from error


def check_offsets(taken: Offsets, beginnings: Offsets, ends: Offsets) -> None:
    """Raise RefusedError if the topics no longer hold all records from these offsets on.

    Records that retention deleted may have been tombstones, and a log that ends below an offset has lost records. Gaps
    left by compaction are harmless.
    """
    for place, offset in taken.items():
        if not beginnings.get(place, 0) <= offset <= ends.get(place, offset):
            raise RefusedError("foreign", f"{place[0]}-{place[1]} no longer holds offset {offset}")


def identity(
    cluster: str, topic_ids: Mapping[str, UUID], topics: Iterable[Topic], vocabulary: str, engine: object
) -> Identity:
    """What a snapshot taken now would be a snapshot of."""
    schemas = {topic.name: topic.model.model_json_schema() for topic in topics if topic.model is not None}
    contracts = hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()
    ids = {name: str(each) for name, each in sorted(topic_ids.items())}
    return Identity(cluster, ids, contracts, vocabulary, f"{type(engine).__qualname__} {_code()}")


_SOURCES: Final = (Path(__file__).parent.parent, Path(resolution.__file__).parent)
"""The code that decides what the state means: the matcher's own, and the resolution of names."""


@cache
def _code() -> str:
    """A hash of that code: other rules give other numbers, and other code may read arrays differently.

    So a new release reads the topics from their beginning once. A version to be increased by hand would be forgotten.
    """
    found = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted(folder.rglob("*.py")):
            found.update(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes())
    return found.hexdigest()
