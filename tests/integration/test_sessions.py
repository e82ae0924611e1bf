"""A session through every service as it runs: begun by an e-mail, known everywhere, and ended everywhere."""

import asyncio
from typing import Any

import httpx2
import pytest

from shared.testing.processes import SERVICE_TOKEN
from tests.integration.whole_stack import WholeStack, whole_stack

EMAIL = "dana@example.org"
BROWSER = "b" * 43
END_S = 75
"""Streams end within a minute; the rest is for a busy machine."""


async def sign_in(stack: WholeStack) -> Any:
    asked = {"email": EMAIL, "browser": BROWSER, "source": "192.0.2.1"}
    begun = await stack.ok("profiles", "POST", "/internal/v1/sign-ins", SERVICE_TOKEN, json=asked)
    code = await stack.mailed(EMAIL, r"code: (\d{3} \d{3})")
    given = {"sign_in_id": begun["sign_in_id"], "code": code}
    return await stack.ok("profiles", "POST", "/internal/v1/sign-ins/finish", SERVICE_TOKEN, json=given)


async def until_it_ends(stream: httpx2.Response) -> None:
    async for _ in stream.aiter_bytes():
        pass


@pytest.mark.long
async def test_a_session_is_known_everywhere_and_ended_everywhere(own_kafka, module_database, tmp_path):
    async with whole_stack(own_kafka.bootstrap, module_database, tmp_path) as stack:
        made = await sign_in(stack)
        token = made["token"]
        assert (await stack.ok("profiles", "GET", "/v1/me", token))["member_id"] == made["member_id"]
        assert (await stack.ok("notifications", "GET", "/v1/inbox", token))["items"] == []
        assert (await stack.call("matching", "GET", "/v1/ask-next", token)).status_code in (200, 404)
        form = {"name": "Dashboard", "scope": "read"}
        reader = (await stack.ok("profiles", "POST", "/v1/tokens", token, json=form))["token"]
        wanted = await stack.ok("notifications", "GET", "/v1/preferences", reader)
        assert (await stack.call("notifications", "PUT", "/v1/preferences", reader, json=wanted)).status_code == 403
        assert (await stack.call("notifications", "PUT", "/v1/preferences", token, json=wanted)).status_code == 200
        headers = {"Authorization": f"Bearer {token}"}
        async with stack.clients["notifications"].stream("GET", "/v1/inbox/stream", headers=headers) as stream:
            assert stream.status_code == 200
            await stack.ok("profiles", "DELETE", "/v1/sessions/current", token)
            async with asyncio.timeout(END_S):
                await until_it_ends(stream)
        assert (await stack.call("notifications", "GET", "/v1/inbox", token)).status_code == 401
        assert (await stack.call("notifications", "GET", "/v1/inbox", reader)).status_code == 200
