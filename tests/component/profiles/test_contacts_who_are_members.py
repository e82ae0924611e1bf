"""Contacts who are members: how entries come to lead to them, claims, and what two profiles show of shared work."""

import pytest

ANA = "Ana,Silva,https://www.linkedin.com/in/ana-silva,ana@example.org,Initech,Engineer,01 Jan 2024"
BO = "Bo,Li,https://www.linkedin.com/in/bo-li,,Globex Inc.,Designer,15 Mar 2021"


async def may_find(service, who, email):
    """Who has this address may find the member."""
    await service.bring(who, f"Some,Body,,{email},,,")
    (contact,) = (await service.contacts(who)).values()
    await service.ok("PUT", f"/v1/contacts/{contact['id']}/may-find-me", who)


@pytest.mark.parametrize(
    "known", [{}, {"email": "other@example.org", "profile_url": "https://de.linkedin.com/in/Ana-Silva/"}]
)
async def test_a_contact_who_joins_verified_is_recognised_at_once(service, dana, known):
    await service.bring(dana, ANA, BO)
    old = (await service.contacts(dana))["Ana Silva"]["id"]
    await service.ok("PUT", f"/v1/contacts/{old}/closeness", dana, json={"value": 4})
    ana = await service.member("Ana Silva", **{"email": "ana@example.org", "verified": True} | known)
    now = (await service.contacts(dana))["Ana Silva"]
    assert (now["id"], now["member"], now["closeness"]) == (ana.id, True, 4)
    people, ties = await service.said("people.v1"), await service.said("ties.v1")
    assert people[old] is None
    assert ties[f"{dana.id}:{old}"] is None
    assert people[ana.id]["member"] is True
    assert set(await service.tie(dana, ana.id)) == {"connected", "closeness"}
    assert (await service.ok("GET", f"/v1/contacts/{old}", dana))["id"] == ana.id


async def test_an_import_recognises_members(service, dana):
    ana = await service.member("Ana Silva", "ana@example.org", verified=True)
    await service.bring(dana, ANA, BO)
    assert (await service.contacts(dana))["Ana Silva"]["id"] == ana.id
    assert set(await service.said("ties.v1")) >= {f"{dana.id}:{ana.id}"}
    assert sum(event is not None and not event["member"] for event in (await service.said("people.v1")).values()) == 1


async def test_what_is_not_verified_recognises_nobody(service, dana):
    await service.bring(dana, ANA)
    ana = await service.member("Ana Silva", "ana@example.org")
    await service.bring(dana, ANA, BO)
    assert (await service.contacts(dana))["Ana Silva"]["id"] != ana.id


async def test_nobody_is_their_own_contact(service, dana):
    await service.bring(dana, "Dana,Okafor,,dana@example.org,,,")
    assert (await service.contacts(dana))["Dana Okafor"]["member"] is False


async def test_a_member_is_one_contact_even_if_listed_twice(service, dana):
    ana = await service.member(
        "Ana Silva", "ana@example.org", profile_url="https://www.linkedin.com/in/ana-silva", verified=True
    )
    await service.bring(dana, "A.,Silva,,ana@example.org,,,", ANA.replace("ana@example.org", ""))
    ids = [contact["id"] for contact in (await service.contacts(dana)).values()]
    assert len(set(ids)) == 2
    assert ids.count(ana.id) == 1


async def test_a_claimed_profile_link_links_once_the_owner_confirms(service, dana):
    await service.bring(dana, ANA, BO)
    old = (await service.contacts(dana))["Ana Silva"]["id"]
    ana = await service.member("Ana S.", "private@example.org", profile_url="https://www.linkedin.com/in/ana-silva")
    await may_find(service, ana, "dana@example.org")
    (claimed,) = (await service.ok("GET", "/v1/contacts?claimed=true", dana))["items"]
    assert (claimed["id"], claimed["claims"]) == (old, [{"member_id": ana.id, "name": "Ana S."}])
    linked = await service.ok("POST", f"/v1/contacts/{old}/confirm", dana)
    assert (linked["id"], linked["member"], linked["claims"]) == (ana.id, True, [])
    assert (await service.said("people.v1"))[old] is None
    assert await service.ok("POST", f"/v1/contacts/{ana.id}/confirm", dana) == linked
    assert (await service.ok("GET", "/v1/contacts?claimed=true", dana))["items"] == []


