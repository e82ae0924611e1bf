"""Who sees what, walked for every part, state, endpoint, message, e-mail and record: planted words are looked for.

The table below is the contract's, written out by hand: the service's own is made of the same sentences.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import httpx2
import pytest

from services.introductions.messages import Kind
from services.notifications.domain import Status
from services.notifications.introductions_client import Introductions
from services.notifications.kinds import kind_of
from services.notifications.notices import Notice
from services.notifications.rendering import Link, Links, Reader, email_of_notice, show_notice
from services.notifications.store import Item
from shared.testing.database import empty
from tests.component.introductions.conftest import SERVICE, START

from .test_by_hand import UUID
from .test_departures import arrive

SEEKER, INTRODUCER, TARGET, NEXT = "amara", "mei", "idasecretid", "noa"
PLANTED = {
    "seeker": "SEEKERNAME", "introducer": "INTRODUCERNAME", "target": "TARGETNAME", "target's id": TARGET,
    "next": "NEXTNAME", "note": "NOTETEXT", "contact": "CONTACTTEXT", "address": "planted@address.example",
}  # fmt: skip
TARGETS = frozenset({"target", "target's id"})
_OWN = frozenset({"introducer", "note", "next"})
_BOTH = frozenset({"seeker", "introducer"})

WAITS = {SEEKER: _OWN}
ASKED = {SEEKER: _OWN, INTRODUCER: frozenset({"seeker", "note"}) | TARGETS}
ACCEPTED = ASKED | {TARGET: _BOTH | {"note"}}
REACHED = {SEEKER: frozenset({"introducer", "contact"}) | TARGETS, INTRODUCER: frozenset({"seeker"}) | TARGETS,
           TARGET: _BOTH | {"address", "contact"}}  # fmt: skip
OFFERED = ASKED | {SEEKER: _OWN - {"next"}}
INTRODUCED = REACHED | {SEEKER: REACHED[SEEKER] | {"note"}}
ENDED_ASKED = {SEEKER: frozenset({"introducer"}), INTRODUCER: frozenset({"seeker"})}
ENDED_ACCEPTED = ENDED_ASKED | {TARGET: _BOTH}

TABLE: dict[str, dict[str, frozenset[str]]] = {
    "requested": WAITS,
    "no room": {SEEKER: frozenset({"introducer"})},
    "offered": OFFERED,
    "offer declined": ENDED_ASKED,
    "asked": ASKED,
    "quietly declined": ASKED,
    "yes waits for room": ASKED,
    "declined": ENDED_ASKED,
    "expired": ENDED_ASKED,
    "withdrawn": ENDED_ASKED,
    "opening closed": ENDED_ASKED,
    "no longer possible": ENDED_ASKED,
    "accepted": ACCEPTED,
    "quietly refused": ACCEPTED,
    "refused": ENDED_ACCEPTED,
    "accepted, withdrawn": ENDED_ACCEPTED,
    "introduced": INTRODUCED,
    "talked": REACHED,
    "never told": REACHED,
}
"""By state and part, what of the planted may be seen; whoever is not there knows of nothing."""

BEFORE = [state for state, seen in TABLE.items() if not seen[SEEKER] & TARGETS]
BY_DAY = {"requested", "asked", "yes waits for room", "accepted", "expired", "quietly refused"}
COMMANDS: tuple[tuple[str, Any], ...] = (
    ("answer", {"answer": "yes"}), ("answer", {"answer": "not_now"}), ("target-answer", {"answer": "yes"}),
    ("target-answer", {"answer": "no"}), ("withdraw", None), ("sent", None), ("outcome", {"outcome": "hired"}),
    ("talked", None), ("link", None), ("answer", {"answer": "perhaps"}),
)  # fmt: skip
DOES = {"answer": {"yes", "no", "not_now"}, "target-answer": {"yes", "no"}, "link": {"sent"}}
"""What must not be possible for a command to be sure to be refused."""


async def begin(world: Any, state: str, **path: Any) -> str:
    """An introduction in this state; its id."""
    names = {SEEKER: PLANTED["seeker"], INTRODUCER: PLANTED["introducer"], TARGET: PLANTED["target"]}
    names |= {NEXT: PLANTED["next"]}
    world.profiles.names = names | {path.get("target", TARGET): PLANTED["target"]}
    world.profiles.emails = {SEEKER: PLANTED["address"]}
    await arrive(world, SEEKER, INTRODUCER, TARGET)
    await world.path(SEEKER, INTRODUCER, **({"target": TARGET} | path))
    if state in ("requested", "no room"):
        await world.call("PUT", "/v1/limits", INTRODUCER, json={"asks_a_month": 0})
    if state == "yes waits for room":
        await world.call("PUT", "/v1/limits", path.get("target", TARGET), json={"asks_a_month": 0})
    if state in ("offered", "offer declined"):
        await world.member(SEEKER, looks_openly=True)
        body = {"posting_id": "o1", "seeker_id": SEEKER, "note": PLANTED["note"]}
        one = await world.post("/v1/offers", INTRODUCER, body, 201)
    else:
        one = await world.ask(SEEKER, INTRODUCER, NEXT, note=PLANTED["note"])
    await lead_to(world, one, state, path.get("target", TARGET))
    return str(one["id"])


async def lead_to(world: Any, one: Any, state: str, target: str) -> None:
    if state in AGREED:
        await world.answer(one, INTRODUCER, "yes")
    if state in ("introduced", "talked", "never told"):
        await world.agrees(one, target, contact=PLANTED["contact"])
    match state:
        case "offer declined":
            await world.answer(one, SEEKER, "no")
        case "declined" | "quietly declined":
            await world.answer(one, INTRODUCER, "not_now", tell="now" if state == "declined" else "quietly")
        case "withdrawn" | "accepted, withdrawn":
            await world.post(f"/v1/introductions/{one['id']}/withdraw", SEEKER)
        case "refused" | "quietly refused":
            await world.agrees(one, target, "no")
        case "opening closed":
            await world.pool.execute("UPDATE openings SET closed_at = $1", START - timedelta(days=3))
        case "no longer possible":
            await world.member(target, introduces=False)
        case "talked":
            await world.post(f"/v1/introductions/{one['id']}/outcome", SEEKER, {"outcome": "talked"})
    days = {"no room": 15, "expired": 8, "refused": 8, "never told": 61}
    await world.tick(days.get(state, 1))


AGREED = {"yes waits for room", "accepted", "accepted, withdrawn", "refused", "quietly refused",
          "introduced", "talked", "never told"}  # fmt: skip


def found(text: str) -> frozenset[str]:
    return frozenset(what for what, word in PLANTED.items() if word in text)


async def everything(world: Any, key: str, member: str) -> str:
    """All that somebody is answered who asks for everything and tries all that cannot be done."""
    answers = [await world.call("GET", f"/v1/introductions/{key}", member)]
    possible = set(answers[0].json().get("possible", ()))
    paths = [f"/v1/introductions?role={role}" for role in ("seeker", "introducer", "target")]
    paths += ["/v1/introductions?state=open", "/v1/introductions?state=ended", "/v1/give", "/v1/give?order=gain"]
    paths += ["/v1/limits", "/v1/keep-in-touch", f"/internal/v1/introductions/{key}", "/internal/v1/overview"]
    paths += [f"/v1/introductions/preview?suggestion_id={SEEKER}/o1&introducer_id={INTRODUCER}"]
    paths += [f"/internal/v1/introductions/{key}/message?member={member}&kind=agreed"]
    answers += [await world.call("GET", path, member) for path in paths]
    for command, body in COMMANDS:
        if not possible & DOES.get(command, {command}):
            answers.append(await world.call("POST", f"/v1/introductions/{key}/{command}", member, json=body))
    again = {"suggestion_id": f"{SEEKER}/o1", "introducer_ids": [INTRODUCER], "known_as_looking": True}
    if member != SEEKER or "withdraw" in possible:
        answers.append(await world.call("POST", "/v1/introductions", member, json=again))
    return "\n".join(f"{each.status_code} {each.headers} {each.text}" for each in answers)


async def messages(world: Any, key: str, member: str) -> str:
    """All that notifications would put into somebody's inbox and e-mails about it, now and when a reminder is due."""
    headers = {"Authorization": f"Bearer {SERVICE}"}
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(world.app), headers=headers)
    asks, now = Introductions(client, "http://introductions.test"), world.clock.moment
    reader = Reader(
        "Reader", "Europe/Berlin", Links(Link("https://w.example/unsubscribe/x"), Link("https://w.example"))
    )
    seen: list[str] = []
    for moment in (now, now + timedelta(days=3.1)):
        world.clock.moment = moment
        for kind in get_args(Kind):
            message = await asks.message(key, member, kind)
            if message is None:
                continue
            notice = Notice(
                item_id="x", kind=kind, member_id=member, introduction_id=key, version=1, due_at=datetime.now(UTC)
            )
            email = email_of_notice(notice, message, reader, "https://w.example/answer/" + "t" * 43)
            item = Item(notice, Status.UNREAD, None, START, START)
            assert kind_of(notice).name == kind
            seen += [kind, message.model_dump_json(), str(email), show_notice(item, notice, message).model_dump_json()]
    world.clock.moment = now
    return "\n".join(seen)


