"""Somebody who is no member asks: what their record says they seek and block holds for them as for a member."""

from typing import Any

import pytest

from services.matching.engine.engine import Engine
from services.matching.rules import questions
from tests.unit.matching.engine.histories import VOCABULARY, event

INITECH = VOCABULARY.company("Initech", None)
BLOCKS = {"blocked_companies": ["Globex"]}


def world(
    seeking: dict[str, Any] | None, *, member: bool = False, brought_in: bool = False, left: bool = False
) -> Engine:
    """`asker`, and `friend` who works at Initech and, unless they `left`, at Globex."""
    engine = Engine(VOCABULARY)
    globex = {"company": "Globex", **({"end": "2024-01-01"} if left else {})}
    friend = {"person_id": "friend", "member": False, "employments": [{"company": "Initech"}, globex]}
    tie = {"person_id": "asker", "contact_id": "friend", "evidence": [{"kind": "address", "source": "import"}]}
    engine.apply_all(
        [
            event("clock.v1", "day", {"day": "2026-03-01"}, 1),
            event("people.v1", "friend", {**friend, **({"imported_by": "asker"} if brought_in else {})}, 1),
            event("people.v1", "asker", {"person_id": "asker", "member": member, "seeking": seeking}, 1),
            *([] if brought_in else [event("ties.v1", "asker:friend", tie, 1)]),
        ]
    )
    return engine


def offered(engine: Engine) -> list[str]:
    """Whom the way in leads through, path or not; the plain rules say the same."""
    paths, ways = engine.paths("asker", INITECH)
    assert (paths, ways) == questions.paths(engine.network, engine.state.people["asker"], INITECH)
    return [*(path.introducer for path in paths), *(way.person for way in ways)]


@pytest.mark.parametrize("brought_in", [True, False])
@pytest.mark.parametrize("member", [True, False])
@pytest.mark.parametrize("discreet", [True, False])
def test_nobody_of_a_company_that_a_search_blocks_is_offered(discreet, member, brought_in):
    assert offered(world({"discreet": discreet, **BLOCKS}, member=member, brought_in=brought_in)) == []


@pytest.mark.parametrize("seeking", [None, {"discreet": True}, {"discreet": False}])
def test_without_such_a_search_they_are(seeking):
    assert offered(world(seeking)) == ["friend"]


def test_and_once_they_left_the_company():
    assert offered(world({"discreet": True, **BLOCKS}, left=True)) == ["friend"]


def test_it_holds_on_when_a_member_leaves_and_comes_back():
    engine = world({"discreet": True, **BLOCKS}, member=True)
    for version, member in enumerate((False, True, False), 2):
        person = {"person_id": "asker", "member": member, "seeking": {"discreet": True, **BLOCKS}}
        engine.apply(event("people.v1", "asker", person, version))
        assert offered(engine) == []
