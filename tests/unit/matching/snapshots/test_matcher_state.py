"""What is kept besides the engine comes back as it was, for the partitions that are owned now."""

from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from services.matching.rules.suggestions import Introducer, Suggestion
from services.matching.snapshots import matcher_state, snapshot_file
from services.matching.snapshots.arrays import fill_column
from services.matching.snapshots.matcher_state import MatcherState, check_offsets, identity, read_state
from services.matching.snapshots.snapshot_file import Identity, RefusedError
from services.matching.stream.intake import INPUTS
from services.matching.stream.ledger import Held, Ledger, Pending
from shared.events.suggestions import Opening as Head
from shared.events.suggestions import suggestion_id
from shared.messaging.topics.catalogue import SUGGESTIONS
from tests.unit.matching.stream.reference_record import record_of

OURS = Identity("cluster", {}, "contracts", "vocabulary", "layout")
KEY = suggestion_id("s", "o")
HELD = {
    "a": Held(0, 5, b"\xff\x00 content"),
    "b": Held(1, 6, None),
    "c": Held(2, 7, b""),
}
PENDING = {"b": Pending("s", "o", 1, "opening", "00-trace"), "x": Pending("", "", 2, "network")}
TAKEN = {("people.v1", 3): 17, (SUGGESTIONS.name, 1): 4, (SUGGESTIONS.name, 2): 9}


class Frozen:
    def __init__(self):
        self.array = np.full(4, 7)

    def snapshot_state(self):
        return {"count": 3}, [("numbers", np.arange(3))]

    def restore_state(self, meta, arrays):
        assert fill_column(arrays, "numbers", self.array) == meta["count"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.snapshot"
    work = MatcherState(Frozen(), TAKEN, {"o": 1, "p": 2}, HELD, PENDING).writer(path, OURS, snapshot_file.time.time())
    assert int(work()) == path.stat().st_size
    return path


def test_all_of_it_comes_back(path):
    fresh = Frozen()
    with snapshot_file.read(path, OURS) as opened:
        found = read_state(opened, range(12))
        matcher_state.restore_engine(opened, fresh)
    assert (found.taken, found.partitions, found.held, found.pending) == (TAKEN, {"o": 1, "p": 2}, HELD, PENDING)
    assert fresh.array.tolist() == [0, 1, 2, 7]


def test_what_others_own_now_is_left_out(path):
    with snapshot_file.read(path, OURS) as opened:
        found = read_state(opened, {1})
    assert found.taken == {("people.v1", 3): 17, (SUGGESTIONS.name, 1): 4}
    assert (set(found.held), set(found.pending)) == ({"b"}, {"b"})
    assert found.partitions == {"o": 1, "p": 2}


def test_an_engine_that_cannot_be_restored_is_a_refusal(path):
    class Broken(Frozen):
        def restore_state(self, meta, arrays):
            raise KeyError(meta, arrays)

    class Other(Frozen):
        def restore_state(self, meta, arrays):
            fill_column(arrays, "unknown" if meta else "", self.array)

    with snapshot_file.read(path, OURS) as opened:
        for broken, reason in ((Broken(), "damaged"), (Other(), "other_layout")):
            with pytest.raises(RefusedError) as refused:
                matcher_state.restore_engine(opened, broken)
            assert refused.value.reason == reason


@pytest.mark.parametrize("part", ["held", "pending", "partitions", "meta"])
def test_parts_of_another_form_are_a_refusal(tmp_path, part):
    whole = {name: np.frombuffer(b"\x80", np.uint8) for name in ("held", "pending", "partitions")}
    whole[part] = np.frombuffer(b"\x93\x01\x02\x03", np.uint8)
    meta = {"offsets": [["people.v1", 1]] if part == "meta" else []}
    snapshot_file.write(tmp_path / "a", OURS, meta, whole.items())
    with snapshot_file.read(tmp_path / "a", OURS) as opened, pytest.raises(RefusedError) as refused:
        read_state(opened, range(12))
    assert refused.value.reason == "other_layout"


@pytest.mark.parametrize(("begins", "ends", "fine"), [(0, 10, True), (5, 5, True), (6, 10, False), (0, 4, False)])
def test_offsets_that_the_topic_no_longer_holds_are_foreign(begins, ends, fine):
    place = ("ties.v1", 1)
    if fine:
        check_offsets({place: 5}, {place: begins}, {place: ends})
        return
    with pytest.raises(RefusedError, match=r"ties\.v1-1 no longer holds offset 5"):
        check_offsets({place: 5}, {place: begins}, {place: ends})


def test_identity_tells_apart_whatever_matters(monkeypatch):
    ids = {topic.name: UUID(int=number) for number, topic in enumerate(INPUTS)}

    def made(cluster="c", ids=ids, topics=INPUTS, vocabulary="v", engine=Frozen):
        return identity(cluster, ids, topics, vocabulary, engine())

    assert made() == made()
    others = [
        made(cluster="d"),
        made(ids=ids | {"ties.v1": UUID(int=99)}),
        made(topics=INPUTS[1:]),
        made(vocabulary="w"),
        made(engine=dict),
    ]
    monkeypatch.setattr(matcher_state, "_code", lambda: "other rules")
    others.append(made())
    assert len({repr(each) for each in (*others, made(cluster="e"))}) == len(others) + 1


def test_any_change_of_the_matchers_code_is_another_layout(tmp_path, monkeypatch):
    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules" / "rule.py"
    monkeypatch.setattr(matcher_state, "_SOURCES", (tmp_path,))
    codes = set()
    for text in ("a = 1", "a = 2"):
        rule.write_text(text)
        codes.add(matcher_state._code.__wrapped__())
    assert len(codes) == 2


def value():
    head = Head(title="Developer", company="Initech", posted_at=date(2026, 1, 5))
    return record_of(Suggestion("s", "o", 1.0, head, (Introducer("i", "i", 0.5, "warm", "app", ()),)), 9)


def test_a_ledger_knows_what_changed_since_it_was_kept():
    first = Ledger()
    assert first.changed_since_snapshot() is None
    first.record_read(1, KEY, 5, value())
    first.record_read(1, "quiet", 5, value())
    again = Ledger()
    again.restore(dict(first.held))
    again.record_read(1, KEY, 6, None)  # whose it was is known from before
    again.record_read(1, "never", 6, None)
    again.record_read(1, "quiet", 5, None)  # not newer
    again.record_read(1, "new", 6, value())
    assert again.changed_since_snapshot() == {KEY: ("s", "o"), "new": ("s", "o")}
    assert again.changed_since_snapshot() is None
    assert again.partition(KEY) == 1


def test_a_ledger_that_could_not_be_read_in_part_is_compared_whole():
    kept = Ledger()
    kept.restore({})
    kept.record_unreadable(1, KEY)
    assert kept.changed_since_snapshot() is None
