"""Who finds whom, on the service: in both directions, as consents, books, claims, employers and searches change.

What the owner of an address book can see stays byte for byte the same while they find nobody.
"""

import json
from datetime import timedelta

import pytest

from services.profiles import timers
from tests.component.profiles.conftest import HEADER

LINK = "https://www.linkedin.com/in/"
VICTIM = "x,y,,victim@corp.example,,,"
SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20


async def hidden(service, name="Vera Victim", email="victim@corp.example", **more):
    """A verified member who let nobody find them."""
    job = {"company": "SecretCorp", "title": "Engineer"}
    return await service.member(name, email, verified=True, findable="contacts", employments=[job], **more)


async def omar(service):
    return await service.member("Omar Osei", "omar@mail.example", verified=True, findable="contacts")


async def only(service, who):
    (contact,) = (await service.contacts(who)).values()
    return contact


async def seen_by(service, who):
    """All that the owner of an address book can read of it."""
    paths = ("/v1/contacts", "/v1/companies", "/v1/me", "/v1/contacts?claimed=true", "/v1/contacts?search=victim")
    answers = [await service.ok("GET", path, who) for path in paths]
    ids = [contact["id"] for contact in answers[0]["items"]]
    cards = await service.ok("POST", "/internal/v1/cards", SERVICE, json={"ids": ids, "viewer": who.id})
    return json.dumps([*answers, cards], sort_keys=True)


async def test_an_address_is_not_enough_to_get_a_name(service):
    stranger, victim = await omar(service), await hidden(service)
    await service.bring(stranger, VICTIM)
    contact = await only(service, stranger)
    assert (contact["member"], contact["name"]) == (False, "x y")
    assert victim.id not in await seen_by(service, stranger)
    assert f"{stranger.id}:{victim.id}" not in await service.said("ties.v1")
    answer = await service.ok("POST", "/internal/v1/cards", SERVICE, json={"ids": [victim.id], "viewer": stranger.id})
    assert answer == {"cards": []}


async def test_nothing_tells_a_hidden_member_from_nobody_and_from_somebody_who_left(service):
    """Three worlds, one after the other, seen through the same address book; then with guesses among many."""
    stranger = await omar(service)
    report = await service.bring(stranger, VICTIM)
    nobody = await seen_by(service, stranger)
    victim = await hidden(service, profile_url=LINK + "victim")
    assert await seen_by(service, stranger) == nobody
    again = await service.bring(stranger, VICTIM)
    assert again == report | {"added": 0, "unchanged": 1}
    await service.bring(victim, "Omar,Osei,,omar@mail.example,,,")
    await service.ok("PATCH", "/v1/me", victim, json={"name": "V.", "seeking": {"titles": ["Engineer"]}})
    assert await seen_by(service, stranger) == nobody
    await service.ok("DELETE", "/v1/me", victim)
    assert await seen_by(service, stranger) == nobody
    await hidden(service)
    guesses = [f"g{n},h,,guess{n}@corp.example,,," for n in range(200)]
    report = await service.bring(stranger, *guesses, VICTIM)
    assert (report["accepted"], report["added"]) == (201, 200)
    assert not any(contact["member"] for contact in (await service.contacts(stranger)).values())


async def test_who_is_visible_to_their_contacts_is_found_and_lost_again(service):
    owner, dana = await omar(service), await hidden(service)
    await service.bring(owner, VICTIM)
    before = await only(service, owner)
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,")
    for consent in ("visible_to_contacts", "introduces"):
        await service.ok("PATCH", "/v1/me", dana, json={consent: True})
        found = await only(service, owner)
        assert (found["id"], found["member"]) == (dana.id, True)
        assert set(await service.tie(owner, dana.id)) == {"connected"}
        assert (await service.said("people.v1"))[before["id"]] is None
        await service.ok("PATCH", "/v1/me", dana, json={consent: False})
        assert await only(service, owner) == before
        people, ties = await service.said("people.v1"), await service.said("ties.v1")
        assert people[before["id"]]["member"] is False
        assert ties[f"{owner.id}:{dana.id}"] is None
        assert ties[f"{owner.id}:{before['id']}"]["evidence"]


