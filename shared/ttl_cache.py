"""A bounded cache whose entries expire."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Drops the oldest entry when full, and each entry after `ttl_s` seconds."""

    def __init__(self, ttl_s: float, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s, self._capacity, self._clock = ttl_s, capacity, clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> tuple[V] | None:
        """The value in a tuple of one, since a value may be None; None without an entry that still holds."""
        entry = self._entries.get(key)
        return (entry[1],) if entry is not None and entry[0] > self._clock() else None

    def set(self, key: K, value: V) -> None:
        """Keep a value from now on, as the newest entry."""
        self._entries.pop(key, None)
        self._entries[key] = (self._clock() + self._ttl_s, value)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def drop(self, key: K) -> None:
        """Drop an entry, if it is there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop all entries."""
        self._entries.clear()
