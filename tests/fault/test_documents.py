"""Every answer of every service is one that its OpenAPI document tells of, whoever asks and whatever they send."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from cli.demo.load import Account
from infra.documents import app_of
from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.testing.processes import OPERATOR_TOKEN, SERVICE_TOKEN
from shared.testing.wait import until
from shared.web.pagination import encode_cursor
from tests.fault.asking import Asked
from tests.fault.storm import Storm, storm

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

OPENINGS = 12
ASKS = 20
READERS_FIRST = ("matching", "introductions", "notifications", "postings", "profiles")
"""The other two take away what these tell of."""

ODD = ["\x00", "x" * 201, "Zo\xeb \U0001f600", "%00"]
"""Ids that are none, after those that exist."""

HUGE = "9" * 30
TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-01T00:00:00+00:00")
CURSORS = [
    *(encode_cursor(first, *rest) for first in (HUGE, f"-{HUGE}", "7", *TIMES) for rest in ((), ("x",))),
    encode_cursor("best", HUGE),
    "x",
]
"""Well made, of one list or another, with values that a database may not hold."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory) -> AsyncIterator[Storm]:
    """All services over one broker and one database, with people, openings and suggestions in them."""
    async with storm(0, tmp_path_factory.mktemp("documents")) as made:
        for number in range(OPENINGS):
            await made._post(f"opening-{number}")
        yield made


@dataclass(frozen=True)
class Known:
    """What requests can be made of: who may be calling, ids by parameter, bodies by operation."""

    callers: dict[str, dict[str, str]]
    ids: dict[str, list[str]]
    bodies: dict[str, Any]


async def _someone(running: Storm) -> tuple[Account, list[str]]:
    """A member who has suggestions, and their items; first one with somebody to ask by hand."""

    async def found() -> tuple[Account, list[str]] | None:
        for account in running.accounts:
            answer = await running.clients["notifications"].get("/v1/inbox?kind=suggestion", headers=account.auth)
            items = answer.json()["items"] if answer.is_success else []
            if any(_by_hand(item) for item in items):
                return account, [item["id"] for item in sorted(items, key=_by_hand, reverse=True)]
        return None

    return await until(found, timeout=240, every=0.5, what="somebody has suggestions (a first start compiles)")