async def test_versions_grow_however_often_somebody_is_found_and_lost(service):
    owner, dana = await omar(service), await hidden(service)
    await service.bring(owner, VICTIM)
    contact = (await only(service, owner))["id"]
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,")
    far = 9_000_000_000_000
    await service.ok("PATCH", "/v1/me", dana, json={"visible_to_contacts": True})
    await service.pool.execute("UPDATE erased SET version = $1", far)
    await service.ok("PATCH", "/v1/me", dana, json={"visible_to_contacts": False})
    assert (await service.said("people.v1"))[contact]["version"] == far + 1
    assert (await service.said("ties.v1"))[f"{owner.id}:{contact}"]["version"] == far + 1


async def test_either_book_decides(service):
    owner, dana = await omar(service), await hidden(service, visible_to_contacts=True)
    await service.bring(owner, VICTIM, "Bo,Li,,,Globex,,")
    assert not (await service.contacts(owner))["x y"]["member"], "Dana does not list Omar"
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,")
    assert (await service.contacts(owner))["x y"]["member"], "as soon as she does"
    await service.bring(dana, "Bo,Li,,,Globex,,")
    assert not (await service.contacts(owner))["x y"]["member"]
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,")
    await service.bring(owner, "Bo,Li,,,Globex,,")
    assert f"{owner.id}:{dana.id}" not in {k for k, v in (await service.said("ties.v1")).items() if v}
    await service.bring(owner, VICTIM)
    assert (await only(service, owner))["member"]


async def replace_address(service, member, email):
    """A member gives another address, which an operator then verifies."""
    await service.ok("PATCH", "/v1/me", member, json={"email": email})
    path = f"/internal/v1/members/{member.id}/verified-email"
    assert (await service.call("PUT", path, OPERATOR, json={"email": email})).status_code == 204


async def test_an_address_that_was_replaced_finds_nobody(service):
    owner, dana = await omar(service), await hidden(service, visible_to_contacts=True)
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,")
    await service.bring(owner, VICTIM)
    await service.ok("PATCH", "/v1/me", owner, json={"email": "other@mail.example"})
    assert (await only(service, owner))["member"], "the old one counts until the new one is verified"
    await replace_address(service, owner, "other@mail.example")
    assert not (await only(service, owner))["member"], "nobody knows that this is who Dana lists"
    await service.ok("PATCH", "/v1/me", dana, json={"findable": "anyone"})
    assert (await only(service, owner))["member"]
    await replace_address(service, dana, "other@corp.example")
    assert not (await only(service, owner))["member"]


async def test_a_yes_to_one_is_a_yes_to_nobody_else(service):
    owner, other, dana = await omar(service), await service.member("Bo", "bo@mail.example"), await hidden(service)
    for who in (owner, other):
        await service.bring(who, VICTIM)
    await service.bring(dana, "Omar,Osei,,omar@mail.example,,,", "Bo,B,,bo@mail.example,,,")
    mine = {name: contact["id"] for name, contact in (await service.contacts(dana)).items()}
    path = f"/v1/contacts/{mine['Omar Osei']}/may-find-me"
    assert (await service.ok("PUT", path, dana))["may_find_me"] is True
    assert (await only(service, owner))["member"]
    assert not (await only(service, other))["member"]
    await service.ok("PUT", f"/v1/contacts/{mine['Omar Osei']}/block", dana)
    assert not (await only(service, owner))["member"], "a block ends it"
    await service.ok("DELETE", f"/v1/contacts/{mine['Omar Osei']}/block", dana)
    assert (await only(service, owner))["member"]
    assert (await service.ok("DELETE", path, dana))["may_find_me"] is False
    assert not (await only(service, owner))["member"]


