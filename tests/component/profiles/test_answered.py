"""Who answered by a link and says that it was they: whether an entry is about them, and who finds them then."""

import pytest
import pytest_asyncio

from .conftest import SERVICE
from .test_introductions import introduction, take

INES = "Ines,from the fair,,ines@mail.example,Initech,,01 Jan 2021"
WORK = {"employments": [{"company": "Globex", "start": "2020-01-01"}]}


@pytest_asyncio.fixture(loop_scope="session")
async def people(service):
    """Amara works where Ines does, and lists her; Ines lets nobody find her, and hides from her own employer."""
    amara = await service.member("Amara Obi", "amara@mail.example", verified=True, **WORK)
    await service.bring(amara, INES)
    ines = await service.member("Ines Sider", "ines@mail.example", verified=True, findable="contacts", **WORK)
    return amara, ines


async def entry(service, owner, name: str = "Ines from the fair"):
    return (await service.contacts(owner))[name]


async def theirs(service, contact_id: str, owner, member) -> bool:
    body = {"owner_id": owner.id, "member_id": member.id}
    answer = await service.ok("POST", f"/internal/v1/entries/{contact_id}/answered", SERVICE, json=body)
    assert set(answer) == {"theirs"}
    return answer["theirs"]


async def test_who_verified_the_address_is_found_by_their_word_and_until_they_block(service, people):
    amara, ines = people
    listed = await entry(service, amara)
    assert (listed["member"], listed["email"]) == (False, "ines@mail.example")
    assert await theirs(service, listed["id"], amara, ines)
    assert await theirs(service, listed["id"], amara, ines), "twice the same is once"
    found = await entry(service, amara)
    assert (found["member"], found["id"]) == (True, ines.id)
    answer = await service.ok("POST", "/internal/v1/entries/now", SERVICE, json={"ids": [listed["id"]]})
    assert answer["entries"] == [{"id": listed["id"], "now": ines.id}]
    await service.bring(amara, INES.replace("Initech", "Hooli"))
    assert (await entry(service, amara))["member"], "an import changes nothing in that"
    await service.bring(ines, "Amara,Obi,,amara@mail.example,,,")
    [back] = (await service.contacts(ines)).values()
    await service.ok("PUT", f"/v1/contacts/{back['id']}/block", ines)
    assert not (await entry(service, amara))["member"]


async def test_what_is_said_of_the_introduction_leaves_it(service, people):
    """The record names the contact until introductions has heard of the member; it goes on either way."""
    amara, ines = people
    listed = (await entry(service, amara))["id"]
    assert await theirs(service, listed, amara, ines)
    for version, (other, outcome) in enumerate([(listed, None), (listed, "talked"), (ines.id, "talked")], 1):
        await take(service, introduction(amara.id, other, other, outcome=outcome), version)
        found = await entry(service, amara)
        assert (found["member"], found["id"], len(await service.contacts(amara))) == (True, ines.id, 1)
    assert (await service.tie(amara, ines.id))["introduced"] == {"times": 1}


async def test_an_address_that_another_file_brought_is_held_as_well(service, people):
    amara, _ = people
    link = "https://www.linkedin.com/in/ida-berg"
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:Ida Berg\nN:Berg;Ida;;;\nURL:{link}\nEMAIL:ida@work.example\nEND:VCARD\n"
    await service.bring(amara, f"Ida,Berg,{link},ida@home.example,Globex,,01 Jan 2021")
    await service.ok("POST", "/v1/contacts/import?source=vcard", amara, content=card.encode())
    contact = await entry(service, amara, "Ida Berg")
    assert contact["email"] == "ida@home.example"
    ida = await service.member("Ida Berg", "ida@work.example", verified=True, findable="contacts")
    assert await theirs(service, contact["id"], amara, ida)
    assert (await entry(service, amara, "Ida Berg"))["id"] == ida.id


async def unverified(service, amara):
    return await service.member("Ines Again", "ines@mail.example", findable="contacts"), amara


async def another(service, amara):
    return await service.member("Kai Berg", "kai@mail.example", verified=True), amara


async def not_the_owner(service, _amara):
    ines = await service.sign_in("ines@mail.example")
    return ines, await service.member("Omar Osei", "omar@mail.example", verified=True)


async def the_owner(service, amara):
    await service.bring(amara, INES.replace("ines@", "amara@"))
    return amara, amara


@pytest.mark.parametrize("who", [unverified, another, not_the_owner, the_owner])
async def test_nobody_else_is_and_nothing_changes(service, people, who):
    amara, _ = people
    listed = (await entry(service, amara))["id"]
    member, owner = await who(service, amara)
    before, said = await service.contacts(amara), await service.outbox()
    assert not await theirs(service, listed, owner, member)
    assert (await service.contacts(amara), await service.outbox()) == (before, said)


