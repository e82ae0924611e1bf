"""Organisations that members make: web domains, people, invitations and keys, and what erasure leaves of them."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from services.postings import timers
from shared.web.cards import Cards
from tests.component.postings.conftest import OPERATOR, SERVICE, member
from tests.component.postings.test_api import OPENING

BASE = "/v1/organisations"
ADA, BEN, EVE = member("ada"), member("ben"), member("eve")


async def made(service, token=ADA, name="Initech") -> str:
    return (await service.ok("POST", BASE, token, json={"name": name}))["organisation_id"]


async def verified(service, token=ADA, email="ada@initech.example") -> str:
    """An organisation whose domain is verified."""
    organisation = await made(service, token)
    await service.ok("POST", f"{BASE}/{organisation}/domain", token, json={"email": email})
    await service.ok("POST", f"{BASE}/{organisation}/domain/verify", token, json={"code": await code(service)})
    return organisation


async def code(service) -> str:
    [(_, _, text)] = await service.letters()
    return re.search(r"code: (\d{3} \d{3})", text)[1]


async def link(service) -> str:
    [(_, _, text)] = await service.letters()
    return re.search(r"token=(\S+)", text)[1]


async def joined(service, organisation, token, role="recruiter") -> None:
    await service.ok("POST", f"{BASE}/{organisation}/invitations", ADA, json={"email": "x@mail.example", "role": role})
    await service.ok("POST", "/v1/invitations/accept", token, json={"link": await link(service)})


async def opening(service, organisation, token=ADA, **more) -> str:
    posted = await service.ok("POST", f"/v1/postings?organisation={organisation}", token, json=OPENING | more)
    return posted["posting_id"]


async def everything(service) -> str:
    """All tables of postings but the audit's digests, as one text."""
    tables = await service.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    rows = [await service.pool.fetch(f"SELECT t::text FROM {each['tablename']} t") for each in tables]  # noqa: S608
    return "\n".join(row[0] for found in rows for row in found)


async def test_a_verified_domain_makes_openings_vouched_and_losing_it_takes_that_back(service):
    organisation = await made(service)
    posting = await opening(service, organisation)
    assert (await service.event_of(posting))[1]["vouched"] is False
    asked = await service.ok("POST", f"{BASE}/{organisation}/domain", ADA, json={"email": "Ada@Initech.Example"})
    assert (asked["domain"], asked["domain_proof"]["email"]) == (None, "ada@initech.example")
    [(address, subject, text)] = await service.letters()
    assert address == "ada@initech.example"
    assert "Initech" not in subject + text, "nobody's own words"
    given = re.search(r"(\d{3} \d{3})", text)[1]
    seen = await service.ok("POST", f"{BASE}/{organisation}/domain/verify", ADA, json={"code": given})
    assert (seen["domain"], seen["vouched"], seen["domain_proof"]) == ("initech.example", True, None)
    await timers.tick(service.pool, service.clock)
    version, value = await service.event_of(posting)
    assert value["vouched"] is True
    assert (await service.event_of(await opening(service, organisation)))[1]["vouched"] is True
    await service.ok("DELETE", f"{BASE}/{organisation}/domain", ADA)
    await timers.tick(service.pool, service.clock)
    again, value = await service.event_of(posting)
    assert (value["vouched"], again > version) == (False, True)
    assert (await service.call("DELETE", f"{BASE}/{organisation}/domain", ADA)).status_code == 404


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("recruiter", False), ("viewer", False)])
async def test_only_owners_see_which_address_is_to_prove_the_domain(service, role, sees):
    organisation = await verified(service)
    await joined(service, organisation, BEN, role)
    await service.ok("POST", f"{BASE}/{organisation}/domain", ADA, json={"email": "chief@initech.example"})
    seen = await service.ok("GET", f"{BASE}/{organisation}", BEN)
    assert seen["role"] == role
    assert (seen["domain_proof"] is not None) == sees
    assert ("chief@" in json.dumps(seen)) == sees


@pytest.mark.parametrize("reader", [ADA, BEN, EVE])
async def test_colleagues_see_each_others_names_whether_or_not_they_find_each_other(service, reader):
    """And nothing else of them: `profiles` here knows everybody, and gives nobody but themself their card."""
    organisation = await verified(service)
    await joined(service, organisation, BEN)
    await joined(service, organisation, EVE, "viewer")

    def profiles(request: httpx2.Request) -> httpx2.Response:
        asked = json.loads(request.content)
        own = [{"id": one, "name": one.title(), "email": f"{one}@mail.example"} for one in asked["ids"]]
        return httpx2.Response(200, json={"cards": [card for card in own if card["id"] == asked["viewer"]]})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(profiles)) as client:
        service.app.state.dependencies = replace(service.app.state.dependencies, cards=Cards(client, "http://p.test"))
        answer = await service.ok("GET", f"{BASE}/{organisation}/members", reader)
    assert [each["name"] for each in answer["items"]] == ["Ada", "Ben", "Eve"]
    assert "@" not in json.dumps(answer)


