"""Answering without an account: what a link opens, what an answer by it does, and what it never tells."""

import json
from typing import Any

import pytest

from services.introductions import departures, guesses
from services.introductions.guesses import Guesses
from shared.web.problems import Problem

from .conftest import SERVICE
from .test_departures import INTRODUCER, SEEKER, TARGET, arrive, leave

NOTE = "Amara's own words"


async def service(world, path: str, body: Any) -> Any:
    """A request as the console or notifications make it: (status, body)."""
    answer = await world.http.post(path, json=body, headers={"Authorization": f"Bearer {SERVICE}"})
    return answer.status_code, answer.json() if answer.content else None


async def opened(world, token: str, source: str = "192.0.2.1") -> Any:
    """What a link opens; the word for why it opens nothing."""
    status, body = await service(world, f"/v1/answers/{token}/open", {"source": source})
    if status == 409:
        return "used" if "was used" in body["detail"] else "over"
    assert status == 200, body
    return body


async def said(world, token: str, answer: str, form_token: str | None = None, **more: Any) -> int:
    page = form_token or await opened(world, token)
    body = {"form_token": page if isinstance(page, str) else page["form_token"], "answer": answer} | more
    return (await service(world, f"/v1/answers/{token}", body))[0]


def token_in(url: str) -> str:
    assert url.startswith("http://127.0.0.1:1/answer/")
    return url.rpartition("/")[2]


async def by_hand(world) -> tuple[str, str]:
    """Amara writes to Mei, a contact of hers who works there: the introduction's id, and the token of a link."""
    await arrive(world, SEEKER)
    world.entries.now[INTRODUCER] = INTRODUCER
    await world.path(SEEKER, INTRODUCER, target=INTRODUCER, ask="hand", target_ask="hand")
    one = await world.ask(SEEKER, INTRODUCER, note=NOTE)
    made = await world.post(f"/v1/introductions/{one['id']}/link", SEEKER, expected=201)
    assert made["url"] in made["short"]
    assert made["url"] in made["mail"]
    assert len(made["short"]) <= 300
    return one["id"], token_in(made["url"])


async def forwarded(world) -> tuple[str, str]:
    """Mei, a member, has said yes and writes to Ida, a contact of hers."""
    await arrive(world, SEEKER, INTRODUCER)
    world.entries.now[TARGET] = TARGET
    await world.path(SEEKER, INTRODUCER, target_ask="hand")
    one = await world.ask(SEEKER, INTRODUCER, note=NOTE)
    await world.answer(one, INTRODUCER, "yes")
    made = await world.post(f"/v1/introductions/{one['id']}/link", INTRODUCER, expected=201)
    assert "> " + NOTE in made["mail"]
    return one["id"], token_in(made["url"])


async def state(world, key: str) -> tuple[str, str | None]:
    return tuple(await world.pool.fetchrow("SELECT state, outcome FROM introductions WHERE introduction_id = $1", key))


async def test_a_contact_opens_a_link_and_says_yes(world):
    key, token = await by_hand(world)
    page = await opened(world, token)
    view = page["view"]
    assert (view["role"], view["seeker"], view["note"]) == ("introducer", {"id": "", "name": "Amara Obi"}, NOTE)
    assert (view["title"], view["company"]) == ("Data Engineer", "Initech")
    assert view["possible"] == ["yes", "not_now", "not_well", "forget"]
    assert await state(world, key) == ("asked", None), "opening changes nothing"
    assert await said(world, token, "yes", contact="mei@work.example") == 200
    assert await state(world, key) == ("introduced", None)
    assert (await world.get(f"/v1/introductions/{key}", SEEKER))["contact"] == "mei@work.example"
    assert await opened(world, token) == "used"
    assert await said(world, token, "not_now", page["form_token"]) == 409
    assert await said(world, token, "yes", page["form_token"]) == 200, "twice the same is once"


async def test_whom_an_introducer_forwards_it_to_is_introduced_by_their_own_yes(world):
    key, token = await forwarded(world)
    page = await opened(world, token)
    view = page["view"]
    assert (view["role"], view["seeker"]["name"], view["introducer"]["name"]) == ("target", "Amara Obi", "Mei Chen")
    assert view["possible"] == ["yes", "no", "forget"]
    assert await said(world, token, "not_well", page["form_token"]) == 422
    assert await said(world, token, "yes", contact="call me") == 200
    shown = await world.get(f"/v1/introductions/{key}", SEEKER)
    assert (shown["state"], shown["contact"]) == ("introduced", "call me")


