"""Lets aiokafka read records whose header *names* are not UTF-8.

aiokafka 0.14 decodes names while it fetches; one bad name makes every poll of the partition raise, so that the record
could be neither dead-lettered nor passed. Here such a name is escaped instead; all else is read as before.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class _LenientBytes(bytearray):
    """Bytes that decode to text whatever they are; only header names are decoded."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _LenientBytes(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka ships no types
    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        buffer: bytearray = self._buffer  # type: ignore[has-type]  # set where mypy cannot see
        if not isinstance(buffer, _LenientBytes):
            self._buffer = _LenientBytes(buffer)


class _Batch:
    """aiokafka's own quick batch; a second reading of the same bytes only where that one fails."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self.raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return iter(_LenientBatch(bytearray(self.raw)))

    def __next__(self) -> Any:
        return next(self._batch)


class LenientRecords(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka ships no types
    """Stands in for aiokafka's MemoryRecords in its fetcher."""

    def next_batch(self) -> Any:
        """The next batch of a fetched partition."""
        raw = self._next_slice
        batch = super().next_batch()
        return batch if batch is None or raw is None else _Batch(batch, raw)


def install() -> None:
    """For every consumer of this process made from now on."""
    fetcher.MemoryRecords = LenientRecords