async def test_an_operators_word_outweighs_a_domain(service):
    organisation = await verified(service)
    path = f"/internal/v1/organisations/{organisation}/vouched"
    await service.ok("PUT", path, OPERATOR, json={"vouched": False})
    assert (await service.ok("GET", f"{BASE}/{organisation}", ADA))["vouched"] is False
    assert (await service.event_of(await opening(service, organisation)))[1]["vouched"] is False


@pytest.mark.parametrize(
    "email",
    [
        "ada@gmail.com", "ada@gmx.de", "ada@sub.gmail.com", "ada@guerrillamail.com", "ada@initech.onmicrosoft.com",
        "ada@privaterelay.appleid.com", "ada", "ada@host", "@x.example",
    ],
)  # fmt: skip
async def test_an_address_that_anybody_can_have_proves_nothing(service, email):
    organisation = await made(service)
    answer = await service.call("POST", f"{BASE}/{organisation}/domain", ADA, json={"email": email})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")
    assert await service.letters() == []


async def test_a_code_is_good_once_for_its_organisation_and_five_tries(service):
    organisation, other = await made(service), await made(service, BEN)
    await service.ok("POST", f"{BASE}/{organisation}/domain", ADA, json={"email": "ada@initech.example"})
    right = await code(service)
    wrong = "000000" if right != "000 000" else "111111"

    async def tried(given, token=ADA, which=organisation):
        return (await service.call("POST", f"{BASE}/{which}/domain/verify", token, json={"code": given})).status_code

    assert await tried(right, BEN, other) == 403
    assert [await tried(wrong) for _ in range(5)] == [403] * 5
    assert await tried(right) == 403, "too many were tried"
    await service.ok("POST", f"{BASE}/{organisation}/domain", ADA, json={"email": "ada@initech.example"})
    right = await code(service)
    assert [await tried(right), await tried(right)] == [200, 403]
    assert right.replace(" ", "") not in await everything(service)


async def test_the_codes_to_a_domain_are_limited_whoever_asks_and_no_answer_tells(service):
    for number in range(21):
        who = member(f"m{number}")
        organisation = await made(service, who)
        body = {"email": f"a{number}@initech.example"}
        assert (await service.call("POST", f"{BASE}/{organisation}/domain", who, json=body)).status_code == 202
    assert len(await service.letters()) == 20


