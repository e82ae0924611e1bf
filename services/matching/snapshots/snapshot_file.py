"""A file of named arrays that is complete, ours and recent, or else is refused.

Kept true: a file under its final name was written completely and has reached the disk; a checksum covers every byte of
it; nothing in it is trusted, and no memory allocated for it, before it was checked against the file's size.

Layout: MAGIC, the arrays' bytes one after another, the index (JSON), and last the position of the index.
"""

import contextlib
import math
import os
import struct
import time
from ast import literal_eval
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import msgspec
import numpy as np
import numpy.typing as npt
from zlib_ng import zlib_ng

Array = npt.NDArray[Any]
Reason = Literal["missing", "damaged", "foreign", "other_layout", "too_old", "from_the_future"]

MAGIC: Final = b"WARMSNP1"
CHUNK: Final = 1 << 22
"""Bytes under one checksum. After each, a reader needs the interpreter's lock again, which may take a while to get."""

MAX_AGE_S: Final = 3 * 86_400.0
"""Topics keep tombstones for 7 days; a snapshot that misses one would bring an erased person back."""

SLACK_S: Final = 300.0
"""How far ahead the clock may have been when the snapshot was written."""

READERS: Final = 2
_TAIL: Final = struct.Struct("<QQI8s")
_MOST_AXES: Final = 8


class RefusedError(Exception):
    """The snapshot must not be used. `reason` is for programs, the text says what is wrong."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Identity:
    """What a snapshot is a snapshot of. One that differs in any of this cannot be used."""

    cluster: str
    topics: Mapping[str, str]
    """Topic ids by name; a topic that was deleted and created again has another."""

    contracts: str
    """A hash of the schemas of the topics that are read."""

    vocabulary: str
    layout: str
    """How the arrays are to be read, and by which rules their numbers were computed."""

    def check(self, wanted: "Identity") -> None:
        """Raise RefusedError if this is not what is wanted."""
        if self.layout != wanted.layout:
            raise RefusedError("other_layout", f"written as {self.layout!r}, read as {wanted.layout!r}")
        for field in fields(self):
            if getattr(self, field.name) != getattr(wanted, field.name):
                raise RefusedError(
                    "foreign", f"{field.name} differ" if field.name[-1] == "s" else f"other {field.name}"
                )


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The position of an array. `sums`: the CRC-32 of each chunk."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int
    sums: list[int]


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    written_at: float
    identity: Identity
    meta: dict[str, Any]
    sections: list[_Section]


def write(
    path: Path,
    identity: Identity,
    meta: Mapping[str, Any],
    arrays: Iterable[tuple[str, Array]],
    *,
    written_at: float | None = None,
) -> int:
    """Write a snapshot beside `path` and rename it once it is on the disk; returns its size in bytes.

    `meta` is plain JSON. `written_at` (Unix seconds, by default now) is the moment of the state. The arrays must not
    change meanwhile. If anything fails, the previous snapshot stays.

    Raises:
        OSError: it could not be written.
        ValueError: a name occurs twice, or an array holds objects.
    """
    _remove_partial_files(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    out = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            at = time.time() if written_at is None else written_at
            size = _write_all(out, _Index(at, identity, dict(meta), []), arrays)
            os.fsync(out)
        finally:
            os.close(out)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return size


def _remove_partial_files(path: Path) -> None:
    """Remove the files of writers that did not finish. One that is still running fails, which is harmless."""
    for left in path.parent.glob(f"{path.name}.*.part"):
        left.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(out: int, index: _Index, arrays: Iterable[tuple[str, Array]]) -> int:
    _write_fully(out, memoryview(MAGIC))
    at, names = len(MAGIC), set[str]()
    for name, array in arrays:
        if name in names:
            raise ValueError(f"two arrays are called {name}")
        names.add(name)
        section = _write_array(out, name, array, at)
        index.sections.append(section)
        at += section.size
    text = msgspec.json.encode(index)
    _write_fully(out, memoryview(text))
    _write_fully(out, memoryview(_TAIL.pack(at, len(text), zlib_ng.crc32(text), MAGIC)))
    return at + len(text) + _TAIL.size


def _write_array(out: int, name: str, array: Array, at: int) -> _Section:
    if array.dtype.hasobject or not array.dtype.itemsize:
        raise ValueError(f"array {name} cannot be written: {array.dtype}")
    data, sums = _bytes_of(np.ascontiguousarray(array)), list[int]()
    for start in range(0, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        sums.append(zlib_ng.crc32(chunk))
        _write_fully(out, chunk)
    dtype = repr(np.lib.format.dtype_to_descr(array.dtype))
    return _Section(name, dtype, array.shape, at, len(data), sums)


def _write_fully(out: int, data: memoryview) -> None:
    while len(data):
        data = data[os.write(out, data) :]


def _bytes_of(array: Array) -> memoryview:
    """The bytes of a contiguous array, not copied."""
    return array.reshape(-1).view(np.uint8).data


class Snapshot:
    """An open snapshot of the right identity and age. Each array is checked when it is read.

    Close it, or use it in a `with`. Reading anything damaged raises RefusedError.
    """

    def __init__(self, handle: int, index: _Index, size: int) -> None:
        self._handle, self._index = handle, index
        self._dtypes = {each.name: _dtype(each) for each in index.sections}
        self._sections = {each.name: each for each in index.sections}
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="snapshot")
        self.size = size

    @property
    def meta(self) -> dict[str, Any]:
        """The plain JSON written with the arrays."""
        return self._index.meta

    @property
    def written_at(self) -> float:
        """Unix seconds."""
        return self._index.written_at

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays, in the order in which they were written."""
        return tuple(self._sections)

    def array(self, name: str) -> Array:
        """An array, in newly allocated memory."""
        section = self._section(name)
        found = np.empty(section.shape, self._dtypes[name])
        self._read(section, _bytes_of(found))
        return found

    def into(self, name: str, target: Array) -> int:
        """Read an array into the first entries of `target`; returns its length.

        After a RefusedError these entries hold arbitrary values.
        """
        section = self._section(name)
        if section.shape[1:] != target.shape[1:] or not section.shape or self._dtypes[name] != target.dtype:
            raise RefusedError("other_layout", f"array {name} is {section.dtype} {section.shape}")
        count = section.shape[0]
        if count > len(target) or not target.flags.c_contiguous:
            raise RefusedError("other_layout", f"array {name} has {count} entries, which is too many")
        self._read(section, _bytes_of(target[:count]))
        return count

    def close(self) -> None:
        """Close the file."""
        self._pool.shutdown()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _section(self, name: str) -> _Section:
        try:
            return self._sections[name]
        except KeyError:
            raise RefusedError("other_layout", f"there is no array {name}") from None

    def _read(self, section: _Section, view: memoryview) -> None:
        """Chunks are read and checked in parallel: both release the interpreter's lock."""
        if len(section.sums) == 1:
            self._read_chunk(section, view, 0)
            return
        list(self._pool.map(lambda number: self._read_chunk(section, view, number), range(len(section.sums))))

    def _read_chunk(self, section: _Section, view: memoryview, number: int) -> None:
        start = number * CHUNK
        chunk = view[start : start + CHUNK]
        done = 0
        while done < len(chunk):
            got = os.preadv(self._handle, [chunk[done:]], section.offset + start + done)
            if not got:
                raise RefusedError("damaged", f"array {section.name} is truncated")
            done += got
        if zlib_ng.crc32(chunk) != section.sums[number]:
            raise RefusedError("damaged", f"array {section.name} has a wrong checksum")


