"""Files that were made to do harm, of any format: refused or cleaned, in little memory and little time."""

import io
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports import registry
from services.profiles.imports.report import ImportProblem, Owner
from tests.unit.profiles.archives import CONNECTIONS
from tests.unit.profiles.test_mailbox import BOTH_WAYS
from tests.unit.profiles.test_vcard import GMAIL

GOOGLE = "First Name,Labels,E-mail 1 - Value\nAna,,ana@example.org\n"
GOOD = {"linkedin": CONNECTIONS, "google-contacts": GOOGLE, "vcard": GMAIL, "mailbox": "".join(BOTH_WAYS)}
MEBIBYTE = 1024 * 1024


class Endless(io.RawIOBase):
    """A file of any length that is never held: some bytes, then one byte again and again."""

    def __init__(self, start: bytes, size: int) -> None:
        super().__init__()
        self._start, self._size, self._at = start, size, 0

    def read(self, count: int = -1) -> bytes:
        count = min(count if count >= 0 else self._size, self._size - self._at)
        found = self._start[self._at : self._at + count]
        self._at += count
        return found + b"x" * (count - len(found))

    def seek(self, place: int, whence: int = 0) -> int:
        self._at = place + (self._size if whence == io.SEEK_END else 0)
        return self._at

    def tell(self) -> int:
        return self._at


def read(file, source=None):
    with suppress(ImportProblem):
        return registry.read(file, source=source, owner=Owner(frozenset({"dana@example.org"})))
    return None


TAILS = {
    "linkedin": b'\n"',
    "google-contacts": b'\n"',
    "vcard": b"\nNOTE;ENCODING=QUOTED-PRINTABLE:",
    "mailbox": b"\nFrom ",
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("tail", ["plain", "the worst"])
def test_a_line_without_end_takes_no_memory_and_loses_nobody(kind, tail, monkeypatch):
    """The bound is set low, so that a few mebibytes stand for many gibibytes."""
    monkeypatch.setattr("services.profiles.imports.text.MAX_LINE", MEBIBYTE // 16)
    file = Endless(GOOD[kind].encode() + (b"\n" if tail == "plain" else TAILS[kind]), 5 * MEBIBYTE)
    tracemalloc.start()
    try:
        report = read(file)
        assert tracemalloc.get_traced_memory()[1] < 2 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert report is not None
    assert report.format == kind
    assert report.records


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_cut_off_anywhere_gives_what_is_whole_or_a_problem(kind):
    data = GOOD[kind].encode()
    for cut in range(0, len(data), 7):
        read(io.BytesIO(data[:cut]), kind)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "cp1252", "utf-8-sig"])
def test_any_charset(kind, encoding):
    file = io.BytesIO(GOOD[kind].encode(encoding))
    report = read(file, kind)
    assert report is not None
    assert report.records


@given(st.sampled_from(sorted(GOOD)), st.binary(max_size=120), st.integers(0, 400))
def test_bytes_put_in_anywhere_give_a_report_or_a_problem(kind, junk, at):
    data = GOOD[kind].encode()
    read(io.BytesIO(data[:at] + junk + data[at:]), kind)
    read(io.BytesIO(junk + data))


def test_what_is_no_file_of_these_is_said_to_be_none():
    for data in (b"\x89PNG\r\n\x1a\n" + bytes(99), b"PDF-1.7\n", b"{}", b"<html><body>", b"just words"):
        with pytest.raises(ImportProblem, match="none of the files that can be read"):
            registry.read(io.BytesIO(data))
        with pytest.raises(ImportProblem, match=r"^this is no file of contacts that we can read: choose [^:;é]+$"):
            registry.read_contacts(io.BytesIO(data))
    for reader in (registry.read, registry.read_contacts):
        with pytest.raises(ImportProblem, match="empty"):
            reader(io.BytesIO(b" \n\n"))


def test_a_file_that_is_too_large_is_a_problem(monkeypatch):
    monkeypatch.setattr(registry, "MAX_BYTES", 10)
    with pytest.raises(ImportProblem, match="larger than"):
        registry.read(io.BytesIO(b"x" * 11))
