"""What of the matcher is kept in its snapshot, and how it is put back.

Kept true: engine, read-back view, what still had to be written and all offsets are of one moment; what is put back is
whole, or nothing of it is used.
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
    """An engine that can be kept. What it does not carry over the fence of `freeze`, it makes again in `thaw`."""

    def snapshot_state(self) -> tuple[dict[str, Any], Iterable[tuple[str, Array]]]:
        """Plain JSON and views of its arrays; cheap. The arrays may be made lazily: that happens in the copy."""

    def restore_state(self, meta: dict[str, Any], arrays: Arrays) -> None:
        """Become what was frozen; the engine is fresh.

        What it answers for may differ from when it was frozen: `answers_for` says what holds now, suggestions of other
        openings are dropped, and those of openings it did not answer for are marked for the next update.
        """


@dataclass(frozen=True, slots=True)
class MatcherState:
    """All that is kept: the engine, the next offsets, where openings live, the read-back view, what is still to say."""

    engine: Snapshotable
    taken: Offsets
    partitions: Mapping[str, int]
    held: Mapping[str, Held]
    pending: Mapping[str, Pending]

    def writer(self, path: Path, identity: Identity, written_at: float) -> Callable[[], bytes]:
        """What writes it and gives the size. To be asked for between two changes; the writing is for a forked copy."""
        meta, arrays = self.engine.snapshot_state()
        offsets = [[topic, partition, offset] for (topic, partition), offset in self.taken.items()]
        kept = {"engine": meta, "offsets": offsets}

        def work() -> bytes:
            size = snapshot_file.write(path, identity, kept, self._arrays(arrays), written_at=written_at)
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
    """What a snapshot holds besides the engine, as far as it concerns the partitions now owned."""

    taken: Offsets
    partitions: dict[str, int]
    held: dict[str, Held]
    pending: dict[str, Pending]


def read_state(opened: Snapshot, owned: Collection[int]) -> RestoredState:
    """Read everything but the engine. Raises RefusedError."""
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
    """Put the engine back. Raises RefusedError; the engine is of no use then."""
    try:
        meta = opened.meta["engine"]
        engine.restore_state(meta, LazyArrays(opened, _ENGINE))
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError("damaged", f"the engine cannot be put back: {type(error).__name__}") from error


def _part(opened: Snapshot, name: str, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(opened.array(name).data, type=kind)
    except msgspec.MsgspecError as error:
        raise RefusedError("other_layout", f"{name} cannot be read") from error


def check_offsets(taken: Offsets, beginnings: Offsets, ends: Offsets) -> None:
    """Raise RefusedError where the topics no longer hold what comes next.

    Records below a log's beginning may have been tombstones; a log that ends earlier than it was read lost something.
    Gaps that compaction left are nothing of the kind.
    """
    for place, offset in taken.items():
        if not beginnings.get(place, 0) <= offset <= ends.get(place, offset):
            raise RefusedError("foreign", f"{place[0]}-{place[1]} no longer holds offset {offset}")


def identity(
    cluster: str, topic_ids: Mapping[str, UUID], topics: Iterable[Topic], vocabulary: str, engine: object
) -> Identity:
    """Of what the matcher holds the state now."""
    schemas = {topic.name: topic.model.model_json_schema() for topic in topics if topic.model is not None}
    contracts = hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()
    ids = {name: str(each) for name, each in sorted(topic_ids.items())}
    return Identity(cluster, ids, contracts, vocabulary, f"{type(engine).__qualname__} {_code()}")


_SOURCES: Final = (Path(__file__).parent.parent, Path(resolution.__file__).parent)
"""The code that decides what the state means: the matcher's own, and what resolves names."""


@cache
def _code() -> str:
    """A hash of the matcher's own source: other rules give other numbers, and other arrays another meaning.

    So a new release reads the topics from their beginning once. A number to be raised by hand would be forgotten.
    """
    found = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted(folder.rglob("*.py")):
            found.update(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes())
    return found.hexdigest()
