"""Each goal says what was asked, what came out, and by how much it was missed."""

from benchmarks.engine.goals import LARGE, goals

ROW = {"group": "whole job", "graph": LARGE, "best_peer": "DuckDB", "ratios": {"DuckDB": 12.5, "ladybug": 40.0}}


def told(rows: list[dict[str, object]], measured: dict[str, object]) -> dict[str, tuple[bool, float | None]]:
    return {one["what"]: (one["met"], one["missed_by"]) for one in goals(rows, measured)}


def test_questions_are_judged_on_the_large_graph() -> None:
    ours = {"p50_ms": 0.1, "p99_ms": 3.0}
    large = {**ROW, "row": "introducers", "subjects": {"ours": ours}}
    small = {**ROW, "graph": "other", "row": "introducers", "subjects": {"ours": {"p50_ms": 9.0, "p99_ms": 9.0}}}
    found = told([small, large], {})
    assert found["who could introduce one person, p50"] == (True, None)
    assert found["who could introduce one person, p99"] == (False, 3.0)
    assert found["the same, stretch, p50"] == (False, 1.67)


def test_the_best_peer_is_judged_in_every_row() -> None:
    alone = {"group": "paths alone", "graph": "other", "best_peer": "igraph", "ratios": {"igraph": 25.0}}
    found = told([{**ROW, "row": "profile", "subjects": {}}, {**alone, "row": "opening-100", "subjects": {}}], {})
    assert found[f"whole job, profile, {LARGE}: the best peer, DuckDB"] == (False, 1.6)
    assert found["paths alone, opening-100, other: the best peer, igraph"] == (True, None)


def test_an_opening_is_judged_with_its_words_and_without() -> None:
    times = {"ours": {"p50_ms": 2.0, "p99_ms": 4.0}, "ours, before words": {"p50_ms": 0.5, "p99_ms": 1.0}}
    found = told([{**ROW, "row": "opening-1000", "subjects": times}], {})
    assert found["one opening, 1,000 fitting seekers, p50"] == (False, 2.0)
    assert found["one opening, 1,000 fitting seekers, before words, p50"] == (True, None)


def test_the_slowest_day_and_the_longest_slice_count() -> None:
    days = {"one_day_s": 1.0, "slowest_day": {"seconds": 4.0, "longest_slice_ms": 3.0}}
    found = told([], {"days": days, "month": {"seconds": 20.0, "longest_slice_ms": 9.0}})
    assert found["a new day"] == (True, None)
    assert found["31 days at once"] == (False, 2.0)
    assert found["the longest slice of a day"] == (False, 1.5)


def test_rates_are_missed_from_below() -> None:
    rebuild = {"alike": {"batches of 20": {"all_to_the_engine": 200_000}}}
    restart = {"ready_s": 4.9, "bytes_an_arc": 22.2}
    ties = {"ties_a_second": 10_000, "p99_slice_ms": 3.0}
    found = told([], {"random_ties": ties, "rebuild": rebuild, "restart": restart})
    assert found["ties applied and re-matched, 1,000 random ties of members"] == (False, 10.0)
    assert found["99 of 100 slices meanwhile, 1,000 random ties of members"] == (False, 1.5)
    assert found["rebuilding from the topics, alike evidence, batches of 20"] == (False, 1.5)
    assert found["restart from a snapshot, a fresh process to ready"] == (True, None)
    assert found["memory an arc"] == (True, None)


def test_what_failed_is_left_out() -> None:
    assert goals([], {"books": {"wrong": "more than 300 s"}, "restart": {"wrong": "x"}}) == []
