"""Suggestions looked up in batches: by their own numbers or by ids, each as it is now, with its reasons in words."""

from datetime import date

import pytest

from services.matching.engine.columns import evidence
from services.matching.engine.columns.evidence import EvidenceTable
from services.matching.engine.engine import Engine
from services.matching.engine.wording import CachedReasons
from services.matching.events import Change
from services.matching.kernels.graph.layout import NO_ONE
from services.matching.rules.plain.engine import Engine as PlainEngine
from shared.events.ties import WorkedTogether
from tests.records import event, event_of, opening
from tests.unit.matching.engine.histories import TODAY, VOCABULARY
from tests.unit.matching.engine.test_versions import FIRST

UNKNOWN = [Change("nobody", "o", "network"), Change("s", "none", "network"), Change("i", "o", "network")]


@pytest.fixture(params=[Engine, PlainEngine])
def engine(request):
    made = request.param(VOCABULARY, today=TODAY)
    made.apply_all(FIRST)
    return made


def test_by_ids_alone_and_in_the_order_asked_for(engine):
    found = engine.suggestion("s", "o")
    assert found is not None
    assert engine.current([]) == []
    assert engine.current([UNKNOWN[0], Change("s", "o", "network"), *UNKNOWN[1:]]) == [None, found, None, None]


def test_before_the_day_is_known_there_are_none():
    for kind in (Engine, PlainEngine):
        made = kind(VOCABULARY)
        made.ingest(FIRST)
        assert made.current([Change("s", "o", "network")]) == [None]


def test_the_numbers_of_an_opening_that_is_gone_may_be_anothers():
    made = Engine(VOCABULARY, today=TODAY)
    [change] = made.apply_all(FIRST)
    assert change.numbers is not None
    made.apply(event("postings.v1", "o", None, 6))
    made.store.openings.release(change.numbers[1])
    [other] = made.apply(event_of(opening("p"), 5))
    assert other.numbers == change.numbers
    found = made.suggestion("s", "p")
    assert made.current([change, other]) == [None, found]


WORKED_LONG_AGO = WorkedTogether(company="Initech", months=24, ended=date(2000, 1, 1), stated=True)
WORKED_LATELY = WorkedTogether(company="Globex", months=20, ended=date(2026, 1, 1), stated=True)


@pytest.fixture
def table():
    made = EvidenceTable(codes=1 << 10, items=1 << 12, words=1 << 10)
    for _ in made.set_day(TODAY):
        pass
    return made


def test_reasons_follow_how_many_know_both_and_the_day(table):
    reasons, code = CachedReasons(table), table.code((WORKED_LONG_AGO, WORKED_LATELY))
    lately, long_ago = "worked with you at Globex for 20 months", "worked with you at Initech for 24 months"
    for _ in range(2):  # made, then cached
        assert reasons.of(code, 0, 3, TODAY) == (lately, "1 to 4 people know you both")
        assert reasons.of(code, 0, 7, TODAY) == (lately, "5 to 9 people know you both")
        assert reasons.of(code, 0, NO_ONE, TODAY) == (lately,)
        assert reasons.of(code, 0, NO_ONE, date(2045, 1, 1)) == (long_ago,)
        assert reasons.of(0, 0, NO_ONE, TODAY) == ()


def test_a_code_that_passes_to_other_evidence_takes_no_reasons_along(table):
    reasons, first = CachedReasons(table), table.code((WORKED_LONG_AGO,))
    assert reasons.of(first, 0, NO_ONE, TODAY) == ("worked with you at Initech for 24 months",)
    table.sweep()
    assert table.code((WORKED_LATELY,)) == first
    assert reasons.of(first, 0, NO_ONE, TODAY) == ("worked with you at Globex for 20 months",)


def test_evidence_in_the_place_of_other_evidence_is_told_apart(table, monkeypatch):
    """The table lets go of what it has read, so what it reads next may be an object at the same place in memory."""
    monkeypatch.setattr(evidence, "REMEMBERED", 1)
    reasons = CachedReasons(table)
    codes = [table.code((WORKED_LATELY.model_copy(update={"months": n}),)) for n in range(2, 40)]
    for _ in range(200):  # Python sets the first 2,000 freed tuples of a size aside before it uses their memory again
        for months, code in enumerate(codes, start=2):
            assert reasons.of(code, 0, NO_ONE, TODAY) == (f"worked with you at Globex for {months} months",)


def test_the_cache_is_bounded(table, monkeypatch):
    monkeypatch.setattr(CachedReasons, "MOST", 5)
    reasons, code = CachedReasons(table), table.code((WORKED_LATELY,))
    for m in range(20, 50):
        assert reasons.of(code, 0, m, TODAY)[-1] == "20 or more people know you both"
        assert len(reasons) <= 5
