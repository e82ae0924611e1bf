"""Introductions that led to a talk: evidence in the address books of those who say so, until one of them leaves."""

from datetime import UTC, datetime, timedelta

import pytest_asyncio

from services.profiles.handlers import handlers
from shared.events.envelope import seal, unseal
from shared.events.introductions import IntroductionV1, Step
from shared.messaging.consume.decoding import Record
from shared.messaging.topics.catalogue import CONSUMER_GROUPS, INTRODUCTIONS

from .conftest import Service

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def introduction(seeker, introducer, target, *, outcome="talked", at=AT, counts=None, key="i1", **more):
    """An introduction that went the whole way."""
    steps = [Step(status="accepted", at=at), Step(status="introduced", at=at, counts=counts)]
    steps += [Step(status="closed", at=at + timedelta(days=7), outcome=outcome)] if outcome else []
    people = {"seeker_id": seeker, "introducer_id": introducer, "insider_id": target}
    return IntroductionV1(introduction_id=key, **people, history=tuple(steps), **more)


async def take(service, value, version=1, key="i1"):
    """Handles a record as the consumer does."""
    key = value.introduction_id if value else key
    name = INTRODUCTIONS.name
    record = Record(name, 0, 0, key, value, version, unseal(seal(name, key, version, "introductions")), 0)
    async with service.pool.acquire() as conn, conn.transaction():
        await handlers(service.calendar)[name](conn, record)


async def ties(service: Service, **people):
    """How often each tie says that the two were introduced, where it does; a tie that was withdrawn is None."""
    names = {person.id: name for name, person in people.items()}
    found = {}
    for key, tie in (await service.said("ties.v1")).items():
        owner, other = key.split(":")
        counted = [one["times"] for one in tie["evidence"] if one["kind"] == "introduced"] if tie else [None]
        if counted:
            found[names[owner], names.get(other, "a contact")] = counted[0]
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def people(service):
    """Amara lists Mei, who lists Ines; Ines is found by nobody but Mei."""
    amara = await service.member("Amara Obi", "amara@mail.example", verified=True)
    mei = await service.member("Mei Tan", "mei@mail.example", verified=True)
    ines = await service.member("Ines Sider", "ines@mail.example", verified=True, findable="contacts")
    await service.bring(amara, "Mei,Tan,,mei@mail.example,Globex,Engineer,01 Jan 2020")
    await service.bring(mei, "Ines,Sider,,ines@mail.example,Initech,Lead,01 Jan 2020")
    return {"amara": amara, "mei": mei, "ines": ines}


def ids(people):
    return people["amara"].id, people["mei"].id, people["ines"].id


async def test_the_seekers_word_makes_a_tie_to_both_and_an_entry_for_whom_she_did_not_know(service, people):
    await take(service, introduction(*ids(people), outcome=None))
    assert await ties(service, **people) == {}
    await take(service, introduction(*ids(people)), 2)
    assert await ties(service, **people) == {("amara", "mei"): 1, ("amara", "ines"): 1}
    book = await service.contacts(people["amara"])
    assert (book["Ines Sider"]["member"], book["Ines Sider"]["id"]) == (True, people["ines"].id)
    assert len(book) == 2
    said = await service.outbox()
    await take(service, introduction(*ids(people)), 3)
    await take(service, introduction(*ids(people), outcome=None), 1)
    assert await service.outbox() == said, "the same again, and an older record, change nothing"


async def test_the_others_sides_follow_their_own_word(service, people):
    await take(service, introduction(*ids(people), outcome="nothing", talked_by=(people["ines"].id,)))
    assert await ties(service, **people) == {("ines", "amara"): 1}
    assert (await service.contacts(people["ines"]))["Amara Obi"]["member"]
    await take(service, introduction(*ids(people), talked_by=ids(people)[1:]), 2)
    pairs = {("ines", "amara"), ("mei", "amara"), ("amara", "mei"), ("amara", "ines")}
    assert await ties(service, **people) == dict.fromkeys(pairs, 1)


