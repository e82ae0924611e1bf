"""Names are asked for once a minute at most for each viewer, and never invented."""

import json

import httpx2
import pytest

from shared.web.cards import BATCH, TTL_S, Cards, CardsUnavailable


class Profiles:
    """Answers like profiles; counts who was asked for."""

    def __init__(self):
        self.asked, self.status = [], 200

    def __call__(self, request):
        body = json.loads(request.content)
        self.asked.append((body["viewer"], tuple(body["ids"])))
        if self.status != 200:
            return httpx2.Response(self.status)
        found = [each for each in body["ids"] if not each.startswith("nobody")]
        return httpx2.Response(
            200, json={"cards": [{"id": each, "name": each.upper(), "member": True} for each in found]}
        )


@pytest.fixture
async def asked():
    profiles, now = Profiles(), [0.0]
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(profiles)) as client:
        yield profiles, Cards(client, "http://profiles.example/", clock=lambda: now[0]), now


async def test_cards_are_remembered_for_a_minute_and_a_viewer(asked):
    profiles, cards, now = asked
    for viewer in ("ada", "ada", "ben"):
        assert (await cards.find(viewer, ["dana", "dana"]))["dana"].name == "DANA"
    assert profiles.asked == [("ada", ("dana",)), ("ben", ("dana",))]
    now[0] = TTL_S
    await cards.find("ada", ["dana"])
    assert len(profiles.asked) == 3
    assert TTL_S <= 60


async def test_who_has_no_card_is_missing_and_not_asked_for_again(asked):
    profiles, cards, _ = asked
    for _ in range(2):
        assert set(await cards.find("ada", ["nobody", "dana"])) == {"dana"}
    assert len(profiles.asked) == 1


async def test_many_are_asked_for_in_batches(asked):
    profiles, cards, _ = asked
    found = await cards.find("ada", [f"p{n}" for n in range(BATCH + 1)])
    assert len(found) == BATCH + 1
    assert [len(ids) for _, ids in profiles.asked] == [BATCH, 1]


async def test_without_profiles_nothing_is_known_and_nothing_remembered(asked):
    profiles, cards, _ = asked
    profiles.status = 503
    with pytest.raises(CardsUnavailable):
        await cards.find("ada", ["dana"])
    assert await cards.find_or_none("ada", ["dana"]) == {}
    profiles.status = 200
    assert "dana" in await cards.find_or_none("ada", ["dana"])