async def test_a_claim_is_shown_to_those_who_may_find_the_claimer_only(service):
    owner = await omar(service)
    await service.bring(owner, f"Ana,Silva,{LINK}ana,,Initech,,")
    claimer = await service.member("Ana S.", "ana@mail.example", profile_url=LINK + "ana", findable="anyone")
    assert "Ana S." not in await seen_by(service, owner)
    await service.bring(claimer, "Omar,Osei,,omar@mail.example,,,")
    assert "Ana S." not in await seen_by(service, owner)
    path = f"/v1/contacts/{(await only(service, claimer))['id']}/may-find-me"
    await service.ok("PUT", path, claimer)
    assert (await only(service, owner))["claims"] == [{"member_id": claimer.id, "name": "Ana S."}]
    assert len((await service.ok("GET", "/v1/contacts?claimed=true", owner))["items"]) == 1
    one = (await only(service, owner))["id"]
    assert (await service.ok("POST", f"/v1/contacts/{one}/confirm", owner))["id"] == claimer.id
    await service.ok("DELETE", path, claimer)
    assert not (await only(service, owner))["member"]
    await service.ok("DELETE", "/v1/me", claimer)
    assert await service.pool.fetchval("SELECT count(*) FROM contacts WHERE confirmed IS NOT NULL") == 0


@pytest.mark.parametrize(("theirs", "found"), [("12 Mar 2024", True), ("13 Mar 2024", True), ("14 Mar 2024", False)])
async def test_two_exports_that_list_each_other_since_the_same_day_prove_both_links(service, theirs, found):
    one = await service.member(
        "One", "1@mail.example", profile_url=LINK + "one", visible_to_contacts=True, findable="contacts"
    )
    two = await service.member(
        "Two", "2@mail.example", profile_url=LINK + "two", visible_to_contacts=True, findable="contacts"
    )
    await service.bring(one, f"T,W,{LINK}two,,Globex,,12 Mar 2024")
    await service.bring(two, f"O,N,{LINK}one,,Initech,,{theirs}")
    assert (await only(service, one))["member"] is found
    assert (await only(service, two))["member"] is found


async def test_a_discreet_member_is_hidden_from_colleagues_until_they_change_jobs(service):
    boss = await service.member("Boss", "boss@mail.example", verified=True, findable="contacts",
                                employments=[{"company": "SecretCorp, Inc."}])  # fmt: skip
    dana = await hidden(service, visible_to_contacts=True)
    await service.bring(dana, "The,Boss,,boss@mail.example,,,")
    await service.bring(boss, VICTIM)
    assert not (await only(service, boss))["member"]
    await service.ok("PATCH", "/v1/me", dana, json={"discreet": False})
    assert (await only(service, boss))["member"]
    await service.ok("PATCH", "/v1/me", dana, json={"discreet": True})
    assert not (await only(service, boss))["member"]
    await service.ok("PATCH", "/v1/me", boss, json={"employments": []})
    assert (await only(service, boss))["member"]
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": {"blocked_companies": ["Globex"]}})
    await service.ok("PATCH", "/v1/me", boss, json={"employments": [{"company": "Globex GmbH"}]})
    assert not (await only(service, boss))["member"]


async def test_a_job_that_begins_hides_when_its_day_comes(service):
    soon = service.calendar.day + timedelta(days=3)
    boss = await service.member("Boss", "boss@mail.example", verified=True, findable="contacts",
                                employments=[{"company": "SecretCorp", "start": soon.isoformat()}])  # fmt: skip
    dana = await hidden(service, visible_to_contacts=True)
    await service.bring(dana, "The,Boss,,boss@mail.example,,,")
    await service.bring(boss, VICTIM)
    assert (await only(service, boss))["member"]
    service.calendar.day = soon
    await service.pool.execute("UPDATE members SET to_refind = true WHERE member_id = $1", boss.id)
    assert await timers.update_postponed_links(service.pool, service.calendar()) == 1
    assert not (await only(service, boss))["member"]
    assert await timers.update_postponed_links(service.pool, service.calendar()) == 0


