"""The live stream: events as they are committed, resumed exactly, bounded, ended when it must be."""

import asyncio
import time

import pytest

from services.notifications import timers
from services.notifications.live_stream import EventStream, Pace, follow
from shared.testing import wait
from shared.ttl_cache import TtlCache

from .conftest import OPERATOR, Events, direct, erasure, listening, record, suggestion, token


async def test_events_come_as_they_are_committed(world):
    world.settings.stream_heartbeat_seconds = 600  # nothing but the commit wakes the stream
    made = suggestion("ada")
    async with listening(world, "ada") as stream:
        assert await stream.next() == ("ready", 0, {"last_event_id": 0})
        await world.apply(record(made))
        kind, seq, data = await stream.next()
        assert (kind, seq, data["id"]) == ("suggestion", 1, made.suggestion_id)
        assert data["item"]["paths"][0]["name"] == "Dana Okafor"
        assert "score" not in str(data)
        await world.apply(record(suggestion("ada", "p1", direct("ben"))))
        kind, seq, data = await stream.next()
        assert (kind, seq, data["item"]["paths"][0]["name"]) == ("updated", 2, "Ben Ito")
        await world.apply(record(made.suggestion_id))
        assert await stream.next() == ("withdrawn", 3, {"id": made.suggestion_id})


async def test_what_is_rolled_back_is_never_sent(world):
    async with listening(world, "ada") as stream:
        await stream.next()
        handlers = world.handlers().by_topic()
        first = record(suggestion("ada", "p1"))
        async with world.pool.acquire() as connection:
            undone = connection.transaction()
            await undone.start()
            await handlers[first.topic](connection, first)
            await undone.rollback()
        await world.apply(record(suggestion("ada", "p2")))
        _, seq, data = await stream.next()
        assert (seq, data["item"]["posting_id"]) == (1, "p2")


async def test_a_summary_names_three_of_many(world):
    await world.apply(*[record(suggestion("ada", f"p{n}", fit=60 + n), cause="network") for n in range(12)])
    async with listening(world, "ada") as stream:
        await stream.next()
        await world.make_due("ada")
        await timers.send_summaries(world.pool, email=False)
        kind, _, data = await stream.next()
    assert (kind, data["count"], data["text"]) == ("summary", 12, "12 openings you now have a way into")
    assert [item["posting_id"] for item in data["top"]] == ["p11", "p10", "p9"]


async def test_it_goes_on_after_the_last_event_the_client_has(world):
    made = [suggestion("ada", f"p{n}") for n in range(4)]
    await world.apply(*[record(each) for each in made], record(made[2].suggestion_id))
    for last in range(5):
        async with listening(world, "ada", last) as stream:
            events = await stream.take(5 - last)
            assert [seq for _, seq, _ in events] == list(range(last + 1, 6))
            if last <= 2:
                assert events[2 - last][2] == {"id": made[2].suggestion_id, "item": None}  # withdrawn since
    async with listening(world, "ada", 5) as stream:
        await world.apply(record(suggestion("ada", "p9"), cause="opening"))
        assert (await stream.next())[1] == 6


async def test_from_before_what_is_kept_the_client_is_told_to_reset(world):
    await world.apply(*[record(suggestion("ada", f"p{n}")) for n in range(4)])
    await world.pool.execute("DELETE FROM events WHERE seq <= 2")
    async with listening(world, "ada", 2) as stream:
        assert [seq for _, seq, _ in await stream.take(2)] == [3, 4]
    for last in (1, 99):
        async with listening(world, "ada", last) as stream:
            assert await stream.next() == ("reset", 4, {"last_event_id": 4})


async def test_a_member_sees_only_their_own(world):
    async with listening(world, "bob") as stream:
        await stream.next()
        await world.apply(record(suggestion("ada")), record(suggestion("bob", "p7")))
        assert (await stream.next())[2]["item"]["posting_id"] == "p7"


async def test_a_quiet_stream_beats(world):
    async with listening(world, "ada") as stream:
        await stream.next()
        reading = asyncio.ensure_future(stream.next())
        await wait.until(lambda: len(stream.comments) >= 2)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_one_stream_too_many_is_a_429_until_another_ends(world):
    headers = {"Authorization": f"Bearer {token('ada')}"}
    async with listening(world, "ada") as first, listening(world, "ada") as second:
        await first.next()
        await second.next()
        async with listening(world, "ada") as third:
            await third.next()
            answer = await world.http.get("/v1/inbox/stream", headers=headers)
            assert answer.status_code == 429
            async with listening(world, "bob") as other:
                await other.next()

        async def free():
            async with world.http.stream("GET", "/v1/inbox/stream", headers=headers) as response:
                return response.status_code == 200

        assert await wait.until(free)


