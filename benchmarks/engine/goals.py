"""The goals of the matching engine, each with what was measured: met, or missed by how much."""

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

LARGE = "generated-1000000-50000000-100000-0.1"
EACH_QUESTION = 20.0
BEFORE_WORDS = "ours, before words"


def goals(rows: Sequence[Json], measured: Json) -> list[Json]:
    """All goals whose figures are there. On a small graph they say little."""
    names = [row["graph"] for row in rows]
    graph = LARGE if LARGE in names else next(iter(names), "")
    own = {row["row"]: row for row in rows if row["graph"] == graph and row["group"] == "whole job"}
    return [*_questions(own), *_ratios(rows), *_others(measured)]


def _goal(what: str, found: float, unit: str, *, most: float | None = None, least: float | None = None) -> Json:
    """`missed_by`: how many times worse than asked."""
    ratio = found / most if most is not None else (least or 0.0) / max(found, 1e-12)
    asked = f"≤ {most:,g} {unit}" if most is not None else f"≥ {least:,g} {unit}"
    missed = None if ratio <= 1 else round(ratio, 2)
    return {"what": what, "goal": asked, "ours": found, "unit": unit, "met": ratio <= 1, "missed_by": missed}


def _questions(own: dict[str, Json]) -> Iterator[Json]:
    wanted = (
        ("introducers", "who could introduce one person", {"p50_ms": 0.2, "p99_ms": 1.0}),
        ("introducers", "the same, stretch", {"p50_ms": 0.06}),
        ("opening-1000", "one opening, 1,000 fitting seekers", {"p50_ms": 1.0, "p99_ms": 5.0}),
        ("opening-10000", "one opening, 10,000 fitting seekers", {"p50_ms": 6.0}),
        ("profile", "one changed profile against all openings", {"p99_ms": 1.0}),
    )
    for row, what, limits in wanted:
        subjects = own.get(row, {}).get("subjects", {})
        for subject, words in (("ours", ""), (BEFORE_WORDS, ", before words")):
            found = subjects.get(subject, {})
            for name, most in limits.items():
                if name in found:
                    yield _goal(f"{what}{words}, {name.removesuffix('_ms')}", found[name], "ms", most=most)


def _ratios(rows: Sequence[Json]) -> Iterator[Json]:
    for row in rows:
        best = row["best_peer"]
        if best is not None:
            what = f"{row['group']}, {row['row']}, {row['graph']}: the best peer, {best}"
            yield _goal(what, row["ratios"][best], "times ours", least=EACH_QUESTION)


def _others(measured: Json) -> Iterator[Json]:
    for name, what in (("books", "address books of 30,000 rows"), ("random_ties", "1,000 random ties of members")):
        if "ties_a_second" in measured.get(name, {}):
            found = measured[name]["ties_a_second"]
            yield _goal(f"ties applied and re-matched, {what}", found, "/s", least=100_000)
            yield _goal(f"99 of 100 slices meanwhile, {what}", measured[name]["p99_slice_ms"], "ms", most=2.0)
    days = measured.get("days", {})
    if "one_day_s" in days:
        yield _goal("a new day", days["slowest_day"]["seconds"], "s", most=10.0)
        yield _goal("the longest slice of a day", days["slowest_day"]["longest_slice_ms"], "ms", most=2.0)
    if "seconds" in measured.get("month", {}):
        yield _goal("31 days at once", measured["month"]["seconds"], "s", most=10.0)
    restart = measured.get("restart", {})
    if "ready_s" in restart:
        yield _goal("restart from a snapshot, a fresh process to ready", restart["ready_s"], "s", most=5.0)
        yield _goal("memory an arc", restart["bytes_an_arc"], "bytes", most=24.0)
    for name in ("varied", "alike"):
        for batches, found in measured.get("rebuild", {}).get(name, {}).items():
            rate = found["all_to_the_engine"]
            yield _goal(f"rebuilding from the topics, {name} evidence, {batches}", rate, "records/s", least=300_000)
