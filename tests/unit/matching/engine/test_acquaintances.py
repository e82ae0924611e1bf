"""How a member knows people, asked in short questions; what is told of each is tested where it is served."""

import asyncio
from typing import Any

import pytest

from services.matching.engine import acquaintances
from services.matching.engine.engine import Engine
from services.matching.engine.engines import PlainEngine
from tests.unit.matching.engine.histories import TODAY, VOCABULARY, event

ENGINES = [Engine, PlainEngine]


def knowing(kind: type[Engine | PlainEngine], *names: str) -> Engine | PlainEngine:
    """An engine in which a member stated 4 about each of these."""
    engine = kind(VOCABULARY, today=TODAY)
    engine.apply(event("people.v1", "me", {"person_id": "me", "member": True}, 1))
    for name in names:
        engine.apply(event("people.v1", name, {"person_id": name, "member": False, "imported_by": "me"}, 1))
        said = {"person_id": "me", "contact_id": name, "evidence": [{"kind": "closeness", "value": 4}]}
        engine.apply(event("ties.v1", f"me:{name}", said, 1))
    return engine


@pytest.mark.parametrize("kind", ENGINES)
def test_it_is_asked_in_short_questions_and_whoever_is_gone_meanwhile_is_left_out(kind, monkeypatch):
    monkeypatch.setattr("services.matching.engine.reach.QUESTION_S", 0.0)
    engine = knowing(kind, "a", "b", "c")
    search = acquaintances.begin(engine, "me")
    search.go_on(engine)
    assert (len(search.found), len(search.waiting)) == (1, 2)
    gone = search.waiting[-1]
    engine.apply(event("ties.v1", f"me:{gone}", None, 2))
    search.go_on(engine)
    search.go_on(engine)
    assert search.waiting == []
    assert set(search.found) == {"a", "b", "c"} - {gone}


@pytest.mark.parametrize("kind", ENGINES)
def test_every_question_does_something_and_all_of_them_everything(kind, monkeypatch):
    monkeypatch.setattr("services.matching.engine.reach.QUESTION_S", 0.0)
    engine, asked = knowing(kind, *"abcde"), 0

    async def ask(question: Any) -> Any:
        nonlocal asked
        asked += 1
        return question(engine)

    search = asyncio.run(acquaintances.find_acquaintances(ask, "me"))
    assert (set(search.found), asked) == (set("abcde"), 6)
    assert [one.person_id for one in acquaintances.asleep(search)] == list("abcde")
    assert asyncio.run(acquaintances.find_acquaintances(ask, "nobody")) is None


@pytest.mark.parametrize("kind", ENGINES)
def test_before_the_day_is_known_nobody_is_found(kind):
    assert acquaintances.begin(kind(VOCABULARY), "me") is None
