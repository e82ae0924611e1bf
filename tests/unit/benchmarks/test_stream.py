"""The stream's benchmark: what it joins and counts, the openings it posts, and the snapshot its matcher starts from."""

import json
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from benchmarks.engine import filled_engine
from benchmarks.engine.questions import Questions
from benchmarks.graphs import records
from benchmarks.graphs.generated import Data, Size, generate, opening_id
from benchmarks.stream import preparation
from benchmarks.stream.__main__ import plan
from benchmarks.stream.figures import Row, matching, metric, share, summary, table, waits
from benchmarks.stream.preparation import FITTING, SNAPSHOTS, VOCABULARY, alone, draw, find_models, keep
from services.matching.engine.engine import Engine
from services.matching.snapshots import matcher_state, snapshot_file
from services.matching.stream.intake import INPUTS
from shared.events.postings import PostingV1
from shared.messaging.topics.catalogue import POSTINGS, SUGGESTIONS
from shared.resolution import Title, Vocabulary

pytestmark = pytest.mark.slow  # whole engines

SIZE = Size(people=500, arcs=8_000, openings=200, seekers=0.5, companies=20)
GRAPH = generate(SIZE)
DATA = Data("small", GRAPH, GRAPH.arcs())
MODELS = list(find_models(DATA))

SAID = """
# TYPE warmpath_matcher_step_seconds histogram
warmpath_matcher_step_seconds_count{{kind="slice"}} {slices}
warmpath_matcher_step_seconds_sum{{kind="slice"}} {slice_s}
warmpath_matcher_step_seconds_count{{kind="question"}} {questions}
warmpath_matcher_step_seconds_sum{{kind="question"}} {question_s}
"""


@pytest.fixture(scope="module")
def filled() -> Engine:
    return filled_engine.filled(GRAPH)


def test_waits_run_from_when_its_opening_was_sent() -> None:
    rows = [Row("a", "n1", 13.0, 15.0), Row("b", "n1", 14.0, 16.0), Row("c", "n2", 21.0, 21.5)]
    found = waits({"n1": 10.0, "n2": 20.0, "n3": 30.0}, {"a": 11.0, "b": 12.0, "c": 20.5, "old": 1.0}, rows)
    assert (found.to_topic, found.to_row, found.to_inbox) == ([1.0, 2.0, 0.5], [3.0, 4.0, 1.0], [5.0, 6.0, 1.5])
    assert found.openings == {"n1": 6.0, "n2": 1.5}


def test_a_row_that_the_topic_did_not_show_is_no_result() -> None:
    with pytest.raises(ValueError, match="did not show"):
        waits({"n1": 10.0}, {}, [Row("a", "n1", 13.0, 15.0)])


def test_summaries_are_in_milliseconds() -> None:
    assert summary([0.001, 0.002, 0.009]) == {"mean_ms": 4.0, "p50_ms": 2.0, "p99_ms": 8.86, "max_ms": 9.0, "count": 3}
    assert summary([]) == {"count": 0}


def test_what_the_matcher_did_is_what_its_counters_grew_by() -> None:
    before = SAID.format(slices=10, slice_s=1.0, questions=3, question_s=0.5)
    after = SAID.format(slices=30, slice_s=1.4, questions=8, question_s=0.6)
    assert matching(before, after, openings=100, elapsed=2.0) == {
        "ms_an_opening": 5.0,
        "slice_ms": 4.0,
        "question_ms": 1.0,
        "slices": 20,
        "questions": 5,
        "thread_busy": 0.25,
    }
    assert metric(after, "warmpath_matcher_step_seconds_sum") == 2.0


def test_a_share_is_of_the_mean_and_of_nothing_there_is_none() -> None:
    assert share(5.0, {"mean_ms": 40.0, "p50_ms": 10.0}) == 0.125
    assert share(5.0, summary([])) is None


def test_a_table_has_a_line_a_round_and_says_where_there_is_nothing() -> None:
    head, first, second = table([{"rate": 50.0, "to_topic": {"p50_ms": 1234.56}}, {"rate": 500.0}]).splitlines()
    assert len(head) == len(first) == len(second)
    assert first.split()[:6] == ["50", "-", "-", "-", "-", "1,234.6"]


