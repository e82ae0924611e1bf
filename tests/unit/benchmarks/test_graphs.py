"""What the engine is measured on: the same bytes from one seed, heavy tails, a third of the ties warm."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from benchmarks.graphs.arcs import ASKS, LINK, OWN, WARM, Arcs, bridges
from benchmarks.graphs.evidence import FIRST_FIRM, KINDS, tables
from benchmarks.graphs.generated import Data, Graph, Size, generate, generated, opening_id, person_id
from benchmarks.graphs.new_ties import draw_ties
from benchmarks.graphs.real import DATA, REAL, real
from services.matching.rules import bridge
from services.matching.rules.strength import VETO
from shared.events.ties import Closeness

SIZE = Size(people=2_000, arcs=60_000, openings=300)
GRAPH = generate(SIZE)
ARCS = GRAPH.arcs()


def same(one: Graph, other: Graph) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Graph))


def test_one_seed_gives_the_same_columns_and_another_gives_others() -> None:
    assert same(GRAPH, generate(SIZE))
    assert not same(GRAPH, generate(SIZE, seed=1))


def test_there_are_exactly_as_many_arcs_as_asked_for_and_no_tie_twice() -> None:
    keys = GRAPH.a.astype(np.int64) * GRAPH.people + GRAPH.b
    assert len(ARCS) == SIZE.arcs
    assert (np.diff(keys) > 0).all()
    assert (GRAPH.a < GRAPH.b).all()
    assert (GRAPH.people, len(GRAPH.opening_company)) == (SIZE.people, SIZE.openings)


def test_degrees_have_a_heavy_tail() -> None:
    degrees = np.diff(generate(Size(people=20_000, arcs=1_000_000, openings=10)).arcs().start)
    assert degrees.max() > 8 * np.median(degrees)
    assert degrees.max() <= 20_000 // 50 + 2 * 60 + 20_000 // 10


def test_employers_are_of_very_different_sizes() -> None:
    sizes = np.sort(np.bincount(GRAPH.job_company))[::-1]
    assert sizes[0] > 5 * np.median(sizes)


def warm_from_some_side(arcs: Arcs) -> float:
    return float((arcs.has(WARM) | arcs.has(WARM)[arcs.mirror]).mean())


def test_a_third_of_the_ties_is_warm_from_some_side() -> None:
    assert warm_from_some_side(ARCS) == pytest.approx(1 / 3, abs=0.02)
    assert 0.2 < ARCS.has(WARM).mean() < warm_from_some_side(ARCS)


def test_every_firm_kind_makes_a_warm_tie_unless_the_other_vetoes_it_and_no_weak_one_does() -> None:
    warm, strength = tables().warm, tables().strength
    vetoes = np.array([any(isinstance(one, Closeness) and one.value <= VETO for one in kind) for kind in KINDS])
    assert vetoes.sum() == 1
    assert warm[FIRST_FIRM:, ~vetoes].all()
    assert not warm[:FIRST_FIRM, :FIRST_FIRM].any()
    assert (strength[1:, ~vetoes] > 0).all()
    assert not strength[:, vetoes].any()
    assert len(KINDS) == len(warm)


def test_arcs_lie_in_rows_and_lead_back() -> None:
    number = np.arange(len(ARCS))
    assert (np.diff(ARCS.source) >= 0).all()
    assert np.array_equal(ARCS.start, np.searchsorted(ARCS.source, np.arange(GRAPH.people + 1)))
    assert np.array_equal(ARCS.source[ARCS.mirror], ARCS.target)
    assert np.array_equal(ARCS.mirror[ARCS.mirror], number)
    differs = ARCS.strength[ARCS.mirror] != ARCS.strength
    assert 0.1 < differs.mean() < 0.3, "what one end stated is not the other's"


def test_what_an_end_may_do_needs_its_own_evidence_and_consent() -> None:
    leads = ARCS.has(OWN) & GRAPH.introduces[ARCS.target] & (ARCS.onward > 0)
    assert (ARCS.has(LINK) == leads).all()
    both = ARCS.has(OWN) & ARCS.has(OWN)[ARCS.mirror]
    assert (ARCS.has(ASKS) == (both & GRAPH.introduces[ARCS.target])).all()
    assert 0 < (ARCS.has(ASKS) & (ARCS.strength == 0)).sum() < both.sum() / 5, "closeness 2 shuts some out"


def test_bridges_come_from_mutual_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [set(ARCS.target[ARCS.start[u] : ARCS.start[u + 1]].tolist()) for u in range(GRAPH.people)]
    for few in (2, 30):
        monkeypatch.setattr(bridge, "FEW_TIES", few)
        found = bridges(ARCS.start, ARCS.target, ARCS.mirror)
        for k in range(0, len(ARCS), 997):
            m = bridge.mutual(rows[ARCS.source[k]], rows[ARCS.target[k]])
            assert found[k] == round(bridge.bridge(m) * 10_000)


def test_skills_are_distinct_and_as_many_as_said() -> None:
    for lists, most in ((GRAPH.seeker_skills(), 12), (GRAPH.opening_skills(), 8)):
        for k in range(len(lists)):
            own = lists.of(k).tolist()
            assert len(set(own)) == len(own) <= most
    assert np.diff(GRAPH.opening_skill_offsets).min() >= 1


def test_ids_sort_as_the_numbers_do() -> None:
    numbers = [0, 9, 10, 99, 100, 12_345_678]
    for identity in (person_id, opening_id):
        assert sorted(map(identity, numbers)) == [identity(number) for number in numbers]


def test_a_graph_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    first = generated(SIZE, cache=tmp_path)
    again = generated(SIZE, cache=tmp_path)
    assert same(first.graph, GRAPH)
    assert same(again.graph, GRAPH)
    assert np.array_equal(again.arcs.bridge, ARCS.bridge)


def test_new_ties_join_people_who_had_none() -> None:
    ties = draw_ties(Data("small", GRAPH, ARCS), 50)
    held = set(zip(GRAPH.a.tolist(), GRAPH.b.tolist(), strict=True))
    drawn = set(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
    assert len(ties) == len(drawn) == 50
    assert not held & drawn
    assert (ties.a < ties.b).all()
    assert ((ties.kind_a > 0) | (ties.kind_b > 0)).all()


@pytest.mark.parametrize("name", ["lastfm_asia"])
def test_a_real_graph_keeps_its_ties(name: str, tmp_path: Path) -> None:
    if not (DATA / REAL[name]).exists():
        pytest.skip(f"{DATA / REAL[name]} is not there (WARMPATH_DATA names the folder)")
    data = real(name, cache=tmp_path)
    assert len(data.arcs) == 2 * 27_806
    assert len(data.graph.opening_company) == 23_494
    assert warm_from_some_side(data.arcs) == pytest.approx(1 / 3, abs=0.02)