async def test_tokens_are_stored_hashed_and_hold_256_bits(world):
    _, token = await by_hand(world)
    assert len(token) >= 43
    for (table,) in await world.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'introductions'"):
        query = f"SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0"  # noqa: S608 - names from the catalogue
        assert await world.pool.fetchval(query, token) == 0, table


async def test_an_answer_needs_the_form_token_of_the_same_link(world):
    key, token = await by_hand(world)
    other = token_in((await world.post(f"/v1/introductions/{key}/link", SEEKER, expected=201))["url"])
    assert await said(world, token, "yes", (await opened(world, other))["form_token"]) == 422
    assert await said(world, token, "yes", "x") == 422
    assert await said(world, token, "yes", "é") == 422
    assert await state(world, key) == ("asked", None)


async def test_a_yes_by_link_counts_for_nothing_until_they_sign_in(world):
    key, token = await by_hand(world)
    assert await said(world, token, "yes") == 200
    steps = (await world.records())[key]["history"]
    assert [step.get("counts") for step in steps] == [None, None, False, False]
    given = "SELECT count(*) FROM introductions WHERE introduced_at IS NOT NULL AND cardinality(uncounted) = 0"
    assert await world.pool.fetchval(given) == 0
    assert (await world.call("POST", f"/v1/answers/{token}/mine", SEEKER)).status_code == 404
    world.entries.now[INTRODUCER] = "mei-the-member"
    await world.pool.execute("INSERT INTO departures (person_id) VALUES ($1)", INTRODUCER)
    await departures.carry_out(world.deps)
    assert (await world.call("POST", f"/v1/answers/{token}/mine", "kai")).status_code == 404
    assert (await world.call("POST", f"/v1/answers/{token}/mine", "mei-the-member")).status_code == 204
    assert [step.get("counts") for step in (await world.records())[key]["history"]] == [None] * 4
    assert await world.pool.fetchval(given) == 1


async def counted(world, key: str) -> list[bool]:
    """Of each step whether it counts."""
    return [step.get("counts") is not False for step in (await world.records())[key]["history"]]


async def mine(world, token: str, member: str) -> int:
    return (await world.call("POST", f"/v1/answers/{token}/mine", member)).status_code


GIVEN = "SELECT count(*) FROM introductions WHERE introduced_at IS NOT NULL AND cardinality(uncounted) = 0"


async def test_a_yes_counts_for_a_newcomer_who_verified_the_address_that_the_writer_holds(world):
    """Whom Amara wrote to is not found by her: she goes on seeing the contact that she brought."""
    key, token = await by_hand(world)
    assert await said(world, token, "yes") == 200
    shown = await world.get(f"/v1/introductions/{key}", SEEKER)
    assert await mine(world, token, "newcomer") == 404, "they verified another address, or none"
    assert await counted(world, key) == [True, True, False, False]
    world.entries.verified.add((INTRODUCER, SEEKER, "newcomer"))
    assert await mine(world, token, "somebody else") == 404
    assert await mine(world, token, "newcomer") == 204
    assert await counted(world, key) == [True] * 4
    assert await world.pool.fetchval(GIVEN) == 1
    assert (await world.records())[key]["introducer_id"] == INTRODUCER
    counts = {"given": {"to_you": 1, "by_you": 0}}
    assert await world.get(f"/v1/introductions/{key}", SEEKER) == shown | counts, "and nothing else differs"
    assert await mine(world, token, "newcomer") == 204, "twice the same is once"
    assert (await world.get("/v1/introductions?role=introducer", "newcomer"))["items"] == []


async def test_of_a_target_it_is_the_introducer_who_holds_the_address(world):
    key, token = await forwarded(world)
    assert await said(world, token, "yes") == 200
    world.entries.verified.add((TARGET, SEEKER, "newcomer"))
    assert await mine(world, token, "newcomer") == 404
    world.entries.verified.add((TARGET, INTRODUCER, "newcomer"))
    assert await mine(world, token, "newcomer") == 204
    assert world.entries.asked == [(TARGET, INTRODUCER, "newcomer")] * 2
    assert await counted(world, key) == [True] * 4
    assert await world.pool.fetchval(GIVEN) == 1


