"""Notifications' own client asks this service: what may be said now, by whom it is read, and the link of an e-mail."""

import httpx2
import pytest

from services.notifications.introductions_client import Introductions
from services.notifications.notices import notices
from services.notifications.wording import sentences
from shared.events.introductions import IntroductionV1

from .conftest import SERVICE


@pytest.fixture
def asks(world):
    """As notifications does, with the services' token."""
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(world.app), headers={"Authorization": f"Bearer {SERVICE}"}
    )
    return Introductions(client, "http://introductions.test")


async def planned(world, one):
    """(kind, to whom) of all that notifications would plan by the record."""
    record = IntroductionV1.model_validate((await world.records())[one["id"]])
    return {(each.kind, each.member_id) for each in notices(record)}


async def test_what_is_planned_by_the_record_is_said_by_the_service(world, asks):
    await world.member("amara", "mei", "ida")
    await world.path("amara", "mei")
    one = await world.ask("amara", "mei")
    assert await planned(world, one) == {("introduction_asked", "mei"), ("reminder", "mei")}
    message = await asks.message(one["id"], "mei", "introduction_asked")
    assert (message.role, message.seeker.id, message.target.id) == ("introducer", "amara", "ida")
    assert all(sentences("introduction_asked", message))
    assert await asks.message(one["id"], "mei", "reminder") is None, "not before three days"
    assert await asks.message(one["id"], "amara", "introduction_asked") is None
    assert await asks.message(one["id"], "ida", "target_asked") is None
    link = await asks.link(one["id"], "mei")
    assert "/answer/" in link
    assert await asks.link(one["id"], "amara") is None
    await world.answer(one, "mei", "not_now", tell="quietly")
    assert await planned(world, one) == {("introduction_asked", "mei"), ("reminder", "mei")}, "sealed"
    assert await asks.message(one["id"], "mei", "introduction_asked") is None
    assert await asks.link(one["id"], "mei") is None
