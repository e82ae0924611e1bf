"""Kill -9 of introductions or notifications between a record and its message: that is told once, and mailed once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from shared.testing.wait import until
from tests.fault.introducing import Running, introducing
from tests.fault.mail import address
from tests.fault.points import OF_INTRODUCTIONS, OF_MESSAGES
from tests.tiers import is_long

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

RELAY = ("a step committed, not published", "a step published, not deleted")
PLACES = [*OF_MESSAGES, *RELAY]
BY_DAY = ["a message told, not committed", "a step committed, not published"]
"""One in each service. Where introductions dies while it is asked, notifications asks again only after a while."""

TOLD = "SELECT member_id, kind FROM notifications.events WHERE kind NOT IN ('updated', 'withdrawn')"


@pytest.mark.scaled
async def test_whoever_dies_each_message_is_told_once_and_mailed_once(clean_kafka, database, tmp_path):
    places = PLACES if is_long() else BY_DAY
    people = {f"{part}{number}" for part in ("seeker", "introducer", "target") for number in range(len(places))}
    async with introducing(tmp_path, clean_kafka, database, people, datetime.now(UTC)) as running:
        for number, place in enumerate(places):
            await _die_while_it_is_told(running, number, place)
        wanted = Counter((f"introducer{number}", "introduction_asked") for number in range(len(places)))
        await asyncio.gather(*(_says_yes(running, number) for number in range(len(places))))
        for part, kind in (("seeker", "agreed"), ("target", "target_asked")):
            wanted.update((f"{part}{number}", kind) for number in range(len(places)))
        await until(lambda: _told_are(running, wanted), timeout=30, every=0.1)
        assert running.mail.taken == Counter(address(member) for member, _ in wanted)
        assert len(running.mail.ids) == len(wanted)


async def _die_while_it_is_told(running: Running, number: int, place: str) -> None:
    """An ask, of which its introducer is told although one of both services dies at this place on the way."""
    path = {"introducer_id": f"introducer{number}", "insider_id": f"target{number}", "score": 0.2, "ask": "app"}
    known = {"target_ask": "app", "firmness": 0.5, "target_firmness": 0.5}
    running.matcher.paths[f"seeker{number}", "Initech"] = [path | known]
    service = (OF_MESSAGES | OF_INTRODUCTIONS)[place].services[0]
    process = running.introductions if service == "introductions" else running.notifications
    before = running.deaths
    await running.doom(process, f"{place}:1")
    await process.until_ready()
    body = {"company": "Initech", "introducer_ids": [f"introducer{number}"], "known_as_looking": True}
    headers = {"Idempotency-Key": f"ask-{number}"}
    answer = await running.send("POST", "/v1/introductions", f"seeker{number}", json=body, headers=headers)
    assert answer.is_success, answer.text
    await until(lambda: _died(running, before), timeout=30, what=place)
    told = {f"introducer{each}" for each in range(number + 1)}
    await until(lambda: _mailed_are(running, told), timeout=180, every=0.1, what=f"it is told after: {place}")


def _died(running: Running, before: int) -> bool:
    running.revive()
    return running.deaths > before


async def _mailed_are(running: Running, wanted: set[str]) -> bool:
    assert set(running.mail.taken) == {address(each) for each in wanted}
    return True


async def _says_yes(running: Running, number: int) -> None:
    found = await running.send("GET", "/v1/introductions?role=introducer", f"introducer{number}")
    [one] = found.json()["items"]
    where = f"/v1/introductions/{one['id']}/answer"
    assert (await running.send("POST", where, f"introducer{number}", json={"answer": "yes"})).is_success


async def _told_are(running: Running, wanted: Counter[tuple[str, str]]) -> bool:
    told = Counter((row["member_id"], row["kind"]) for row in await running.fetch(TOLD))
    assert told == wanted
    return running.mail.taken.total() == wanted.total()
