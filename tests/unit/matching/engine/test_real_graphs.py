"""The engine against the plain one on pieces of real graphs, through a random history of everything."""

import random

import pytest

from services.matching.rules import bridge
from shared.resolution import Vocabulary
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.real import RealCrowd
from tests.unit.matching.engine.side_by_side import SideBySide

pytestmark = pytest.mark.slow

WORLDS = [
    ("deezer_hu", 100, 3, 100),
    pytest.param("deezer_hu", 300, 4, 40, marks=pytest.mark.long),
    pytest.param("lastfm_asia", 90, 4, 120, marks=pytest.mark.long),
    ("lastfm_asia", 400, 10, 30),
    ("dblp", 120, 2, 80),
    pytest.param("dblp", 250, 6, 60, marks=pytest.mark.long),
]
"""The graph, how many people, from how many ties mutual ones count, how many steps. By day one of each graph."""


@pytest.mark.parametrize(("graph", "size", "few_ties", "steps"), WORLDS)
def test_on_a_piece_of_a_real_graph_both_say_the_same(graph, size, few_ties, steps, monkeypatch):
    monkeypatch.setattr(bridge, "FEW_TIES", few_ties)
    chance = random.Random(f"{graph} {size}")
    crowd, both = RealCrowd(chance, graph, size), SideBySide(Vocabulary.default())
    both.step(crowd.begin(), chance)
    assert len(both.plain.suggestions()) > size / 10, "too dull to prove anything"
    for _ in range(steps):
        both.step(chance.choice(STEPS)(crowd), chance)
        both.ask(chance, 3)
    both.from_scratch()
    both.ask_literally(chance)
    assert both.mattered > steps / 5