async def test_ids_stay_when_others_join_and_leave(service):
    owner = await omar(service)
    await service.bring(owner, VICTIM)
    before = (await only(service, owner))["id"]
    victim = await hidden(service)
    assert (await only(service, owner))["id"] == before
    await service.ok("PATCH", "/v1/me", victim, json={"findable": "anyone"})
    assert (await only(service, owner))["id"] == victim.id
    await service.ok("DELETE", "/v1/me", victim)
    assert (await only(service, owner))["id"] == before


async def test_looking_since_is_the_day_it_began(service, dana):
    first = service.calendar.day
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": {"titles": ["Engineer"]}, "looks_openly": True})
    service.calendar.day = first + timedelta(days=9)
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": {"titles": ["Architect"]}})
    search = (await service.said("people.v1"))[dana.id]["seeking"]
    assert (search["since"], search["openly"], search["discreet"]) == (first.isoformat(), True, True)
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": None})
    await service.ok("PATCH", "/v1/me", dana, json={"seeking": {}})
    assert (await service.said("people.v1"))[dana.id]["seeking"]["since"] == service.calendar.day.isoformat()


async def test_who_took_back_being_named_says_so(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"hiring_contact_for": ["o1", "o1", "o2"]})
    assert (await service.said("people.v1"))[dana.id]["hiring_contact_for"] == ["o1", "o2"]
    await service.ok("PATCH", "/v1/me", dana, json={"hiring_contact_for": None})
    assert (await service.said("people.v1"))[dana.id]["hiring_contact_for"] == []


async def test_a_link_that_its_owner_has_proven_is_nobody_elses(service):
    """Both days agree, as in an export of the friend's; but the friend is here and has proven the link."""
    victim = await hidden(service, visible_to_contacts=True, profile_url=LINK + "victim")
    await service.member("Fay Friend", "fay@mail.example", verified=True, profile_url=LINK + "friend")
    await service.bring(victim, f"Fay,Friend,{LINK}friend,,,,01 Feb 2021")
    stranger = await service.member("X", "x@mail.example", profile_url=LINK + "friend")
    await service.bring(stranger, f"V,V,{LINK}victim,,,,01 Feb 2021")
    assert not (await only(service, stranger))["member"]


async def test_who_proves_a_link_takes_it_from_whoever_claimed_it(service):
    victim = await hidden(service, visible_to_contacts=True, profile_url=LINK + "victim")
    await service.bring(victim, f"Fay,Friend,{LINK}friend,,,,01 Feb 2021")
    stranger = await service.member("X", "x@mail.example", profile_url=LINK + "friend")
    await service.bring(stranger, f"V,V,{LINK}victim,,,,01 Feb 2021")
    assert (await only(service, stranger))["member"]
    await service.member("Fay Friend", "fay@mail.example", verified=True, profile_url=LINK + "friend")
    await timers.update_postponed_links(service.pool, service.calendar())
    assert not (await only(service, stranger))["member"]


async def test_guessing_by_imports_ends_after_so_many_a_day(service):
    stranger = await omar(service)
    for day in range(1, 21):
        await service.bring(stranger, f"V,V,{LINK}victim,,,,{day:02} Feb 2021")
    row = f"V,V,{LINK}victim,,,,21 Feb 2021"
    content = f"{HEADER}\n{row}".encode()
    answer = await service.call("POST", "/v1/contacts/import?source=linkedin", stranger, content=content)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 3600) == (429, True)
    assert (await only(service, stranger))["connected_on"] == "2021-02-20", "nothing changed"
    await service.bring(stranger, f"V,V,{LINK}victim,,,,20 Feb 2021")