async def test_a_pair_counts_once_in_ninety_days(service, people):
    for key, day in (("i1", 0), ("i2", 89), ("i3", 90)):
        await take(service, introduction(*ids(people), key=key, at=AT + timedelta(days=day)))
    assert await ties(service, **people) == {("amara", "mei"): 2, ("amara", "ines"): 2}
    await take(service, None, 2, "i3")
    assert await ties(service, **people) == {("amara", "mei"): 1, ("amara", "ines"): 1}


async def test_an_answer_counts_once_it_is_known_whose_it_is(service, people):
    await take(service, introduction(*ids(people), counts=False))
    assert await ties(service, **people) == {("amara", "mei"): 1}
    assert "Ines Sider" not in await service.contacts(people["amara"])
    await take(service, introduction(*ids(people)), 2)
    assert (await ties(service, **people))["amara", "ines"] == 1


async def test_somebody_who_is_no_member_is_kept_by_the_introducers_words(service, people):
    rows = (
        "Ines,Sider,,ines@mail.example,Initech,Lead,01 Jan 2020",
        "Kai,Berg,,k@mail.example,Initech,Clerk,01 Jan 2020",
    )
    await service.bring(people["mei"], *rows)
    kai = (await service.contacts(people["mei"]))["Kai Berg"]["id"]
    await take(service, introduction(people["amara"].id, people["mei"].id, kai))
    entry = (await service.contacts(people["amara"]))["Kai Berg"]
    assert (entry["company"], entry["position"], entry["email"], entry["member"]) == ("Initech", "Clerk", None, False)
    assert entry["id"] != kai, "an id means nothing outside its address book"
    person = (await service.said("people.v1"))[entry["id"]]
    assert (person["imported_by"], person["employments"][0]["company"]) == (people["amara"].id, "Initech")
    assert await ties(service, **people) == {("amara", "mei"): 1, ("amara", "a contact"): 1}


async def test_an_entry_that_already_names_them_is_used(service, people):
    await service.bring(
        people["amara"],
        "Mei,Tan,,mei@mail.example,Globex,Engineer,01 Jan 2020",
        "Ines,from the fair,,ines@mail.example,Initech,,01 Jan 2021",
    )
    assert not (await service.contacts(people["amara"]))["Ines from the fair"]["member"]
    await take(service, introduction(*ids(people)))
    book = await service.contacts(people["amara"])
    assert sorted(book) == ["Ines from the fair", "Mei Tan"]
    assert book["Ines from the fair"]["id"] == people["ines"].id


async def is_found(service, people, name: str) -> bool:
    """Whether Amara's entry of this name is a member."""
    return bool((await service.contacts(people["amara"]))[name]["member"])


MEI = "Mei,Tan,,mei@mail.example,Globex,Engineer,01 Jan 2020"
INES = "Ines,from the fair,,ines@mail.example,Initech,,01 Jan 2021"


async def test_a_yes_is_enough_to_be_found_and_what_came_of_it_plays_no_part(service, people):
    """Ines agrees to nothing but this; that she was introduced is no evidence of a talk."""
    await service.bring(people["amara"], MEI, INES)
    before = introduction(*ids(people), outcome=None)
    await take(service, before.model_copy(update={"history": before.history[:1]}))
    assert not await is_found(service, people, "Ines from the fair")
    await take(service, before, 2)
    assert await is_found(service, people, "Ines from the fair")
    assert await ties(service, **people) == {("amara", "a contact"): None}, "the tie goes by the member's id now"
    await take(service, introduction(*ids(people), outcome="unknown"), 3)
    assert await is_found(service, people, "Ines from the fair")
    assert await ties(service, **people) == {("amara", "a contact"): None}


