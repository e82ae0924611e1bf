"""Whoever is erased is in no table, no topic, no queue of mail, no log and no session of any service."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.testing.processes import SERVICE_TOKEN
from shared.testing.reading import latest
from tests.integration.whole_stack import WholeStack, whole_stack

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NAME, FRIEND = "Adaeze Quillfeather", "Wystan Ormerod"
WHERE_IDS_STAY = {"profiles.erased", "profiles.outbox", "notifications.erased", "introductions.erased"}
"""For 30 days: versions of what was erased, and tombstones that are published again."""

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"


async def tables_with(stack: WholeStack, word: str) -> set[str]:
    """The tables, of every service, in which a word stands anywhere."""
    query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    found = set()
    for schema, table in await stack.admin.fetch(query):
        count = f'SELECT count(*) FROM "{schema}"."{table}" t WHERE strpos(t::text, $1) > 0'  # noqa: S608 - the catalogue's
        if await stack.admin.fetchval(count, word):
            found.add(f"{schema}.{table}")
    return found


async def topics_with(stack: WholeStack, word: str) -> set[str]:
    """The topics in which a word stands in a value, once they are compacted."""
    found = set()
    for topic in STATE_TOPICS:
        values = await latest(stack.bootstrap, topic.name, topic.partitions)
        if any(value is not None and word in json.dumps(value) for _, value in values.values()):
            found.add(topic.name)
    return found


async def sign_in(stack: WholeStack, email: str) -> Any:
    asked = {"email": email, "browser": "b" * 43, "source": "192.0.2.1"}
    begun = await stack.ok("profiles", "POST", "/internal/v1/sign-ins", SERVICE_TOKEN, json=asked)
    code = await stack.mailed(email, r"code: (\d{3} \d{3})")
    given = {"sign_in_id": begun["sign_in_id"], "code": code, "about": "Firefox on Linux"}
    return await stack.ok("profiles", "POST", "/internal/v1/sign-ins/finish", SERVICE_TOKEN, json=given)


async def a_full_life(stack: WholeStack, email: str) -> Any:
    """Somebody who signs in, seeks, brings a book, works in an organisation of hers, and invites somebody."""
    ada = await sign_in(stack, email)
    token = ada["token"]
    profile = {"name": NAME, "seeking": {"titles": ["Data Engineer"]}, "introduces": True}
    await stack.ok("profiles", "PATCH", "/v1/me", token, json=profile)
    book = f"{HEADER}\n{FRIEND.replace(' ', ',')},,w@ormerod.example,Initech,Engineer,01 Feb 2021\n"
    await stack.ok("profiles", "POST", "/v1/contacts/import?source=linkedin", token, content=book.encode())
    made = await stack.ok("postings", "POST", "/v1/organisations", token, json={"name": "Initech"})
    organisation = made["organisation_id"]
    await stack.ok("postings", "PUT", f"/internal/v1/organisations/{organisation}/vouched", json={"vouched": True})
    base, invited = f"/v1/organisations/{organisation}", {"email": f"{uuid4()}@invited.example", "role": "viewer"}
    await stack.ok("postings", "POST", f"{base}/invitations", token, json=invited)
    await stack.ok("postings", "POST", f"{base}/domain", token, json={"email": f"a@{uuid4().hex}.example"})
    await stack.ok("profiles", "PATCH", "/v1/me", token, json={"hiring_contact_for": [organisation]})
    await stack.rest()
    opening = {"company": {"name": "Initech"}, "title": "Data Engineer", "workplace": "remote"}
    opening["hiring_contact"] = ada["member_id"]
    headers = {"Idempotency-Key": "once"}
    await stack.ok(
        "postings", "POST", f"/v1/postings?organisation={organisation}", token, json=opening, headers=headers
    )
    await stack.rest()
    return ada | {"invited": invited["email"]}


async def test_whoever_is_erased_is_nowhere_and_what_was_left_would_be_found(module_kafka, module_database, tmp_path):
    email = f"{uuid4()}@quillfeather.example"
    async with whole_stack(module_kafka.bootstrap, module_database, tmp_path) as stack:
        ada = await a_full_life(stack, email)
        who = ada["member_id"]
        assert {"profiles.members", "postings.organisation_members", "postings.proofs"} <= await tables_with(stack, who)
        assert {"people.v1", "postings.v1"} <= await topics_with(stack, who)
        await stack.ok("profiles", "DELETE", "/v1/me", ada["token"])
        await stack.rest()

        for word in (NAME, email, FRIEND, "ormerod.example", ada["invited"]):
            assert await tables_with(stack, word) == set(), word
            assert await topics_with(stack, word) == set(), word
        assert await tables_with(stack, who) <= WHERE_IDS_STAY
        assert await topics_with(stack, who) == set()
        for service in ("profiles", "postings", "notifications"):
            path = {"profiles": "/v1/me", "postings": "/v1/organisations", "notifications": "/v1/inbox"}[service]
            answer = await stack.call(service, "GET", path, ada["token"])
            assert answer.status_code in (401, 404) or answer.json()["items"] == [], "known for at most half a minute"
        for log in stack.logs.values():
            text = log.read_text(errors="replace")
            assert not any(word in text for word in (NAME, email, FRIEND, ada["invited"])), log

        await stack.admin.execute(
            "INSERT INTO postings.organisation_members SELECT organisation_id, $1, 'viewer', now() "
            "FROM postings.organisations",
            who,
        )
        assert await tables_with(stack, who) - WHERE_IDS_STAY == {"postings.organisation_members"}
