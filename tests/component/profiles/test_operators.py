"""Members whom the configuration names are operators while they are signed in; nobody else is."""

import pytest

from shared.tokens import person_digest
from tests.component.profiles.conftest import OPERATOR, SERVICE, Person

AUDIT = "/internal/v1/audit"


@pytest.fixture
async def ada(service) -> Person:
    """An operator who is signed in."""
    return await service.sign_in("ada@operators.example")


async def test_a_session_of_theirs_opens_what_operators_may_and_the_audit_has_no_id(service, ada, dana):
    assert (await service.call("GET", AUDIT, ada)).status_code == 200
    await service.ok("DELETE", f"/internal/v1/members/{dana.id}/tokens", ada)
    [line] = [
        each for each in (await service.ok("GET", AUDIT, OPERATOR))["items"] if each["action"] == "tokens.revoked"
    ]
    assert (line["actor"], line["actor_id"]) == ("operator", person_digest(ada.id))
    assert (await service.ok("GET", "/v1/me", ada))["member_id"] == ada.id
    assert (await service.call("GET", f"/v1/me?member={dana.id}", ada)).status_code == 404, "as a member they are one"


async def test_a_token_for_a_program_of_theirs_and_everybody_else_is_no_operator(service, ada, dana):
    made = await service.ok("POST", "/v1/tokens", ada, json={"name": "script", "scope": "all"})
    for token in (made["token"], dana.token, (await service.sign_in("eve@operators.example")).token):
        assert (await service.call("GET", AUDIT, token)).status_code == 403


async def test_an_address_that_is_merely_claimed_makes_nobody_an_operator(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"email": "ada@operators.example"})
    made = await service.ok("POST", f"/internal/v1/members/{dana.id}/sign-in-links", OPERATOR)
    session = (await service.finish(link=made["link"])).json()["token"]
    assert (await service.call("GET", AUDIT, session)).status_code == 403


async def test_the_other_services_are_told(service, ada, dana):
    async def told(token):
        return await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": token})

    assert (await told(ada.token))["operates"] is True
    assert "operates" not in await told(dana.token)