async def test_whom_she_lists_later_is_found_by_the_yes_of_before(service, people):
    await take(service, introduction(*ids(people), outcome=None))
    assert list(await service.contacts(people["amara"])) == ["Mei Tan"], "a yes alone is no entry"
    await service.bring(people["amara"], MEI, INES)
    assert await is_found(service, people, "Ines from the fair")
    await service.bring(people["ines"], "Amara,Obi,,amara@mail.example,,,")
    [amara] = (await service.contacts(people["ines"])).values()
    await service.ok("PUT", f"/v1/contacts/{amara['id']}/block", people["ines"])
    assert not await is_found(service, people, "Ines from the fair")


async def test_a_yes_of_which_nobody_knows_whose_it_is_is_none(service, people):
    await service.bring(people["amara"], MEI, INES)
    await take(service, introduction(*ids(people), outcome=None, counts=False))
    assert not await is_found(service, people, "Ines from the fair")
    await take(service, introduction(*ids(people), outcome=None), 2)
    assert await is_found(service, people, "Ines from the fair")


async def test_an_import_leaves_it_and_a_block_ends_being_found(service, people):
    await take(service, introduction(*ids(people), talked_by=(people["ines"].id,)))
    await service.bring(people["amara"], "Bo,Li,,bo@mail.example,Hooli,,01 Jan 2020")
    book = await service.contacts(people["amara"])
    assert set(book) == {"Bo Li", "Ines Sider", "Mei Tan"}
    await service.ok("PUT", f"/v1/contacts/{people['amara'].id}/block", people["ines"])
    entry = (await service.contacts(people["amara"]))["Ines Sider"]
    assert (entry["member"], entry["id"] == people["ines"].id) == (False, False)
    await service.ok("DELETE", f"/v1/contacts/{people['amara'].id}/block", people["ines"])
    assert (await service.contacts(people["amara"]))["Ines Sider"]["member"]


async def test_a_yes_can_be_ended_by_a_block_of_whom_one_does_not_list_whatever_is_said_later(service, people):
    amara, mei, _ = (people[name] for name in ("amara", "mei", "ines"))
    said = introduction(*ids(people), outcome=None, origin="offer")
    await take(service, said)
    assert await is_found(service, people, "Mei Tan")
    assert (await service.contacts(mei)).keys() == {"Ines Sider"}
    await service.ok("PUT", f"/v1/contacts/{amara.id}/block", mei)
    for version, value in ((2, said), (3, introduction(*ids(people), talked_by=(mei.id,))), (4, said), (5, None)):
        await take(service, value, version)
        assert not await is_found(service, people, "Mei Tan")
        assert (await service.contacts(mei))["Amara Obi"]["blocked"]
        assert "blocked" in await service.tie(mei, amara.id)


async def test_evidence_of_an_erased_person_goes(service, people):
    await take(service, introduction(*ids(people), talked_by=ids(people)[1:]))
    await service.ok("DELETE", "/v1/me", people["ines"])
    assert await service.pool.fetchval("SELECT count(*) FROM introduced") == 2, "Amara's and Mei's words of each other"
    assert list(await service.contacts(people["amara"])) == ["Mei Tan"]
    left = {pair: count for pair, count in (await ties(service, **people)).items() if count is not None}
    assert left == {("amara", "mei"): 1, ("mei", "amara"): 1}
    rows = await service.pool.fetch("SELECT * FROM introduced")
    assert people["ines"].id not in str([dict(row) for row in rows])
    await take(service, introduction(*ids(people)[:2], "a fresh random id"), 2)
    assert list(await service.contacts(people["amara"])) == ["Mei Tan"]


async def test_nobody_gets_evidence_who_has_left(service, people):
    await service.ok("DELETE", "/v1/me", people["amara"])
    await take(service, introduction(*ids(people), talked_by=ids(people)[1:]))
    assert await service.pool.fetchval("SELECT count(*) FROM introduced WHERE person_id = $1", people["amara"].id) == 0
    assert "Amara Obi" not in await service.contacts(people["ines"])


def test_handlers_know_the_topics_the_group_reads(service):
    assert set(handlers(service.calendar)) == {topic.name for topic in CONSUMER_GROUPS["profiles"]}