def test_every_rate_is_a_round_for_every_most() -> None:
    assert [(each.rate, each.most, each.timed) for each in plan("50,500", "20,1", 2.0)] == [
        (50.0, 20, 100),
        (500.0, 20, 1000),
        (50.0, 1, 100),
        (500.0, 1, 1000),
    ]


def test_models_fit_few_seekers() -> None:
    asked = Questions(DATA)
    assert 0 < len(MODELS) < SIZE.openings
    assert any(len(asked.fitting_seekers(number)) > FITTING[-1] for number in range(SIZE.openings))
    assert all(len(asked.fitting_seekers(each.number)) == each.fitting and each.fitting in FITTING for each in MODELS)


def test_a_posted_opening_is_its_model_at_another_company_under_an_id_of_its_own() -> None:
    drawn = list(islice(draw(GRAPH, MODELS), 50))
    known = {opening_id(number) for number in range(SIZE.openings)}
    assert len({event.key for _, event in drawn} - known) == 50
    elsewhere = False
    for model, event in drawn:
        like = records.opening(GRAPH, model.number).value
        assert isinstance(like, PostingV1)
        assert isinstance(event.value, PostingV1)
        assert event.value.posting_id == event.key
        back = event.value.model_copy(update={"posting_id": like.posting_id, "company": like.company})
        assert back == like == PostingV1.model_validate_json(back.to_json())
        elsewhere = elsewhere or event.value.company != like.company
    assert elsewhere


def test_openings_only_at_small_companies_are_only_there() -> None:
    sizes = np.bincount(GRAPH.job_company)
    staff = int(np.median(sizes[GRAPH.opening_company]))
    drawn = [event.value for _, event in islice(draw(GRAPH, MODELS, staff), 50)]
    assert all(isinstance(value, PostingV1) and sizes[int(value.company.name[1:])] <= staff for value in drawn)


def test_openings_that_bring_too_much_are_passed_over(filled: Engine) -> None:
    posted = list(alone(filled, draw(GRAPH, MODELS), 1, 20))
    assert len(posted) == 20
    assert all(each.suggestions == filled.reach(each.key) <= 1 for each in posted)
    assert {each.suggestions for each in posted} == {0, 1}
    with pytest.raises(ValueError, match="too few"):
        list(alone(filled, draw(GRAPH, MODELS), -1, 1))


def test_the_vocabulary_file_is_the_graphs_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / VOCABULARY
    path.write_text(json.dumps(records.words(GRAPH.title_group.tolist(), GRAPH.title_recruiting.tolist())))
    words = Vocabulary.load(path)
    assert words.digest == records.vocabulary(GRAPH).digest
    told = zip(GRAPH.title_group.tolist(), GRAPH.title_recruiting.tolist(), strict=True)
    assert all(words.title(f"t{n}") == Title(f"t{n}", f"g{group}", hires) for n, (group, hires) in enumerate(told))


def test_a_matcher_takes_the_snapshot_as_that_of_topics_it_has_not_begun_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = (*INPUTS, SUGGESTIONS)
    ids = {topic.name: UUID(int=number) for number, topic in enumerate(read)}

    async def identities(bootstrap: str, names: list[str]) -> tuple[str, dict[str, UUID]]:
        return f"cluster at {bootstrap}", {name: ids[name] for name in names}

    monkeypatch.setattr(preparation.cluster, "identities", identities)
    words: dict[str, Any] = records.words(GRAPH.title_group.tolist(), GRAPH.title_recruiting.tolist())
    (tmp_path / VOCABULARY).write_text(json.dumps(words))
    engine, again = filled_engine.filled(GRAPH), Engine(Vocabulary.of(words))
    assert keep(engine, SIZE.openings, "here", tmp_path) > 0
    wanted = matcher_state.identity("cluster at here", ids, read, Vocabulary.of(words).digest, again)
    with snapshot_file.read(tmp_path / SNAPSHOTS / "matching.snapshot", wanted) as opened:
        found = matcher_state.read_state(opened, range(POSTINGS.partitions))
        matcher_state.restore_engine(opened, again)
    places = {(topic.name, number) for topic in read for number in range(topic.partitions)}
    assert found.taken == dict.fromkeys(places, 0)
    assert found.partitions.keys() == {opening_id(number) for number in range(SIZE.openings)}
    assert (found.held, found.pending) == ({}, {})
    assert again.update() == []
    assert again.suggestions() == engine.suggestions()
