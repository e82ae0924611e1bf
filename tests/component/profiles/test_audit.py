"""Who did what stands in the audit: with the effect or not at all, never changed, and without anybody's data."""

import asyncpg
import pytest

from shared.web import audit
from tests.component.profiles.conftest import OPERATOR
from tests.component.profiles.test_erasure import a_network, everything


async def actions(service, **query):
    answer = await service.call("GET", "/internal/v1/audit", OPERATOR, params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_a_member_does_and_what_is_done_to_them_is_found_by_their_id(service):
    dana, _, _ = await a_network(service)
    await service.ok("PATCH", "/v1/me", dana, json={"introduces": True})
    await service.ok("DELETE", "/v1/me", dana)
    lines = await actions(service, about=dana.id)
    done = [(line["actor"], line["action"]) for line in reversed(lines)]
    assert done[0] == ("operator", "member.added")
    assert ("member", "contacts.imported") in done
    assert done[-2:] == [("member", "profile.changed"), ("member", "member.erased")]
    assert all(line["request_id"] and line["trace_id"] for line in lines)


async def test_it_names_nobody(service, module_database):
    dana, _, ana = await a_network(service)
    text = (await everything(module_database))["audit"]
    assert audit.person(dana.id) in text
    assert not [word for word in (dana.id, ana, "Okafor", "dana@example.org", "Silvestre") if word in text]


async def test_what_fails_is_not_noted(service):
    dana = await service.member("Dana Okafor", "dana@example.org")
    before = len(await actions(service))
    answer = await service.call("PATCH", "/v1/me", dana, json={"employments": "none"})
    assert answer.status_code == 422
    assert len(await actions(service)) == before


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_it_is_only_added_to(service, module_database, statement):
    await service.member("Dana Okafor", "dana@example.org")
    connection = await asyncpg.connect(module_database.dsn("profiles"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_pages_go_back_in_time(service):
    for number in range(3):
        await service.member(f"Member {number}", f"m{number}@example.org")
    first = (await service.call("GET", "/internal/v1/audit", OPERATOR, params={"limit": 2})).json()
    rest = (await service.call("GET", "/internal/v1/audit", OPERATOR, params={"cursor": first["next"]})).json()
    numbers = [line["seq"] for line in first["items"] + rest["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 3


async def test_it_is_for_operators(service):
    dana = await service.member("Dana Okafor", "dana@example.org")
    assert (await service.call("GET", "/internal/v1/audit", dana)).status_code == 403