async def test_a_yes_that_its_carrier_forged_counts_for_nothing(world):
    """Amara and Mei carry links; that an address book of theirs holds their own address makes neither of them Ida."""
    _, token = await forwarded(world)
    assert await said(world, token, "yes") == 200
    world.entries.verified |= {(TARGET, owner, who) for owner in (SEEKER, INTRODUCER) for who in (SEEKER, INTRODUCER)}
    for carrier in (SEEKER, INTRODUCER):
        assert await mine(world, token, carrier) == 404
    assert world.entries.asked == []
    assert await world.pool.fetchval(GIVEN) == 0


@pytest.mark.parametrize("answer", [None, "not_now"])
async def test_who_gave_no_yes_makes_nobody_findable_by_saying_so(world, answer):
    _, token = await by_hand(world)
    if answer:
        assert await said(world, token, answer) == 200
    world.entries.verified.add((INTRODUCER, SEEKER, "newcomer"))
    assert await mine(world, token, "newcomer") == 404
    assert world.entries.asked == []


async def test_while_profiles_does_not_answer_nobody_is_refused(world):
    key, token = await by_hand(world)
    assert await said(world, token, "yes") == 200
    world.entries.away = True
    assert await mine(world, token, "newcomer") == 503
    assert await counted(world, key) == [True, True, False, False]


async def test_a_link_that_we_mailed_to_a_member_counts_and_is_for_whoever_is_asked(world):
    await arrive(world, SEEKER, INTRODUCER, TARGET)
    await world.path(SEEKER, INTRODUCER)
    key = (await world.ask(SEEKER, INTRODUCER))["id"]
    path = f"/internal/v1/introductions/{key}/links"
    for nobody in (SEEKER, TARGET, "kai"):
        assert (await service(world, path, {"member_id": nobody}))[0] == 404
    status, made = await service(world, path, {"member_id": INTRODUCER})
    assert status == 201
    page = await opened(world, token_in(made["url"]))
    assert page["view"]["why"][0].startswith("You know ")
    assert page["view"]["possible"] == ["yes", "not_now", "not_well"], "a member signs in to leave"
    assert await said(world, token_in(made["url"]), "yes") == 200
    assert [step.get("counts") for step in (await world.records())[key]["history"]] == [None] * 3
    assert (await service(world, path, {"member_id": INTRODUCER}))[0] == 404, "they have answered"
    assert (await service(world, path, {"member_id": TARGET}))[0] == 201


@pytest.mark.parametrize("answer", ["not_now", "not_well"])
async def test_a_quiet_no_by_a_link_looks_like_silence_to_whoever_holds_it(world, answer):
    """The writer holds the link, too: neither before the deadline nor after does it tell that somebody answered."""
    key, token = await by_hand(world)
    silent = await opened(world, token)
    before = await world.get(f"/v1/introductions/{key}", SEEKER)
    assert await said(world, token, answer) == 200
    assert await opened(world, token) == silent
    assert await world.get(f"/v1/introductions/{key}", SEEKER) == before
    assert await said(world, token, answer) == 200, "the same again"
    world.clock.day(9)
    assert await opened(world, token) == "over"
    await world.tick(9)
    assert await state(world, key) == ("declined", None)
    assert await opened(world, token) == "over"


@pytest.mark.parametrize("before", [None, "not_now"])
@pytest.mark.parametrize(("then", "ends"), [("yes", "introduced"), ("not_well", "asked")])
async def test_another_answer_takes_the_place_of_a_quiet_no_as_of_silence(world, before, then, ends):
    """Were it refused, whoever holds the link would learn of the first."""
    key, token = await by_hand(world)
    if before:
        assert await said(world, token, before) == 200
    assert await said(world, token, then) == 200
    assert await state(world, key) == (ends, None)
    sealed = await world.pool.fetch("SELECT answer FROM sealed_answers WHERE introduction_id = $1", key)
    assert [each["answer"] for each in sealed] == ([] if then == "yes" else [then])


async def test_when_an_introducer_has_written_to_a_contact_by_hand_the_seeker_sees_no_difference(world):
    key, _ = await forwarded(world)
    before = await world.get(f"/v1/introductions/{key}", SEEKER)
    world.clock.day(3)
    await world.post(f"/v1/introductions/{key}/sent", INTRODUCER)
    assert await world.get(f"/v1/introductions/{key}", SEEKER) == before


async def test_silence_ends_with_the_same_word(world):
    key, token = await by_hand(world)
    page = await opened(world, token)
    world.clock.day(9)
    assert await opened(world, token) == "over"
    assert await said(world, token, "yes", page["form_token"]) == 409
    await world.tick(9)
    assert await state(world, key) == ("expired", None)
    assert await opened(world, token) == "over"