def _by_hand(item: dict[str, Any]) -> bool:
    return any(path["ask"] == "hand" for path in item["paths"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def known(running: Storm) -> Known:
    """Callers and ids, as they are before anything is taken away."""
    member, items = await _someone(running)
    postings, profiles = running.clients["postings"], running.clients["profiles"]
    contacts = [each["id"] for each in (await profiles.get("/v1/contacts", headers=member.auth)).json()["items"]]
    made = (await postings.post("/internal/v1/organisations", json={"name": "Initech"})).json()
    keys = f"/internal/v1/organisations/{made['organisation_id']}/keys"
    tokens = {"operator": OPERATOR_TOKEN, "service": SERVICE_TOKEN, "stranger": "wpm_nobody"}
    callers = {who: {"Authorization": f"Bearer {token}"} for who, token in tokens.items()}
    for organisation in (made["organisation_id"], running.organisation):
        await _works_there(postings, member, running, organisation)
    ids = {
        "posting_id": list(running.openings),
        "contact_id": contacts,
        "item_id": items,
        "member": [member.id],
        "member_id": [account.id for account in running.accounts if account.id != member.id][:3],
        "organisation_id": [made["organisation_id"]],
        "organisation": [running.organisation],
        "key_id": [(await postings.post(keys)).json()["key_id"] for _ in range(12)],
        "company": ["Initech"],
        "token": ["of-no-e-mail"],
        "token_id": [(await _made(profiles, "/v1/tokens", member, name=f"program {n}"))["token_id"] for n in range(3)],
        "session_id": await _sessions(running, member),
        "letter": ["0:17"],
        "invitation_id": ["none"],
        "person_id": contacts,
        "introducer": contacts,
        "seeker_id": [member.id],
        "source": ["linkedin"],
        "kind": ["titles"],
        "name": ["Initech"],
    }
    ids = {name: [*known, *ODD] for name, known in ids.items()}
    callers |= {"member": member.auth, "recruiter": running.recruiter, "nobody": {}}
    return Known(callers, ids, _bodies(running.network.openings[0], contacts))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def of_introductions(running: Storm, known: Known) -> Known:
    """The same, with who asks and who was asked, their introductions, and what is still to be asked."""
    by_id = {account.id: account for account in running.accounts}
    paths = [each for account in running.accounts for each in await _paths(running, account)]
    # Whom the first path leads to is asked by nobody meanwhile: they have room for what is still to be asked.
    others = [each for each in paths if each[2] != paths[0][2]]
    made = [(*each, await _asked(running, *each)) for each in others[:ASKS]]
    answered = [each for each in made if each[3]["state"] == "asked" and each[2] in by_id]
    seeker, _, introducer, _ = answered[0]
    theirs = [one["id"] for who, _, asked, one in answered if who is seeker or asked == introducer]
    ids = known.ids | {
        "introduction_id": [*theirs, *ODD],
        "introducer_id": [introducer, *ODD],
        "suggestion_id": [answered[0][1], *ODD],
    }
    callers = known.callers | {"member": by_id[introducer].auth, "seeker": seeker.auth, "another": paths[0][0].auth}
    bodies = known.bodies | _about_introductions(*paths[0][1:3], introducer)
    return Known(callers, ids, bodies)


async def _paths(running: Storm, account: Account) -> list[tuple[Account, str, str]]:
    """(who, suggestion, best introducer) of somebody's suggestions."""
    inbox = await running.clients["notifications"].get("/v1/inbox?kind=suggestion", headers=account.auth)
    return [(account, item["id"], item["paths"][0]["introducer_id"]) for item in inbox.json()["items"]]


async def _asked(running: Storm, seeker: Account, suggestion: str, introducer: str) -> dict[str, Any]:
    """The introduction that somebody asks for; nothing of what their limits refuse."""

    async def answered() -> httpx2.Response | None:
        client, body = running.clients["introductions"], _ask(suggestion, introducer)
        answer = await client.post("/v1/introductions", headers=seeker.auth, json=body)
        return None if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE else answer

    answer = await until(answered, timeout=240, every=0.5, what="the matcher answers (a first start compiles)")
    return answer.json() if answer.is_success else {"state": "refused"}


def _ask(suggestion: str, introducer: str) -> dict[str, Any]:
    return {"suggestion_id": suggestion, "introducer_ids": [introducer], "known_as_looking": True}


async def _works_there(postings: Any, member: Account, running: Storm, organisation: str) -> None:
    """The member owns the organisation, and others are in it."""
    people = f"/internal/v1/organisations/{organisation}/members"
    await postings.put(f"{people}/{member.id}", json={"role": "owner"})
    for account in [each for each in running.accounts if each.id != member.id][:3]:
        await postings.put(f"{people}/{account.id}", json={"role": "viewer"})


async def _made(client: httpx2.AsyncClient, path: str, member: Account, **body: Any) -> Any:
    return (await client.post(path, headers=member.auth, json=body)).raise_for_status().json()


async def _sessions(running: Storm, member: Account) -> list[str]:
    """Three sessions of the member."""
    profiles, service = running.clients["profiles"], {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    for _ in range(3):
        link = (await profiles.post(f"/internal/v1/members/{member.id}/sign-in-links")).json()["link"]
        await profiles.post("/internal/v1/sign-ins/finish", headers=service, json={"link": link})
    found = (await profiles.get("/v1/sessions", headers=member.auth)).json()["items"]
    return [each["session_id"] for each in found]


def _bodies(opening: dict[str, Any], contacts: list[str]) -> dict[str, Any]:
    profile = {"name": "Dana Okafor", "email": "dana@example.org", "seeking": {"titles": ["Data Engineer"]}}
    row = "Dana,Okafor,https://www.linkedin.com/in/dana-okafor-example,,Initech,Data Engineer,10 Mar 2024"
    opening = {name: value for name, value in opening.items() if name != "external_id"}
    return {
        "POST /v1/postings": opening,
        "PUT /v1/postings/{posting_id}": opening,
        "PATCH /v1/postings/{posting_id}": {"title": "Data Engineer"},
        "POST /v1/postings/bulk": [opening, {}],
        "POST /v1/seen-openings": {"text": "Data Engineer at Initech"},
        "POST /internal/v1/members": profile,
        "PUT /v1/me": profile,
        "PUT /v1/contacts/closeness": {"ratings": [{"contact_id": contacts[0], "value": 3}]},
        "PUT /v1/contacts/{contact_id}/closeness": {"value": 4},
        "PUT /v1/contacts/{contact_id}/worked-together": {"company": "Initech", "months": 12},
        "POST /v1/contacts/{contact_id}/confirm": {},
        "POST /internal/v1/organisations": {"name": "Globex"},
        "POST /v1/organisations": {"name": "Globex"},
        "PATCH /v1/organisations/{organisation_id}": {"name": "Globex"},
        "PUT /v1/organisations/{organisation_id}/members/{member_id}": {"role": "viewer"},
        "PUT /internal/v1/organisations/{organisation_id}/members/{member_id}": {"role": "viewer"},
        "POST /v1/organisations/{organisation_id}/keys": {"name": "feed"},
        "POST /v1/organisations/{organisation_id}/keys/{key_id}/rotate": {"overlap_hours": 1},
        "POST /internal/v1/introspect": {"token": "wpm_nobody"},
        "POST /internal/v1/audit/letters": {"step": "replaying", "letters": ["0:17"]},
        "POST /internal/v1/dead-letters/resolve": {"outcome": "dropped", "letters": ["0:17"]},
        "POST /internal/v1/entries/now": {"ids": contacts[:2]},
        "POST /internal/v1/entries/{contact_id}/answered": {"owner_id": contacts[0], "member_id": contacts[1]},
        "POST /internal/v1/cards": {"ids": contacts[:2], "viewer": contacts[0]},
        "PATCH /v1/me": {"introduces": True},
        "PUT /v1/me/corrections": {"name": "Initech of Ohio", "company": "Initech"},
        "POST /v1/tokens": {"name": "a program"},
        "PUT /internal/v1/organisations/{organisation_id}/vouched": {"vouched": True},
        "POST /internal/v1/acquaintances": {"member_id": contacts[0], "people": contacts[:2]},
        "PUT /v1/preferences": {"timezone": "Europe/Lisbon"},
        "POST /v1/contacts/import": f"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n{row}\n",
    }


def _about_introductions(suggestion: str, introducer: str, asked: str) -> dict[str, Any]:
    one = "/v1/introductions/{introduction_id}"
    return {
        "POST /v1/introductions": _ask(suggestion, introducer),
        f"POST {one}/answer": {"answer": "yes"},
        f"POST {one}/target-answer": {"answer": "yes"},
        f"POST {one}/outcome": {"outcome": "talked"},
        "POST /v1/keep-in-touch/{person_id}": {"what": "later"},
        "PUT /v1/limits": {"asks_a_month": 4},
        f"POST /internal{one}/links": {"member_id": asked},
    }


STREAM = "/v1/inbox/stream"
NEEDS_MORE = {
    "POST /internal/v1/sign-ins",
    "POST /internal/v1/sign-ins/finish",
    "POST /internal/v1/sign-ins/provider",
    "POST /internal/v1/sign-ins/provider/finish",
    "POST /internal/v1/entries/{contact_id}/forget",
    "POST /internal/v1/forgetting",
    "POST /internal/v1/forgetting/finish",
    "POST /v1/me/email",
    "POST /v1/me/email/verify",
    "POST /v1/me/import",
    "PUT /internal/v1/members/{member_id}/verified-email",
    "DELETE /v1/sessions/current",
    "DELETE /v1/sessions/{session_id}",
    "POST /v1/organisations/{organisation_id}/domain",
    "POST /v1/organisations/{organisation_id}/domain/verify",
    "POST /v1/organisations/{organisation_id}/domain/record",
    "DELETE /v1/organisations/{organisation_id}/domain",
    "POST /v1/organisations/{organisation_id}/invitations",
    "DELETE /v1/organisations/{organisation_id}/invitations/{invitation_id}",
    "POST /v1/invitations/look",
    "POST /v1/invitations/accept",
    "GET /internal/v1/dead-letters/{letter}",
    "GET /internal/v1/introduction-paths",
    "GET /v1/inbox/{item_id}/withdrawn",
    "GET /v1/introductions/preview",
    "GET /internal/v1/introductions/{introduction_id}/message",
    "GET /internal/v1/keep-in-touch",
    "POST /internal/v1/introductions/{introduction_id}/links",
    "POST /v1/answers/{token}",
    "POST /v1/answers/{token}/mine",
    "POST /v1/answers/{token}/open",
    "POST /v1/introductions/{introduction_id}/link",
    "POST /v1/introductions/{introduction_id}/outcome",
    "POST /v1/introductions/{introduction_id}/sent",
    "POST /v1/introductions/{introduction_id}/talked",
    "POST /v1/introductions/{introduction_id}/target-answer",
    "POST /v1/introductions/{introduction_id}/withdraw",
    "POST /v1/keep-in-touch/{person_id}",
    "POST /v1/offers",
}
"""Accepted only with one of two parameters, a mail server, a proof, another provider, an archive, a dead letter, an
item that is gone, a session that nothing else has ended, an introduction in another state or a link: tests/component
and tests/browser have each."""


async def test_the_live_stream_answers_as_its_document_says(running, known):
    told = app_of("notifications").openapi()["paths"][STREAM]["get"]["responses"]
    client, statuses = running.clients["notifications"], {}
    for caller, headers in known.callers.items():
        for query in ("", f"?member={known.ids['member'][0]}", "?member=nobody", "?member="):
            sent = {"Authorization": ""} | dict(headers)
            async with client.stream("GET", STREAM + query, headers=sent) as answer:
                assert str(answer.status_code) in told
                kind = answer.headers["content-type"].partition(";")[0]
                assert kind == ("text/event-stream" if answer.is_success else "application/problem+json")
                statuses.setdefault(caller, set()).add(answer.status_code)
    assert statuses == {
        "operator": {200, 422},
        "member": {200, 404, 422},
        "recruiter": {403},
        "service": {403},
        "stranger": {401},
        "nobody": {401},
    }


@pytest.mark.scaled
@pytest.mark.parametrize("service", READERS_FIRST)
async def test_every_answer_is_one_that_the_document_tells_of(running, known, of_introductions, service):
    known = of_introductions if service == "introductions" else known
    ids = {**known.ids, "topic": [topic.name for topic in STATE_TOPICS if topic.owner == service] + ODD}
    tried = {"cursor": CURSORS, "about": [known.ids["member"][0], *ODD]}
    asked = Asked(service, running.services[service].url, known.callers, ids, known.bodies, tried)
    operations = await asyncio.to_thread(asked.ask_all)
    assert {caller for _, caller, _ in asked.seen} == set(asked.callers)
    fine = {label for label, _, status in asked.seen if 200 <= status < 300}
    never = set(operations) - fine - NEEDS_MORE
    answers = {label: sorted(each[1:] for each in asked.seen if each[0] == label) for label in never}
    assert answers == {}, "never accepted: nothing was seen of success"
