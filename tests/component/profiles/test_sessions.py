"""Where somebody is signed in, tokens for programs, and what each of them may do."""

import re
from typing import Any

import pytest

from services.profiles import timers
from tests.component.profiles.conftest import OPERATOR, SERVICE, Person

EMAIL = "dana@example.org"


async def listed(service, who, what="sessions"):
    return (await service.ok("GET", f"/v1/{what}", who))["items"]


async def token(service, who, **form: Any) -> tuple[str, Person]:
    """A new token's id, and its holder."""
    made = await service.ok("POST", "/v1/tokens", who, json=form)
    return made["token_id"], Person(who.id, made["token"])


async def test_a_member_sees_where_they_are_signed_in(service, dana):
    first = await service.sign_in(EMAIL, about="Firefox on Linux")
    second = await service.sign_in(EMAIL)
    await service.sign_in("other@example.org")
    items = await listed(service, second)
    assert [(one["current"], one["about"]) for one in items] == [(True, None), (False, "Firefox on Linux")]
    assert set(items[0]) == {"session_id", "created_at", "last_used_at", "current", "about"}
    assert [one["current"] for one in await listed(service, first)] == [False, True]
    assert [one["current"] for one in await listed(service, dana)] == [False, False], "its token is no session"


async def test_a_session_can_be_ended_from_another(service):
    first, second = await service.sign_in(EMAIL), await service.sign_in(EMAIL)
    other = next(one["session_id"] for one in await listed(service, second) if not one["current"])
    stranger = await service.sign_in("other@example.org")
    assert (await service.call("DELETE", f"/v1/sessions/{other}", stranger)).status_code == 404
    assert (await service.call("GET", "/v1/me", first)).status_code == 200
    assert (await service.call("DELETE", f"/v1/sessions/{other}", second)).status_code == 204
    assert (await service.call("GET", "/v1/me", first)).status_code == 401
    assert (await service.call("DELETE", f"/v1/sessions/{other}", second)).status_code == 404
    assert (await service.call("DELETE", "/v1/sessions/nonsense", second)).status_code == 422
    answer = await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": first.token})
    assert answer == {"active": False}, "other services learn it too"


async def test_signing_out_and_signing_out_everywhere_else(service, dana):
    first, second, third = [await service.sign_in(EMAIL) for _ in range(3)]
    assert (await service.call("DELETE", "/v1/sessions/current", first)).status_code == 204
    assert (await service.call("GET", "/v1/me", first)).status_code == 401
    assert (await service.call("DELETE", "/v1/sessions", second)).status_code == 204
    codes = [(await service.call("GET", "/v1/me", who)).status_code for who in (second, third, dana)]
    assert codes == [200, 401, 200], "tokens for programs are no sessions"
    assert (await service.call("DELETE", "/v1/sessions/current", dana)).status_code == 404


async def test_a_session_ends_after_thirty_days_without_use_and_use_moves_its_end(service):
    member = await service.sign_in(EMAIL)
    left = "SELECT round(extract(epoch FROM expires_at - clock_timestamp()) / 86400) FROM tokens WHERE session"
    used = "SELECT clock_timestamp() - last_used_at < interval '1 minute' FROM tokens WHERE session"
    assert await service.pool.fetchval(left) == 30
    shift = """UPDATE tokens SET expires_at = expires_at - $1::text::interval,
        last_used_at = last_used_at - $1::text::interval"""
    await service.pool.execute(shift, "59 minutes")
    await service.ok("GET", "/v1/me", member)
    assert not await service.pool.fetchval(used), "noted once an hour"
    await service.pool.execute(shift, "29 days")
    assert await service.pool.fetchval(left) == 1
    await service.ok("GET", "/v1/me", member)
    assert await service.pool.fetchval(used)
    assert await service.pool.fetchval(left) == 30
    await service.pool.execute(shift, "30 days")
    assert (await service.call("GET", "/v1/me", member)).status_code == 401
    await timers.delete_expired(service.pool)
    assert await service.pool.fetchval("SELECT count(*) FROM tokens") == 0