async def test_an_erased_members_stream_ends(world):
    await world.apply(record(suggestion("ada")))
    async with listening(world, "ada") as stream:
        await stream.next()
        await world.apply(erasure("ada"))
        assert await stream.ended()


@pytest.fixture
def checked_often(world):
    """Streams ask several times a second whether their token is valid, and the answer is not cached."""
    settings, source = world.settings, world.app.state.authenticator._sources["wpm_"]
    before = settings.stream_check_seconds, source._known, source._unknown
    settings.stream_check_seconds = 0.1
    source._known, source._unknown = (TtlCache(0.05, 100, time.monotonic) for _ in range(2))
    yield
    settings.stream_check_seconds, source._known, source._unknown = before


@pytest.mark.parametrize("now", [{"active": False}, {"active": True, "kind": "member", "id": "bob"}])
@pytest.mark.usefixtures("checked_often")
async def test_a_stream_ends_once_its_token_is_revoked_or_somebody_elses(world, now):
    async with listening(world, "ada") as stream, listening(world, "bob") as other:
        await stream.next()
        await other.next()
        world.profiles.tokens[token("ada")] = now
        assert await stream.ended()
        await world.apply(record(suggestion("bob")))
        assert (await other.next())[0] == "suggestion", "nobody else's ends"


@pytest.mark.usefixtures("checked_often")
async def test_a_stream_ends_once_the_role_that_opened_it_is_taken_away(world, monkeypatch):
    """An operator follows a member's stream until their token is no operator's any more."""
    headers = {"Authorization": f"Bearer {OPERATOR}"}
    async with world.http.stream("GET", "/v1/inbox/stream?member=ada", headers=headers) as response:
        stream = Events(response)
        await stream.next()
        monkeypatch.setattr(world.app.state.authenticator, "_fixed", [])
        assert await stream.ended()


async def test_a_client_that_reads_slowly_does_not_put_the_check_off(world):
    await world.apply(*[record(suggestion("ada", f"p{number}")) for number in range(3)])
    asked = []

    async def render(_event):
        return {}

    async def still_valid():
        asked.append(time.monotonic())
        return False

    hub = world.app.state.dependencies.hub
    content = follow(world.pool, asyncio.Event(), hub, "ada", "0", render, still_valid, Pace(30.0, 0.05))
    events = []
    async for sent in content:
        if sent.startswith(b"id:"):
            events.append(sent)
            await asyncio.sleep(0.06)
    assert len(events) == len(asked) == 1, "it was asked before the next event, and nothing followed"


@pytest.mark.usefixtures("checked_often")
async def test_a_stream_goes_on_while_profiles_is_away(world):
    async with listening(world, "ada") as stream:
        await stream.next()
        world.profiles.away, before = True, world.profiles.introspected
        await wait.until(lambda: world.profiles.introspected > before + 1)
        await world.apply(record(suggestion("ada")))
        assert (await stream.next())[0] == "suggestion"


async def test_a_stop_ends_streams_at_once(own_world):
    async with listening(own_world, "ada") as stream:
        await stream.next()
        own_world.app.state.dependencies.hub.close()
        assert await stream.ended()


async def test_a_listener_that_lost_its_connection_comes_back(world):
    async with listening(world, "ada") as stream:
        await stream.next()
        await world.pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND usename = current_user AND pid <> pg_backend_pid()"
        )
        await world.apply(record(suggestion("ada")))
        assert (await stream.next())[0] == "suggestion"


async def test_a_client_that_takes_nothing_is_cut_off(world):
    ended = []

    async def send(message):
        if message.get("body"):
            await asyncio.Event().wait()  # a full buffer

    async def receive():
        await asyncio.Event().wait()

    hub = world.app.state.dependencies.hub
    woken = hub.subscribe("ada")
    content = follow(world.pool, woken, hub, "ada", None, None, None, Pace(1.0, 30.0))
    stream = EventStream(content, 0.1, on_end=lambda: ended.append(hub.unsubscribe("ada", woken)))
    try:
        async with asyncio.timeout(5):
            await stream({"type": "http"}, receive, send)
    except ConnectionAbortedError:
        pass
    else:
        raise AssertionError("it was not cut off")
    assert len(ended) == 1
