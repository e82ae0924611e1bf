"""The parts of the way from a request to the member, cut out of traces."""

from benchmarks.end_to_end.spans import CUTS, START, time_by_part
from shared.testing.collector import Seen

MS = 1_000_000


def spans(trace_id: str, times: list[float]) -> list[Seen]:
    """One span for each cut, of which only the end that cuts lies at its time."""
    made = []
    for (service, name, end), at in zip([START, *CUTS.values()], times, strict=True):
        begun, ended = (at, at + 1000) if end == "begun" else (at - 1000 * (name not in cut_twice()), at)
        made.append(Seen(service, name, trace_id, "", "", 1, int(begun * MS), int(ended * MS), False, {}, ""))
    return made


def cut_twice() -> set[str]:
    """Spans of which both ends cut: theirs must not be moved."""
    names = [name for _, name, _ in CUTS.values()]
    return {name for name in names if names.count(name) > 1}


def test_each_part_is_the_time_between_two_cuts():
    times = [5000 + each for each in (0, 1, 3, 6, 10, 15, 21, 28, 36)]
    found = time_by_part(
        [*spans("a", times), *spans("b", times), *spans("c", [at - 5000 for at in times])], 4000 * MS, 9000 * MS
    )
    assert found == {"openings": 2, "all": 36.0, "parts": dict(zip(CUTS, map(float, range(1, 9)), strict=True))}


def test_a_reader_that_is_ahead_of_its_writer_takes_nothing():
    times = [5000 + each for each in (0, 1, 3, 2, 10, 15, 21, 28, 36)]
    parts = time_by_part(spans("a", times), 0, 9000 * MS)["parts"]
    assert parts["Kafka to matcher"] == 0
    assert parts["matching"] == 7


def test_a_trace_without_all_its_parts_does_not_count():
    assert time_by_part(spans("a", [float(each) for each in range(5000, 5009)])[:-1], 0, 9000 * MS)["openings"] == 0