async def test_a_member_makes_three_organisations_a_month(service):
    for _ in range(3):
        await made(service)
    answer = await service.call("POST", BASE, ADA, json={"name": "One more"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3600
    await made(service, BEN)


async def test_somebody_invited_accepts_by_the_link_once(service):
    organisation = await verified(service)
    path = f"{BASE}/{organisation}/invitations"
    answers = [
        await service.call("POST", path, ADA, json={"email": email, "role": "recruiter"})
        for email in ("ben@mail.example", "nobody@mail.example")
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert {tuple(answer.json()) for answer in answers} == {tuple(answers[0].json())}
    letters = await service.letters()
    assert [subject for _, subject, _ in letters] == ["You are invited to an organisation on Warmpath"] * 2
    token = next(re.search(r"token=(\S+)", text)[1] for to, _, text in letters if to == "ben@mail.example")
    assert token not in await everything(service)
    seen = await service.ok("POST", "/v1/invitations/look", BEN, json={"link": token})
    assert (seen["name"], seen["role"], seen["domain"]) == ("Initech", "recruiter", "initech.example")
    assert (await service.call("GET", f"{BASE}/{organisation}", BEN)).status_code == 404, "not accepted yet"
    both = [service.call("POST", "/v1/invitations/accept", each, json={"link": token}) for each in (BEN, EVE)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*both)) == [200, 404]
    assert (await service.call("POST", "/v1/invitations/look", EVE, json={"link": token})).status_code == 404
    assert [each["email"] for each in (await service.ok("GET", path, ADA))["items"]] == ["nobody@mail.example"]


async def test_invitations_end_by_themselves_by_revoking_and_with_whoever_made_them(service):
    organisation = await verified(service)
    path = f"{BASE}/{organisation}/invitations"
    invited = await service.ok("POST", path, ADA, json={"email": "ben@mail.example", "role": "viewer"})
    first = await link(service)
    again = await service.ok("POST", path, ADA, json={"email": "ben@mail.example", "role": "owner"})
    second = await link(service)
    assert again["invitation_id"] != invited["invitation_id"]
    look = ("POST", "/v1/invitations/look", BEN)
    assert (await service.call(*look, json={"link": first})).status_code == 404, "the second took its place"
    await service.ok("DELETE", f"{path}/{again['invitation_id']}", ADA)
    assert (await service.call(*look, json={"link": second})).status_code == 404
    assert (await service.call("DELETE", f"{path}/{again['invitation_id']}", ADA)).status_code == 404
    await service.ok("POST", path, ADA, json={"email": "ben@mail.example", "role": "owner"})
    third = await link(service)
    await service.pool.execute("UPDATE proofs SET expires_at = now() - interval '1 second'")
    assert (await service.call(*look, json={"link": third})).status_code == 404
    await timers.clean(service.pool, service.clock)
    assert await service.pool.fetchval("SELECT count(*) FROM proofs") == 0
    await joined(service, organisation, BEN, "owner")
    await service.ok("POST", path, BEN, json={"email": "eve@mail.example", "role": "owner"})
    await service.ok("PUT", f"{BASE}/{organisation}/members/ben", ADA, json={"role": "viewer"})
    assert (await service.ok("GET", path, ADA))["items"] == []


async def test_nobody_is_invited_while_nobody_vouches(service):
    organisation = await made(service, name="Win $1000 at http://evil.example")
    body = {"email": "ben@mail.example", "role": "viewer"}
    answer = await service.call("POST", f"{BASE}/{organisation}/invitations", ADA, json=body)
    assert (answer.status_code, await service.letters()) == (409, [])
    await service.ok("PUT", f"/internal/v1/organisations/{organisation}/vouched", OPERATOR, json={"vouched": True})
    await service.ok("POST", f"{BASE}/{organisation}/invitations", ADA, json=body)
    [(_, subject, text)] = await service.letters()
    assert "evil" not in subject
    assert "http://evil.example" not in text, "words are no link"


async def test_roles_count_at_once_and_the_last_owner_stays(service):
    organisation = await verified(service)
    await joined(service, organisation, BEN)
    posting = await opening(service, organisation, BEN)
    people = f"{BASE}/{organisation}/members"
    for refused in (
        await service.call("DELETE", f"{people}/ada", ADA),
        await service.call("PUT", f"{people}/ada", ADA, json={"role": "viewer"}),
    ):
        assert refused.status_code == 409
    assert (await service.call("DELETE", f"{people}/ada", BEN)).status_code == 403
    await service.ok("PUT", f"{people}/ben", ADA, json={"role": "viewer"})
    closing = f"/v1/postings/{posting}/close?organisation={organisation}"
    assert (await service.call("POST", closing, BEN)).status_code == 403
    assert (await service.call("GET", f"/v1/postings?organisation={organisation}", BEN)).status_code == 200
    await service.ok("DELETE", f"{people}/ben", BEN)
    assert (await service.call("GET", f"/v1/postings?organisation={organisation}", BEN)).status_code == 404
    assert [each["member_id"] for each in (await service.ok("GET", people, ADA))["items"]] == ["ada"]
    assert (await service.call("PUT", f"{people}/nobody", ADA, json={"role": "owner"})).status_code == 404


async def test_two_owners_who_leave_at_once_leave_one(service):
    organisation = await verified(service)
    await joined(service, organisation, BEN, "owner")
    people = f"{BASE}/{organisation}/members"
    leaving = [service.call("DELETE", f"{people}/{who}", member(who)) for who in ("ada", "ben")]
    assert sorted(answer.status_code for answer in await asyncio.gather(*leaving)) == [204, 409]


async def test_hiring_contacts_work_there_and_agreed(service):
    organisation = await verified(service)
    kept = {"organisation_id": organisation}
    await joined(service, organisation, BEN)
    await service.agrees("ben", kept)
    await service.agrees("stranger", kept)
    path = f"/v1/postings?organisation={organisation}"
    for who, status in (("ada", 422), ("stranger", 422), ("ben", 201)):
        answer = await service.call("POST", path, ADA, json=OPENING | {"hiring_contact": who})
        assert answer.status_code == status, who
    posting = answer.json()["posting_id"]
    people = (await service.ok("GET", f"{BASE}/{organisation}/members", ADA))["items"]
    assert {each["member_id"]: each["hiring_contact"] for each in people} == {"ada": False, "ben": True}
    await service.ok("DELETE", f"{BASE}/{organisation}/members/ben", ADA)
    assert "hiring_contact" not in (await service.event_of(posting))[1]


async def test_a_key_is_named_scoped_and_replaced_with_an_overlap(service):
    organisation = await made(service)
    keys = f"{BASE}/{organisation}/keys"
    old = await service.ok("POST", keys, ADA, json={"name": "feed", "scope": "post"})
    reading = await service.ok("POST", keys, ADA, json={"name": "report", "scope": "read"})
    await service.ok("POST", "/v1/postings", old["api_key"], json=OPENING)
    assert (await service.call("POST", "/v1/postings", reading["api_key"], json=OPENING)).status_code == 403
    assert len((await service.ok("GET", "/v1/postings", reading["api_key"]))["items"]) == 1
    new = await service.ok("POST", f"{keys}/{old['key_id']}/rotate", ADA, json={"overlap_hours": 1})
    assert (await service.call("POST", f"{keys}/{old['key_id']}/rotate", ADA, json={})).status_code == 409
    for each in (old, new):
        assert (await service.call("GET", "/v1/postings", each["api_key"])).status_code == 200
    listed = await service.call("GET", keys, ADA)
    found = {each["key_id"]: each for each in listed.json()["items"]}
    assert found[new["key_id"]]["name"] == "feed"
    assert found[old["key_id"]]["expires_at"] is not None
    assert found[reading["key_id"]]["last_used_at"] is not None
    kept = listed.text + await everything(service)
    assert not any(each["api_key"] in kept for each in (old, new, reading))
    await service.pool.execute("UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL")
    assert (await service.call("GET", "/v1/postings", old["api_key"])).status_code == 401
    await timers.clean(service.pool, service.clock)
    assert await service.pool.fetchval("SELECT count(*) FROM api_keys") == 2
    await service.ok("DELETE", f"{keys}/{new['key_id']}", ADA)
    assert (await service.call("GET", "/v1/postings", new["api_key"])).status_code == 401


async def test_a_key_and_a_member_name_no_other_organisation(service, key):
    organisation = await made(service)
    assert (await service.call("GET", f"/v1/postings?organisation={organisation}", key)).status_code == 404
    answer = await service.call("GET", "/v1/postings", ADA)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "organisation")


async def test_whoever_is_erased_is_in_no_table_and_an_organisation_without_anybody_is_closed(service):
    organisation = await verified(service)
    await joined(service, organisation, BEN)
    await service.agrees("ben", {"organisation_id": organisation})
    posting = await opening(service, organisation, BEN, hiring_contact="ben")
    key = await service.ok("POST", f"{BASE}/{organisation}/keys", ADA, json={"name": "feed"})
    headers = {"Idempotency-Key": "once"}
    await service.ok("POST", BASE, member("ben-of-initech"), json={"name": "Kept"}, headers=headers)
    for who in ("ben", "ben-of-initech"):
        await service.erase(who)
    text = await everything(service)
    assert "ben" not in text.replace("digest", "")
    assert (await service.call("GET", "/v1/postings", key["api_key"])).status_code == 200, "Ada is still there"
    path = f"{BASE}/{organisation}/invitations"
    await service.ok("POST", path, ADA, json={"email": "eve@mail.example", "role": "viewer"})
    await service.erase("ada")
    assert (await service.call("GET", "/v1/postings", key["api_key"])).status_code == 401
    assert (await service.event_of(posting))[1]["status"] == "closed"
    assert "eve@mail.example" not in await everything(service)


async def test_an_operators_organisation_goes_on_without_people(service, key):
    organisation = service.keys[0]["organisation_id"]
    await service.ok("PUT", f"/internal/v1/organisations/{organisation}/members/ada", OPERATOR, json={"role": "owner"})
    posting = await opening(service, organisation)
    await service.erase("ada")
    assert (await service.call("GET", "/v1/postings", key)).status_code == 200
    assert (await service.event_of(posting))[1]["status"] == "open"


async def test_what_is_kept_of_a_member_is_told_for_their_export(service):
    organisation = await verified(service)
    await service.ok("POST", f"{BASE}/{organisation}/invitations", ADA, json={"email": "b@x.example", "role": "viewer"})
    kept = await service.ok("GET", "/internal/v1/members/ada/organisations", SERVICE)
    assert [(each["name"], each["role"]) for each in kept["organisations"]] == [("Initech", "owner")]
    assert [each["email"] for each in kept["invitations"]] == ["b@x.example"]
    assert await service.ok("GET", "/internal/v1/members/nobody/organisations", SERVICE) == {
        "organisations": [], "invitations": [],
    }  # fmt: skip


async def test_what_members_do_to_organisations_stands_in_the_audit_without_their_ids(service):
    organisation = await verified(service)
    await joined(service, organisation, BEN)
    await service.ok("DELETE", f"{BASE}/{organisation}/members/ben", ADA)
    service.clock.moment += timedelta(seconds=1)
    lines = (await service.ok("GET", "/internal/v1/audit", OPERATOR))["items"]
    actions = [line["action"] for line in reversed(lines) if line["subject"] == organisation]
    assert actions == ["organisation.added", "domain.verified", "invitation.sent", "member.joined", "member.removed"]
    assert not any(line["actor_id"] in ("ada", "ben") or line["subject"] == "ben" for line in lines)