async def test_without_a_claim_or_with_several_there_is_nothing_to_confirm(service, dana):
    await service.bring(dana, ANA)
    one = (await service.contacts(dana))["Ana Silva"]["id"]
    confirm = f"/v1/contacts/{one}/confirm"
    assert (await service.call("POST", confirm, dana)).status_code == 409
    link = "https://www.linkedin.com/in/ana-silva"
    first = await service.member("Ana S.", "a1@example.org", profile_url=link)
    second = await service.member("Not Ana", "a2@example.org", profile_url=link)
    assert (await service.call("POST", confirm, dana)).status_code == 409, "neither said that Dana may find them"
    for one in (first, second):
        await may_find(service, one, "dana@example.org")
    answer = await service.call("POST", confirm, dana)
    assert (answer.status_code, answer.json()["detail"]) == (409, "several members claim this contact: name one")
    assert (await service.call("POST", confirm, dana, json={"member_id": "unknown"})).status_code == 409
    assert (await service.ok("POST", confirm, dana, json={"member_id": first.id}))["id"] == first.id


async def test_jobs_at_one_company_at_the_same_time_become_evidence_on_both_sides(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"discreet": False})
    ana = await service.member("Ana Silva", "ana@example.org", verified=True, discreet=False)
    await service.bring(dana, ANA)
    await service.bring(ana, "Dana,Okafor,,dana@example.org,Initech,,")
    jobs = [{"company": "Initech", "start": "2020-01-01", "end": "2021-12-31"}]
    await service.ok("PATCH", "/v1/me", dana, json={"employments": jobs})
    assert "worked_together" not in await service.tie(dana, ana.id)
    jobs = [{"company": "INITECH, Inc.", "start": "2021-01-01"}]
    await service.ok("PATCH", "/v1/me", ana, json={"employments": jobs})
    expected = {"company": "INITECH, Inc.", "months": 12, "ended": "2021-12-31", "stated": False}
    assert (await service.tie(dana, ana.id))["worked_together"] == expected
    assert (await service.tie(ana, dana.id))["worked_together"] == expected
    await service.ok("PATCH", "/v1/me", dana, json={"employments": []})
    assert "worked_together" not in await service.tie(dana, ana.id)
    assert "worked_together" not in await service.tie(ana, dana.id)


async def test_a_tie_that_comes_back_goes_on_from_its_tombstone(service, dana):
    ana = await service.member("Ana Silva", "ana@example.org", verified=True)
    await service.bring(dana, ANA, BO)
    await service.bring(dana, BO)
    key = f"{dana.id}:{ana.id}"
    assert (await service.said("ties.v1"))[key] is None
    far = 9_000_000_000_000
    await service.pool.execute("UPDATE erased SET version = $1 WHERE key = $2", far, key)
    await service.bring(dana, ANA, BO)
    assert (await service.said("ties.v1"))[key]["version"] == far + 1


async def test_another_entry_may_become_the_member_in_one_import(service, dana):
    """A member stands in an address book once, at every moment of the import."""
    ana = await service.member("Ana Silva", "ana@example.org", verified=True)
    link = "https://www.linkedin.com/in/"
    await service.bring(dana, f"One,A,{link}one,ana@example.org,,,", f"Two,B,{link}two,,,,")
    assert (await service.contacts(dana))["One A"]["id"] == ana.id
    await service.bring(dana, f"One,A,{link}one,,,,", f"Two,B,{link}two,,,,", f"New,C,{link}new,ana@example.org,,,")
    contacts = await service.contacts(dana)
    assert {name: contact["member"] for name, contact in contacts.items()} == {
        "One A": False, "Two B": False, "New C": True,
    }  # fmt: skip
    assert contacts["New C"]["id"] == ana.id