def read(path: Path, wanted: Identity, *, now: float | None = None, max_age_s: float = MAX_AGE_S) -> Snapshot:
    """Open a snapshot. Raises RefusedError if it is missing, damaged, foreign, too old or from the future."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        reason: Reason = "missing" if isinstance(error, FileNotFoundError) else "damaged"
        raise RefusedError(reason, os.strerror(error.errno or 0)) from error
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, handle)
        try:
            size = os.fstat(handle).st_size
            index = _index(handle, size)
        except OSError as error:
            raise RefusedError("damaged", os.strerror(error.errno or 0)) from error
        index.identity.check(wanted)
        _check_age(index.written_at, time.time() if now is None else now, max_age_s)
        found = Snapshot(handle, index, size)
        stack.pop_all()
    return found


def _check_age(written_at: float, now: float, max_age_s: float) -> None:
    if not written_at <= now + SLACK_S:
        raise RefusedError("from_the_future", f"written {written_at - now:.0f} s from now")
    if now - written_at > max_age_s:
        raise RefusedError("too_old", f"written {(now - written_at) / 3600:.0f} h ago")


def _index(handle: int, size: int) -> _Index:
    if size < len(MAGIC) + _TAIL.size or os.pread(handle, len(MAGIC), 0) != MAGIC:
        raise RefusedError("damaged", "not a snapshot")
    tail = os.pread(handle, _TAIL.size, size - _TAIL.size)
    if len(tail) != _TAIL.size:
        raise RefusedError("damaged", "truncated while it was read")
    offset, length, checksum, magic = _TAIL.unpack(tail)
    if magic != MAGIC or offset + length + _TAIL.size != size:
        raise RefusedError("damaged", "truncated, or its end is damaged")
    text = os.pread(handle, length, offset)
    if zlib_ng.crc32(text) != checksum:
        raise RefusedError("damaged", "its index has a wrong checksum")
    try:
        index = msgspec.json.decode(text, type=_Index)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RefusedError("damaged", f"its index cannot be read: {type(error).__name__}") from error
    _check_sections(index.sections, offset)
    return index


def _check_sections(sections: Iterable[_Section], end: int) -> None:
    """They follow one another from the beginning to the index, and each is as long as its shape says."""
    at, names = len(MAGIC), set[str]()
    for each in sections:
        whole = math.prod(each.shape) * _dtype(each).itemsize if _plausible(each) else -1
        if each.offset != at or each.size != whole or each.name in names:
            raise RefusedError("damaged", f"array {each.name} has an impossible position or size")
        if len(each.sums) != -(-each.size // CHUNK):
            raise RefusedError("damaged", f"array {each.name} lacks checksums")
        at += each.size
        names.add(each.name)
    if at != end:
        raise RefusedError("damaged", "its content is longer or shorter than its index says")


def _plausible(section: _Section) -> bool:
    return len(section.shape) <= _MOST_AXES and all(0 <= axis < 1 << 40 for axis in section.shape)


def _dtype(section: _Section) -> np.dtype[Any]:
    try:
        found = np.lib.format.descr_to_dtype(literal_eval(section.dtype))
    except Exception as error:
        raise RefusedError("damaged", f"array {section.name} is of an unknown type") from error
    if found.hasobject or not found.itemsize:
        raise RefusedError("damaged", f"array {section.name} is of a type that is never written")
    return found
