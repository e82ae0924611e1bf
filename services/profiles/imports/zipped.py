"""ZIP archives from strangers: nothing is unpacked to disk, and nothing grows beyond its bounds.

Refused with a reason: too many members, a directory that is too large, names that lead outside, encrypted members, and
members that would become too large or were packed suspiciously well.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

MAX_MEMBERS = 5_000
MAX_DIRECTORY = 2 * 1024 * 1024
MAX_PART = 1024 * 1024 * 1024
MAX_RATIO = 200
_SMALL = 1024 * 1024
MAGIC = b"PK\x03\x04"
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"
_END_LENGTH, _END_64_LENGTH, _COMMENT = 22, 20, 65_535
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class UnsafeError(ValueError):
    """The archive is refused, or cannot be read; the message says why, and names nothing that stands in it."""


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The archive, looked at before its directory is loaded.

    Raises:
        UnsafeError: see above; also while a member is read inside the block.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_names(archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise UnsafeError("the archive is damaged or cut off") from error


def members(file: BinaryIO) -> frozenset[str]:
    """The names in the archive; none where it is no archive, or not one to be opened."""
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        return frozenset()
    try:
        with opened(file) as archive:
            return frozenset(archive.namelist())
    except UnsafeError:
        return frozenset()


@contextmanager
def part(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    """A member as a stream. It never gives more bytes than the directory says."""
    if member.flag_bits & 1:
        raise UnsafeError("the archive is encrypted")
    if member.compress_type not in _METHODS:
        raise UnsafeError("the archive is packed in a way that is not supported")
    if member.file_size > MAX_PART:
        raise UnsafeError(f"a file in the archive is larger than {MAX_PART // 1024 // 1024:,} MiB")
    if member.file_size > _SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise UnsafeError(f"a file in the archive unpacks to more than {MAX_RATIO} times its size")
    with archive.open(member) as stream:
        yield cast("BinaryIO", stream)


def _check_directory(file: BinaryIO) -> None:
    """Refuse a directory that would not fit in little memory; `zipfile` loads all of it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_LENGTH - _COMMENT))
    tail = file.read(_END_LENGTH + _COMMENT)
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_LENGTH:
        raise UnsafeError("the archive is damaged or cut off")
    members, length = struct.unpack_from("<HI", tail, at + 10)
    large = tail[max(0, at - _END_64_LENGTH) : at].startswith(_END_64)
    if large or members > MAX_MEMBERS or length > MAX_DIRECTORY:
        raise UnsafeError(f"the archive has more than {MAX_MEMBERS:,} files")


def _check_names(archive: zipfile.ZipFile) -> None:
    if len(archive.infolist()) > MAX_MEMBERS:
        raise UnsafeError(f"the archive has more than {MAX_MEMBERS:,} files")
    for member in archive.infolist():
        name = member.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or "\x00" in name:
            raise UnsafeError("the archive has a file whose name leads outside of it")