@pytest.mark.parametrize("state", TABLE)
async def test_each_part_sees_in_each_state_what_the_contract_says(world, state):
    key = await begin(world, state)
    for member in (SEEKER, INTRODUCER, TARGET, "kai"):
        may = TABLE[state].get(member)
        answer = await world.call("GET", f"/v1/introductions/{key}", member)
        assert (answer.status_code == 200) == (may is not None), (member, answer.text)
        if may is not None:
            assert found(answer.text) == may, member
        own = {SEEKER: {"seeker"}, INTRODUCER: {"introducer"}, TARGET: TARGETS}.get(member, set())
        told = await messages(world, key, member)
        assert found(told) <= (may or frozenset()) | own, (member, told)
        assert may is not None or not told
        if member == "kai":
            continue
        seen = await everything(world, key, member)
        # Who is asked for is in what one asks for oneself: the seeker's own preview names the introducer.
        asked_for = {"introducer"} if member == SEEKER else set()
        assert found(seen) <= (may or frozenset()) | own | asked_for, (member, found(seen))


@pytest.mark.parametrize("state", TABLE)
async def test_the_topic_has_ids_states_and_dates_and_no_word_that_people_wrote(world, state):
    key = await begin(world, state)
    rows = await world.pool.fetch("SELECT * FROM outbox")
    text = "\n".join(str(dict(row)) for row in rows)
    assert key in text
    assert found(text) <= {"target's id"}
    record = (await world.records())[key]
    assert set(record) <= {
        "introduction_id", "version", "seeker_id", "introducer_id", "insider_id", "posting_id", "origin", "legs",
        "due_at", "history", "talked_by", "sent_at",
    }  # fmt: skip