async def test_of_an_entry_or_people_who_are_gone_nothing_is_said(service, people):
    amara, ines = people
    listed = (await entry(service, amara))["id"]
    assert not await theirs(service, "no such entry", amara, ines)
    assert not await theirs(service, ines.id, amara, ines)
    await service.ok("DELETE", "/v1/me", ines)
    assert not await theirs(service, listed, amara, ines)
    joined = await service.member("Ines Sider", "ines@mail.example", verified=True, findable="contacts")
    await service.ok("DELETE", "/v1/me", amara)
    assert not await theirs(service, listed, amara, joined)


async def test_erasure_takes_it_along(service, people):
    amara, ines = people
    listed = (await entry(service, amara))["id"]
    assert await theirs(service, listed, amara, ines)
    await service.ok("DELETE", "/v1/me", ines)
    again = await service.member("Ines Sider", "ines@mail.example", verified=True, findable="contacts")
    assert not (await entry(service, amara))["member"]
    assert again.id != ines.id


async def cards(service, viewer, *ids: str) -> list[str]:
    asked = {"viewer": viewer.id, "ids": list(ids)}
    return [card["id"] for card in (await service.ok("POST", "/internal/v1/cards", SERVICE, json=asked))["cards"]]


async def test_whoever_finds_one_by_that_word_can_be_blocked_though_one_lists_nobody(service, people):
    amara, ines = people
    listed = (await entry(service, amara))["id"]
    path = f"/v1/contacts/{amara.id}/block"
    assert (await service.call("PUT", path, ines)).status_code == 404
    assert await theirs(service, listed, amara, ines)
    for _ in range(2):
        blocked = await service.ok("PUT", path, ines)
        assert (blocked["id"], blocked["name"], blocked["blocked"]) == (amara.id, "Amara Obi", True)
        assert list(await service.contacts(ines)) == ["Amara Obi"]
    assert not (await entry(service, amara))["member"]
    assert "blocked" in await service.tie(ines, amara.id)
    assert await cards(service, ines, amara.id) == [], "a block tells nothing of where they work"
    assert await theirs(service, listed, amara, ines)
    await service.bring(amara, INES.replace("Initech", "Hooli"))
    assert not (await entry(service, amara))["member"], "said again it is still blocked"


@pytest.mark.parametrize("rated", [False, True])
async def test_to_unblock_them_leaves_what_was_before(service, people, rated):
    amara, ines = people
    assert await theirs(service, (await entry(service, amara))["id"], amara, ines)
    path = f"/v1/contacts/{amara.id}"
    await service.ok("PUT", f"{path}/block", ines)
    if rated:
        await service.ok("PUT", f"{path}/closeness", ines, json={"value": 1})
    assert not (await service.ok("DELETE", f"{path}/block", ines))["blocked"]
    assert (await entry(service, amara))["id"] == ines.id
    assert (await service.said("ties.v1"))[f"{ines.id}:{amara.id}"] is None
    assert not any(each["member"] for each in (await service.contacts(ines)).values()), "nor does she find Amara by it"
    assert len(await service.contacts(ines)) == rated


async def test_nobody_else_can_be_blocked_that_way_and_the_answer_is_that_for_an_unknown_id(service, people):
    amara, ines = people
    omar = await service.member("Omar Osei", "omar@mail.example", verified=True)
    await service.bring(omar, INES)
    assert await theirs(service, (await entry(service, amara))["id"], amara, ines)
    unknown = await service.call("PUT", "/v1/contacts/no-such-id/block", ines)
    for who, whom in ((ines, omar), (ines, ines), (omar, amara), (omar, ines)):
        answer = await service.call("PUT", f"/v1/contacts/{whom.id}/block", who)
        assert (answer.status_code, answer.json()["detail"]) == (404, unknown.json()["detail"])
    assert await service.contacts(ines) == {}


async def test_a_block_goes_with_whom_it_kept_off(service, people):
    amara, ines = people
    assert await theirs(service, (await entry(service, amara))["id"], amara, ines)
    await service.ok("PUT", f"/v1/contacts/{amara.id}/block", ines)
    await service.ok("DELETE", "/v1/me", amara)
    assert await service.contacts(ines) == {}


async def test_no_file_makes_more_of_an_entry_that_only_a_block_made(service, people):
    """It leads to somebody who never let its owner find them."""
    amara, ines = people
    await service.ok("PATCH", "/v1/me", amara, json={"findable": "contacts"})
    assert await theirs(service, (await entry(service, amara))["id"], amara, ines)
    await service.ok("PUT", f"/v1/contacts/{amara.id}/block", ines)
    await service.bring(ines, "Amara,Obi,,amara@mail.example,Globex,,")
    book = (await service.ok("GET", "/v1/contacts", ines))["items"]
    assert sorted((each["member"], each["blocked"], each["listed"]) for each in book) == [
        (False, False, True), (True, True, False)
    ]  # fmt: skip
    assert await cards(service, ines, amara.id) == []
    await service.ok("DELETE", f"/v1/contacts/{amara.id}/block", ines)
    assert not any(each["member"] for each in (await service.contacts(ines)).values())
