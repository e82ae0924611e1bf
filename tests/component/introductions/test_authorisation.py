"""Who may ask introductions for what: every endpoint by kind of caller and part, as a table that is walked."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.component.introductions.conftest import OPERATOR, SERVICE, token

CALLERS = {
    "seeker": token("amara"), "introducer": token("mei"), "target": token("ida"), "stranger": token("kai"),
    "recruiter": "wpr_key", "service": SERVICE, "operator": OPERATOR, "unknown": "wpm_nobody", "nobody": None,
}  # fmt: skip
PARTS = {"seeker", "introducer", "target"}
MEMBERS = PARTS | {"stranger"}
OPERATORS, SERVICES = {"operator"}, {"service"}
ONE = "/v1/introductions/{introduction_id}"

TABLE: Mapping[tuple[str, str], set[str]] = {
    ("POST", "/v1/introductions"): MEMBERS,
    ("GET", "/v1/introductions"): MEMBERS,
    ("GET", "/v1/introductions/preview"): MEMBERS,
    ("GET", ONE): PARTS,
    ("POST", f"{ONE}/answer"): PARTS,
    ("POST", f"{ONE}/target-answer"): PARTS,
    ("POST", f"{ONE}/withdraw"): PARTS,
    ("POST", f"{ONE}/sent"): PARTS,
    ("POST", f"{ONE}/outcome"): PARTS,
    ("POST", f"{ONE}/talked"): PARTS,
    ("POST", f"{ONE}/link"): PARTS,
    ("GET", "/v1/give"): MEMBERS,
    ("POST", "/v1/offers"): MEMBERS,
    ("GET", "/v1/keep-in-touch"): MEMBERS,
    ("POST", "/v1/keep-in-touch/{person_id}"): MEMBERS,
    ("GET", "/v1/limits"): MEMBERS,
    ("PUT", "/v1/limits"): MEMBERS,
    ("GET", "/internal/v1/introductions/{introduction_id}/message"): SERVICES,
    ("POST", "/internal/v1/introductions/{introduction_id}/links"): SERVICES,
    ("GET", "/internal/v1/introductions/{introduction_id}"): OPERATORS,
    ("GET", "/internal/v1/introductions"): OPERATORS,
    ("GET", "/internal/v1/overview"): OPERATORS,
    ("GET", "/internal/v1/keep-in-touch"): SERVICES,
}
"""Who is let in. An introduction is a 404 to every member whom it never reached, whether or not it exists.

The endpoints that take a link, and those that every service has, are tested where they are.
"""

BODIES: Mapping[str, Any] = {
    "/v1/introductions": {"suggestion_id": "none", "introducer_ids": ["mei"], "known_as_looking": True},
    f"{ONE}/answer": {"answer": "yes"},
    f"{ONE}/target-answer": {"answer": "yes"},
    f"{ONE}/outcome": {"outcome": "talked"},
    "/internal/v1/introductions/{introduction_id}/links": {"member_id": "ida"},
    "/v1/offers": {"posting_id": "o1", "seeker_id": "amara"},
    "/v1/limits": {},
    "/v1/keep-in-touch/{person_id}": {"what": "done"},
}
OURS = tuple({path.partition("/{")[0] for _, path in TABLE})
NOT_THERE = "no such introduction"


async def accepted(world: Any) -> str:
    """An introduction that has reached all three."""
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    await world.answer(one, "mei", "yes")
    return str(one["id"])


async def send(world: Any, method: str, path: str, caller: str, introduction_id: str) -> Any:
    shown = CALLERS[caller]
    query = {"/message": "?member=amara&kind=agreed", "/keep-in-touch": "?member=amara"}
    more = next((each for end, each in query.items() if path.endswith(end) and "internal" in path), "")
    return await world.http.request(
        method, path.format(introduction_id=introduction_id, person_id="kai") + more, json=BODIES.get(path),
        headers={"Authorization": f"Bearer {shown}"} if shown else {},
    )  # fmt: skip


async def test_every_endpoint_of_introductions_is_in_the_table(world):
    described = {
        (method.upper(), path)
        for path, methods in world.app.openapi()["paths"].items()
        for method in methods
        if path.startswith(OURS)
    }
    assert set(TABLE) == described


@pytest.mark.parametrize("caller", CALLERS)
async def test_each_kind_of_caller_is_let_in_where_the_table_says(world, caller: str):
    made = await accepted(world)
    for (method, path), allowed in TABLE.items():
        answer = await send(world, method, path, caller, made)
        refused = answer.status_code in (401, 403) or answer.json().get("detail") == NOT_THERE
        assert refused == (caller not in allowed), f"{caller} {method} {path}: {answer.status_code}"
        if caller in ("nobody", "unknown"):
            assert answer.status_code == 401


async def test_what_is_others_is_not_there_whether_or_not_it_exists(world):
    made = await accepted(world)
    for method, path in TABLE:
        if "{introduction_id}" in path and path.startswith("/v1"):
            found = [await send(world, method, path, "stranger", one) for one in (made, "nothing")]
            assert [answer.status_code for answer in found] == [404, 404]
            assert {answer.json()["detail"] for answer in found} == {NOT_THERE}
