"""Somebody who is no member asks: they have evidence of nobody, whatever their record says they seek and block."""

from typing import Any

import pytest

from services.matching.engine.engine import Engine
from services.matching.rules import questions
from tests.records import address, contact, event_of, events_of, job, person, tie
from tests.unit.matching.engine.histories import VOCABULARY

INITECH = VOCABULARY.company("Initech", None)
BLOCKS = {"blocked_companies": ["Globex"]}


def told(engine: Engine, version: int, seeking: dict[str, Any] | None, *, member: bool) -> None:
    engine.apply(event_of(person("asker", member=member, seeking=seeking), version))


def world(seeking: dict[str, Any] | None, *, member: bool, left: bool = False, until: str | None = None) -> Engine:
    """`asker`, and `friend` who works at Initech (`until` a day) and, unless they `left`, at Globex."""
    engine = Engine(VOCABULARY)
    jobs = [job(end=until), job("Globex", end="2024-01-01" if left else None)]
    engine.apply(event_of({"day": "2026-03-01"}))
    engine.apply_all(events_of(contact("friend", *jobs, of="asker"), tie("asker", "friend", address())))
    told(engine, 1, seeking, member=member)
    return engine


def named(engine: Engine) -> list[str]:
    """Who is named, on a path or as having left; the plain rules say the same."""
    paths, left = engine.paths("asker", INITECH)
    assert (paths, left) == questions.paths(engine.network, engine.state.people["asker"], INITECH)
    return [*(path.introducer for path in paths), *(one.person for one in left)]


@pytest.mark.parametrize("until", [None, "2020-01-01"])
@pytest.mark.parametrize("seeking", [None, {"discreet": False}, BLOCKS])
def test_who_is_no_member_is_told_of_nobody(seeking, until):
    assert named(world(seeking, member=False, until=until)) == []


@pytest.mark.parametrize("until", [None, "2020-01-01"])
@pytest.mark.parametrize("discreet", [True, False])
def test_nobody_of_a_company_that_a_search_blocks_is_named(discreet, until):
    assert named(world({"discreet": discreet, **BLOCKS}, member=True, until=until)) == []
    assert named(world({"discreet": discreet}, member=True, until=until)) == ["friend"]
    assert named(world({"discreet": discreet, **BLOCKS}, member=True, until=until, left=True)) == ["friend"]


def test_it_holds_on_when_a_member_leaves_and_comes_back():
    engine = world(None, member=True)
    assert named(engine) == ["friend"]
    told(engine, 2, BLOCKS, member=False)
    assert named(engine) == []
    told(engine, 3, BLOCKS, member=True)
    assert named(engine) == []
    told(engine, 4, {}, member=True)
    assert named(engine) == ["friend"]
