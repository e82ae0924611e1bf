"""What members choose, and what operators do with dead letters, stands in the audit."""

from shared.web import audit
from tests.component.notifications.conftest import OPERATOR, token


def bearer(shown):
    return {"Authorization": f"Bearer {shown}"}


async def noted(world, **query):
    answer = await world.http.get("/internal/v1/audit", headers=bearer(OPERATOR), params=query)
    assert answer.status_code == 200, answer.text
    return [(line["actor"], line["action"], line["subject"]) for line in reversed(answer.json()["items"])]


async def test_who_chose_for_a_member_is_found_by_their_id(world):
    mine = {"email": {"enabled": False}}
    assert (await world.http.put("/v1/preferences", headers=bearer(token("ada")), json=mine)).status_code == 200
    params = {"member": "ada"}
    assert (await world.http.put("/v1/preferences", headers=bearer(OPERATOR), json={}, params=params)).is_success
    assert (await world.http.put("/v1/preferences", headers=bearer(token("bob")), json={"x": 1})).status_code == 422
    rows = [(actor, "preferences.changed", audit.person("ada")) for actor in ("member", "operator")]
    assert await noted(world, about="ada") == rows
    assert await noted(world) == rows, "what was refused is not noted"


async def test_what_is_done_with_letters_is_noted_by_place(world):
    told = {"step": "replaying", "letters": ["1:5"]}
    path = "/internal/v1/audit/letters"
    assert (await world.http.post(path, headers=bearer(OPERATOR), json=told)).status_code == 204
    assert await noted(world) == [("operator", "letter.replaying", "notifications.dlq 1:5")]
    assert (await world.http.post(path, headers=bearer(token("ada")), json=told)).status_code == 403


async def test_it_is_for_operators(world):
    assert (await world.http.get("/internal/v1/audit", headers=bearer(token("ada")))).status_code == 403