async def test_use_through_another_service_is_use(service):
    member = await service.sign_in(EMAIL)
    await service.pool.execute("UPDATE tokens SET last_used_at = last_used_at - interval '2 hours'")
    await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": member.token})
    [session] = await listed(service, member)
    assert await service.pool.fetchval("SELECT clock_timestamp() - last_used_at < interval '1 minute' FROM tokens")
    assert session["last_used_at"] > session["created_at"]


async def test_a_request_does_not_wait_for_another_that_notes_the_use(service, dana):
    async with service.pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM tokens FOR UPDATE")
        assert (await service.call("GET", "/v1/me", dana)).status_code == 200


async def test_tokens_are_made_named_listed_and_ended(service, dana):
    token_id, program = await token(service, dana, name="My script")
    assert re.fullmatch(r"wpm_[\w-]{43}", program.token)
    assert (await service.ok("GET", "/v1/me", program))["member_id"] == dana.id
    newest, first = await listed(service, dana, "tokens")
    assert (newest["name"], newest["scope"], first["name"]) == ("My script", "all", None)
    assert newest["last_used_at"] is not None
    assert "token" not in newest
    stranger = await service.member("Eve Stone", "eve@example.org")
    assert (await service.call("DELETE", f"/v1/tokens/{token_id}", stranger)).status_code == 404
    assert (await service.call("DELETE", f"/v1/tokens/{token_id}", dana)).status_code == 204
    assert (await service.call("GET", "/v1/me", program)).status_code == 401
    assert (await service.call("DELETE", f"/v1/tokens/{token_id}", dana)).status_code == 404


async def test_sessions_and_tokens_are_not_ended_as_each_other(service, dana):
    signed_in = await service.sign_in(EMAIL)
    [session] = await listed(service, signed_in)
    [made] = await listed(service, signed_in, "tokens")
    assert (await service.call("DELETE", f"/v1/tokens/{session['session_id']}", dana)).status_code == 404
    assert (await service.call("DELETE", f"/v1/sessions/{made['token_id']}", dana)).status_code == 404


async def test_there_are_fifty_tokens_at_most(service, dana):
    add = "INSERT INTO tokens (token_hash, member_id) SELECT 'h' || n, $1 FROM generate_series(1, 48) AS n"
    await service.pool.execute(add, dana.id)
    assert (await service.call("POST", "/v1/tokens", dana, json={"name": "50"})).status_code == 201
    assert (await service.call("POST", "/v1/tokens", dana, json={"name": "51"})).status_code == 409


@pytest.mark.parametrize("form", [{}, {"name": ""}, {"name": "x", "scope": "write"}, {"name": "x" * 201}])
async def test_a_token_without_name_or_with_another_scope_is_422(service, dana, form):
    assert (await service.call("POST", "/v1/tokens", dana, json=form)).status_code == 422


async def test_a_token_that_may_only_read_changes_nothing(service, dana):
    _, reader = await token(service, dana, name="Dashboard", scope="read")
    assert (await service.call("GET", "/v1/me", reader)).status_code == 200
    for path, methods in service.app.openapi()["paths"].items():
        if path.startswith("/v1"):
            for method in set(methods) - {"get"}:
                answer = await service.call(method.upper(), re.sub(r"\{\w+\}", "x", path), reader, json={})
                assert (answer.status_code, answer.json()["detail"]) == (403, "this token may only read"), path
    assert (await service.ok("GET", "/v1/me", dana))["name"] == "Dana Okafor"
    answer = await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": reader.token})
    assert answer == {"active": True, "kind": "member", "id": dana.id, "scope": "read"}


async def test_operators_do_not_act_for_members_here(service):
    for method, path in (
        ("GET", "sessions"),
        ("DELETE", "sessions"),
        ("GET", "tokens"),
        ("DELETE", "sessions/current"),
    ):
        for who in (OPERATOR, SERVICE):
            assert (await service.call(method, f"/v1/{path}", who)).status_code == 403


async def test_an_operator_ends_every_token_and_session(service, dana):
    signed_in = await service.sign_in(EMAIL)
    assert (await service.call("DELETE", f"/internal/v1/members/{dana.id}/tokens", OPERATOR)).status_code == 204
    assert [(await service.call("GET", "/v1/me", who)).status_code for who in (dana, signed_in)] == [401, 401]