@pytest.mark.parametrize(
    "state", [state if state in BY_DAY else pytest.param(state, marks=pytest.mark.long) for state in BEFORE]
)
async def test_to_the_seeker_it_is_one_whoever_the_target_is_and_however_they_are_reached(
    world, module_database, state
):
    """Two worlds that differ in the target alone: all that the seeker is answered and told is the same to the byte."""
    seen = []
    others = {"target": "somebody-else", "target_ask": "hand", "score": 0.2}
    for path in ({}, others if state not in ASKED_IN_THE_APP else {"target": "somebody-else"}):
        await empty(module_database)
        world.clock.moment = START
        world.matcher.paths.clear()
        await arrive(world, path.get("target", TARGET))
        key = await begin(world, state, **path)
        text = await everything(world, key, SEEKER) + await messages(world, key, SEEKER)
        ids: dict[str, str] = {}
        text = UUID.sub(lambda one, ids=ids: ids.setdefault(one[0], f"#{len(ids)}"), text)
        seen.append(re.sub(r"[0-9a-f]{32}", "", text))
    assert seen[0] == seen[1]
    assert not found(seen[0]) & TARGETS
    assert json.dumps("somebody-else") not in seen[1]


ASKED_IN_THE_APP = {"yes waits for room", "no longer possible", "quietly refused", "refused", "offered"}
"""Where a target by hand would be another state: they have no limits and no consent of ours, and answer by a link."""
