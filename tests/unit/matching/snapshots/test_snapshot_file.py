"""The container: what was written comes back, whole and equal, or is refused; never anything else."""

import contextlib
import os
import struct
import threading
import time
import zlib
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from services.matching.snapshots import snapshot_file
from services.matching.snapshots.snapshot_file import CHUNK, MAGIC, Identity, RefusedError
from tests.tiers import examples, is_long

OURS = Identity("cluster", {"people.v1": "1"}, "contracts", "vocabulary", "layout")
NOW = 1_800_000_000.0
TAIL = struct.Struct("<QQI8s")
ARRAYS = [
    ("numbers", np.arange(CHUNK // 4 * 3 + 5, dtype=np.int32)),  # more than three chunks
    ("nothing", np.zeros(0, np.float64)),
    ("table", np.arange(12, dtype=np.uint16).reshape(3, 4)),
    ("text", np.frombuffer(b"some bytes", np.uint8)),
]
FINE = examples(150, HealthCheck.function_scoped_fixture)


def everything(path: Path, wanted: Identity = OURS, **more: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    with snapshot_file.read(path, wanted, **({"now": NOW} | more)) as found:
        return found.meta, {name: found.array(name) for name in found.names}


def equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test pulls the plug: what waits for the disk would only be slow."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.snapshot"


@pytest.fixture
def written(path: Path) -> Path:
    size = snapshot_file.write(path, OURS, {"a": [1, "é"]}, ARRAYS, written_at=NOW)
    assert size == path.stat().st_size
    return path


def refusal(path: Path, wanted: Identity = OURS, **more: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        everything(path, wanted, **more)
    return refused.value


any_array = np_st.arrays(
    st.one_of(
        np_st.scalar_dtypes(),
        np_st.array_dtypes(max_size=3),
    ).filter(lambda dtype: dtype.itemsize > 0),
    np_st.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@FINE
@given(st.dictionaries(st.text(max_size=8), any_array, max_size=4), st.dictionaries(st.text(), st.integers(-5, 5)))
def test_what_was_written_comes_back(path, arrays, meta):
    snapshot_file.write(path, OURS, meta, arrays.items(), written_at=NOW)
    found_meta, found = everything(path)
    assert found_meta == meta
    assert list(found) == list(arrays)
    assert all(equal(found[name], array) for name, array in arrays.items())


def test_an_array_is_read_into_the_first_entries_of_another(written):
    numbers, table = np.full(CHUNK, -1, np.int32), np.full((9, 4), 7, np.uint16)
    with snapshot_file.read(written, OURS, now=NOW) as found:
        count = found.into("numbers", numbers)
        assert found.into("table", table) == 3
        assert found.into("nothing", np.zeros(5)) == 0
    assert equal(numbers[:count], ARRAYS[0][1])
    assert (numbers[count:] == -1).all()
    assert equal(table[:3], ARRAYS[2][1])
    assert (table[3:] == 7).all()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("table", np.zeros((2, 4), np.uint16)),  # too short
        ("table", np.zeros((3, 5), np.uint16)),
        ("table", np.zeros((3, 4), np.int16)),
        ("table", np.zeros((3, 8), np.uint16)[:, ::2]),
        ("table", np.zeros((9, 4), np.uint16)[::2]),
        ("unknown", np.zeros(3)),
    ],
)
def test_an_array_that_does_not_fit_is_another_layout(written, name, target):
    with snapshot_file.read(written, OURS, now=NOW) as found, pytest.raises(RefusedError) as refused:
        found.into(name, target)
    assert refused.value.reason == "other_layout"
    assert not target.any()


@pytest.mark.parametrize(
    ("wanted", "reason", "says"),
    [
        (Identity("other", OURS.topics, "contracts", "vocabulary", "layout"), "foreign", "cluster"),
        (Identity("cluster", {"people.v1": "2"}, "contracts", "vocabulary", "layout"), "foreign", "topics"),
        (Identity("cluster", OURS.topics, "other", "vocabulary", "layout"), "foreign", "contracts"),
        (Identity("cluster", OURS.topics, "contracts", "other", "layout"), "foreign", "vocabulary"),
        (Identity("cluster", OURS.topics, "contracts", "vocabulary", "other"), "other_layout", "'other'"),
    ],
)
def test_a_foreign_one_is_refused_and_says_why(written, wanted, reason, says):
    refused = refusal(written, wanted)
    assert refused.reason == reason
    assert says in refused.detail


@pytest.mark.parametrize(
    ("later", "reason"),
    [(3 * 86_400 + 1, "too_old"), (3 * 86_400 - 1, None), (-301, "from_the_future"), (-299, None)],
)
def test_its_age_counts(written, later, reason):
    if reason is None:
        snapshot_file.read(written, OURS, now=NOW + later).close()
    else:
        assert refusal(written, now=NOW + later).reason == reason


def test_the_clock_is_asked_where_no_time_is_given(path):
    snapshot_file.write(path, OURS, {}, [])
    with snapshot_file.read(path, OURS) as found:
        assert abs(found.written_at - time.time()) < 60
    assert refusal(path, now=time.time() + 4 * 86_400).reason == "too_old"


def test_none_there_is_a_refusal_of_its_own(path):
    assert refusal(path).reason == "missing"
    path.mkdir()
    assert refusal(path).reason == "damaged"


@pytest.mark.scaled
def test_every_flipped_byte_is_found(written):
    """By day every seventh of those that describe the rest."""
    whole = written.read_bytes()
    random = Random(4)
    step = 1 if is_long() else 7
    places = {*range(8), *range(len(whole) - 900, len(whole), step), *(random.randrange(len(whole)) for _ in range(60))}
    for place in sorted(places):
        written.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
        assert refusal(written).reason == "damaged", place


def test_every_cut_is_found(written):
    whole = written.read_bytes()
    for size in (0, 1, 7, 8, 30, 36, len(whole) // 2, *range(len(whole) - 40, len(whole))):
        written.write_bytes(whole[:size])
        assert refusal(written).reason == "damaged", size
    written.write_bytes(whole + b"\0")
    assert refusal(written).reason == "damaged"


def test_one_that_is_cut_after_it_was_opened_is_refused_too(written):
    with snapshot_file.read(written, OURS, now=NOW) as found:
        os.truncate(written, CHUNK)
        with pytest.raises(RefusedError) as refused:
            found.array("numbers")
    assert refused.value.reason == "damaged"


def lying(path: Path, change: Any) -> None:
    """Rewrite the index of a good snapshot, with all checks of the index right."""
    whole = path.read_bytes()
    offset, length, _, _ = TAIL.unpack(whole[-TAIL.size :])
    index = msgspec.json.decode(whole[offset : offset + length])
    change(index)
    text = msgspec.json.encode(index)
    path.write_bytes(whole[:offset] + text + TAIL.pack(offset, len(text), zlib.crc32(text), MAGIC))


HUGE = 1 << 39
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["name", "dtype", "shape", "offset", "size", "sums"]


@FINE
@given(
    st.integers(0, 3),
    st.sampled_from(FIELDS),
    json_values
    | st.lists(st.integers(-2, 2**64 - 1), max_size=12)
    | st.sampled_from(
        ["'|O'", "'<i4'", "('<i4', (1000000000,))", "[('a', '<i8')]", "'V0'", "(" * 500, "'<M8[Y]'", "9**9"]
    ),
)
def test_an_index_that_lies_is_refused_or_tells_the_truth(path, number, field, value):
    snapshot_file.write(path, OURS, {}, ARRAYS, written_at=NOW)
    good = everything(path)[1]
    lying(path, lambda index: index["sections"][number].__setitem__(field, value))
    found = good
    with contextlib.suppress(RefusedError):
        found = everything(path)[1]
    # A name, or a type of the same size, cannot be told from the true one: the bytes are those that were written.
    assert [each.tobytes() for each in found.values()] == [each.tobytes() for each in good.values()]


@pytest.mark.parametrize("field", ["shape", "size", "both"])
def test_no_memory_is_taken_for_a_lie(written, field):
    def change(index: Any) -> None:
        section = index["sections"][0]
        if field != "size":
            section["shape"] = [HUGE]
        if field != "shape":
            section["size"] = HUGE * 4
            section["sums"] = [1] * 1000

    lying(written, change)
    assert refusal(written).reason == "damaged"


def test_an_index_that_leaves_an_array_out_is_refused(written):
    lying(written, lambda index: index["sections"].pop())
    assert refusal(written).reason == "damaged"


@pytest.mark.parametrize("change", [lambda i: i.pop("meta"), lambda i: i.update(written_at="now"), lambda i: i.clear()])
def test_an_index_of_another_kind_is_refused(written, change):
    lying(written, change)
    assert refusal(written).reason == "damaged"


@FINE
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_refused(path, content, dressed):
    path.write_bytes(MAGIC + content + TAIL.pack(8, len(content), zlib.crc32(content), MAGIC) if dressed else content)
    assert refusal(path).reason == "damaged"


def test_a_writer_that_fails_leaves_the_old_one(written):
    def breaking():
        yield "new", np.arange(1000)
        raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        snapshot_file.write(written, OURS, {"new": 1}, breaking(), written_at=NOW)
    assert everything(written)[0] == {"a": [1, "é"]}
    assert list(written.parent.iterdir()) == [written]


@pytest.mark.parametrize("arrays", [[("a", np.zeros(1)), ("a", np.zeros(1))], [("a", np.array([None]))]])
def test_what_cannot_be_kept_is_said_at_once(written, arrays):
    with pytest.raises(ValueError, match="a"):
        snapshot_file.write(written, OURS, {}, arrays)
    assert everything(written)[0] == {"a": [1, "é"]}


def test_it_is_on_the_disk_before_it_has_its_name(path, monkeypatch):
    told = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: told.append(str(Path(f"/proc/self/fd/{handle}").readlink())) or fsync(handle)
    )
    monkeypatch.setattr(Path, "replace", lambda one, other: told.append("named") or replace(one, other))
    snapshot_file.write(path, OURS, {}, ARRAYS)
    part, named, folder = told
    assert part.endswith(".part")
    assert (named, folder) == ("named", str(path.parent))


def test_only_its_owner_may_read_it(written):
    assert written.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_writer_left_is_tidied_up(written):
    left = written.with_name(written.name + ".77.part")
    left.write_bytes(b"half")
    other = written.with_name("b.snapshot.77.part")
    other.write_bytes(b"of another")
    snapshot_file.write(written, OURS, {}, ARRAYS, written_at=NOW)
    assert sorted(each.name for each in written.parent.iterdir()) == ["a.snapshot", "b.snapshot.77.part"]


def test_a_closed_one_leaves_nothing_open(written):
    before = (len(list(Path("/proc/self/fd").iterdir())), threading.active_count())
    with snapshot_file.read(written, OURS, now=NOW) as found:
        found.array("numbers")
    refusal(written, now=NOW + 10 * 86_400)
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before
