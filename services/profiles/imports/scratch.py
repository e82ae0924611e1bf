"""What an import keeps on disk while it runs, so that its memory does not grow with the file.

The files have no name and are gone with the objects here, whatever becomes of the process.
"""

import io
import pickle
import sqlite3
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_IN_MEMORY = 1024 * 1024
_BATCH = 500
_CACHE_KIB = 4096


def database(tables: str) -> sqlite3.Connection:
    """An empty database with these tables, of which four mebibytes at most are in memory. It is never committed."""
    opened = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    opened.executescript(f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -{_CACHE_KIB}; BEGIN; {tables}")
    return opened


class Spilled(Collection[T], Generic[T]):
    """Objects in the order in which they were added. They may be read any number of times, and have to be pickled."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with this object
        weakref.finalize(self, self._file.close)
        self._sizes: list[int] = []
        self._last: list[T] = []

    def append(self, one: T) -> None:
        """Add one more. Nobody may be reading."""
        self._last.append(one)
        if len(self._last) == _BATCH:
            data = pickle.dumps(self._last, pickle.HIGHEST_PROTOCOL)
            self._file.seek(0, io.SEEK_END)
            self._file.write(data)
            self._sizes.append(len(data))
            self._last = []

    def __len__(self) -> int:
        return _BATCH * len(self._sizes) + len(self._last)

    def __iter__(self) -> Iterator[T]:
        at = 0
        for size in self._sizes:
            self._file.seek(at)
            at += size
            yield from pickle.loads(self._file.read(size))  # noqa: S301 - what this object wrote, where nobody else can
        yield from self._last

    def __contains__(self, wanted: object) -> bool:
        return any(one == wanted for one in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spilled | tuple | list) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as of a list


class Seen:
    """In which line each key was seen first."""

    def __init__(self) -> None:
        self._database = database("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID")
        weakref.finalize(self, self._database.close)

    def see(self, keys: Sequence[str], line: int) -> int | None:
        """The line in which one of these keys was seen before; if there is none, all were seen in `line`."""
        for key in keys:
            found: tuple[Any, ...] | None = self._database.execute(
                "SELECT line FROM seen WHERE key = ?", (key,)
            ).fetchone()
            if found:
                return int(found[0])
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", [(key, line) for key in keys])
        return None