async def test_a_no_that_is_told_ends_it_at_once(world):
    key, token = await by_hand(world)
    assert await said(world, token, "not_now", tell="now") == 200
    assert await state(world, key) == ("declined", None)
    assert await opened(world, token) == "over"


async def test_who_is_no_member_can_be_forgotten(world):
    key, token = await by_hand(world)
    page = await opened(world, token)
    assert await said(world, token, "forget", page["form_token"]) == 200
    assert world.entries.forgotten == [INTRODUCER]
    assert await state(world, key) == ("closed", "erased")
    assert INTRODUCER not in json.dumps((await world.records())[key])
    status, _ = await service(world, f"/v1/answers/{token}/open", None)
    assert status == 404, "the link is gone with them"


async def test_a_member_is_not_forgotten_by_a_link(world):
    key, token = await by_hand(world)
    page = await opened(world, token)
    await arrive(world, INTRODUCER)
    assert "forget" not in (await opened(world, token))["view"]["possible"]
    assert await said(world, token, "forget", page["form_token"]) == 409
    assert world.entries.forgotten == []
    assert await state(world, key) == ("asked", None)


async def test_after_an_erasure_a_link_shows_nothing(world):
    _, token = await by_hand(world)
    await leave(world, SEEKER)
    assert await opened(world, token) == "over"


async def test_a_link_opens_its_own_part_only(world):
    """What Mei may see of Ida, the target, is in nothing that a link for another part opens."""
    await arrive(world, SEEKER, INTRODUCER)
    await world.path(SEEKER, "kai", target="kai", ask="hand", target_ask="hand")
    await world.path(SEEKER, INTRODUCER, posting_id="o2")
    one = await world.ask(SEEKER, "kai")
    await world.ask(SEEKER, INTRODUCER, posting_id="o2")
    token = token_in((await world.post(f"/v1/introductions/{one['id']}/link", SEEKER, expected=201))["url"])
    shown = json.dumps(await opened(world, token))
    assert "SECRET" not in shown
    assert INTRODUCER not in shown
    assert SEEKER not in shown


async def test_only_the_writer_makes_links_and_only_by_hand(world):
    key, _ = await forwarded(world)
    for nobody in (SEEKER, TARGET, "kai"):
        status = (await world.call("POST", f"/v1/introductions/{key}/link", nobody)).status_code
        assert status == (404 if nobody == "kai" else 409)
    await world.path(SEEKER, "kai", posting_id="o2")
    one = await world.ask(SEEKER, "kai", posting_id="o2")
    refused = await world.call("POST", f"/v1/introductions/{one['id']}/link", SEEKER)
    assert refused.status_code == 409
    assert "now you can" in refused.json()["detail"]


async def test_so_many_links_and_no_more(world):
    key, token = await by_hand(world)
    for _ in range(19):
        await world.post(f"/v1/introductions/{key}/link", SEEKER, expected=201)
    assert (await world.call("POST", f"/v1/introductions/{key}/link", SEEKER)).status_code == 409
    assert (await opened(world, token))["form_token"]


async def test_guessing_ends_soon(world):
    _, token = await by_hand(world)
    for number in range(guesses.MOST):
        assert (await service(world, f"/v1/answers/guess-{number}/open", {"source": "198.51.100.7"}))[0] == 404
    assert (await service(world, f"/v1/answers/{token}/open", {"source": "198.51.100.7"}))[0] == 429
    assert (await opened(world, token, "198.51.100.8"))["form_token"]


def test_guesses_are_forgotten_after_a_while():
    now = [0.0]
    tried = Guesses(lambda: now[0])
    for _ in range(guesses.MOST):
        tried.check("a")
        tried.note("a")
    with pytest.raises(Problem):
        tried.check("a")
    now[0] += guesses.WITHIN_S + 1
    tried.check("a")


@pytest.mark.parametrize("path", ["/v1/answers/x/open", "/v1/answers/x"])
async def test_members_have_no_business_there(world, path):
    assert (await world.call("POST", path, SEEKER, json={"form_token": "x", "answer": "yes"})).status_code == 403


async def test_who_was_found_to_be_a_member_in_that_second_is_not_said_to_be_forgotten(world):
    """Profiles knows it before we have read it: their entry stays, and so does what they have a part in."""
    key, token = await by_hand(world)
    page = await opened(world, token)
    world.entries.now[INTRODUCER] = "a-member"
    assert await said(world, token, "forget", page["form_token"]) == 409
    assert world.entries.forgotten == []
    assert await state(world, key) == ("asked", None)
