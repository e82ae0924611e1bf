"""The matcher against a real broker: its start, what it says and does not repeat, fencing, and poison."""

import json
import time
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.matching.events import Change
from services.matching.stream.matcher import Matcher
from services.matching.stream.opening_traces import Origin
from shared.events.envelope import seal
from shared.events.suggestions import suggestion_id
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import OutgoingRecord
from shared.messaging.topics import catalogue
from shared.messaging.topics.catalogue import CLOCK, PEOPLE, POSTINGS, TIES
from shared.observability.metric_list import (
    CONSUMER_LAG,
    CONSUMER_RECORD_TIME,
    MATCHER_UNREADABLE,
    SUGGESTION_SECONDS,
    SUGGESTIONS,
)
from shared.testing.wait import until
from tests.component.matching.world import VOCABULARY, matcher, read, settings


def count(metric, suffix=""):
    """The value of a metric without labels."""
    return next(
        sample.value for family in metric.collect() for sample in family.samples if sample.name.endswith(suffix)
    )


@pytest.fixture(params=["fast", "plain"])
def each_engine(request, monkeypatch):
    monkeypatch.setenv("MATCHER_ENGINE", request.param)


@pytest.mark.usefixtures("each_engine")
async def test_starts_from_what_the_topics_hold_and_says_it_beside_the_posting(world):
    await world.everything()
    timed = count(SUGGESTION_SECONDS, "_count")
    async with matcher(world.bootstrap):
        [(partition, headers, said)] = await world.hears(1)
    assert count(SUGGESTION_SECONDS, "_count") == timed
    assert "ce_causetime" not in headers
    [posting] = [raw for raw in await read(world.bootstrap, POSTINGS) if raw.key.decode() == world.id("opening")]
    assert partition == posting.partition
    assert headers["ce_cause"] == b"opening"
    assert (said.seeker_id, said.posting_id, said.fit) == (world.id("ann"), world.id("opening"), 100)
    [path] = said.paths
    assert path.model_dump(exclude={"introducer_id", "insider_id"}) == {
        "score": 0.17,  # 0.75 x 0.75 x 0.5 x 0.6 = 0.16875
        "label": "warm",
        "ask": "app",
        "reasons": ("you said you know them well",),
    }
    assert said.opening.title == "Developer"


async def test_a_second_start_repeats_nothing_and_says_what_changed_meanwhile(world):
    await world.everything()
    async with matcher(world.bootstrap):
        await world.hears(1)
    async with matcher(world.bootstrap):
        await world.hears(1)
    await world.tie("ann", "bob", 1)
    async with matcher(world.bootstrap):
        (_, first, before), (_, headers, after) = await world.hears(2)
    assert before.paths[0].score > after.paths[0].score
    assert int(first["ce_version"]) < after.version
    assert headers["ce_cause"] == b"network"


@pytest.mark.usefixtures("each_engine")
async def test_an_opening_tells_at_once_and_everything_else_is_network(world):
    await world.day()
    await world.people()
    timed, took = count(SUGGESTION_SECONDS, "_count"), count(SUGGESTION_SECONDS, "_sum")
    async with matcher(world.bootstrap):
        await world.opening()
        await world.hears(1)
        await world.tie("ann", "bob", 2)
        await world.hears(2)
        await world.opening(referral_bonus="5000 EUR")
        await world.person("bob")
        *_, (_, headers, gone) = await world.hears(3)
        assert (headers["ce_cause"], gone) == (b"network", None)
        await world.person("bob", introduces=True, employments=[{"company": world.id("company")}])
        await world.hears(4)
        await world.opening(status="closed")
        records = await world.hears(5)
    assert [value is None for *_, value in records] == [False, False, True, False, True]
    assert [headers["ce_cause"] for _, headers, _ in records] == [b"opening", *[b"network"] * 3, b"opening"]
    assert ["ce_causetime" in headers for _, headers, _ in records] == [True, False, False, False, True]
    assert count(SUGGESTION_SECONDS, "_count") - timed == 1, "of what is said because of an opening heard live"
    assert 0 < count(SUGGESTION_SECONDS, "_sum") - took < 30


async def test_what_the_network_changes_is_not_timed_from_an_opening_heard_at_the_same_moment(world):
    made = Matcher(settings(world.bootstrap), VOCABULARY)
    made._memory.intake.partitions["p"] = 3
    heard = Origin("00-trace", 3, 0, datetime.now(UTC))
    made._traces.postings_read({"p": heard}, since_ns=0, live=False)
    made._publisher.enqueue_changes(made._memory, [Change("ann", "p", "network"), Change("bob", "p", "opening")])
    await made.stop()
    found = {each.seeker: each for each in made._publisher.pending.values()}
    assert (found["ann"].traceparent, found["ann"].caused_at) == ("00-trace", None)
    assert found["bob"].caused_at == heard.at


async def test_what_was_said_of_an_opening_nobody_knows_any_more_is_withdrawn_at_the_start(world):
    await world.everything()
    async with matcher(world.bootstrap):
        await world.hears(1)
    await world.put(POSTINGS, world.id("opening"), None)
    async with matcher(world.bootstrap):
        records = await world.hears(2)
    assert records[-1][2] is None


async def test_a_second_start_fences_the_first(world, stopped):
    await world.everything()
    async with matcher(world.bootstrap, lambda: stopped.append("first")) as first:
        await world.hears(1)
        async with matcher(world.bootstrap, lambda: stopped.append("second")) as second:
            await world.tie("ann", "bob", 1)
            await until(lambda: first.failure)
            await world.hears(2)
            assert await first.check() == "fenced: another matcher has taken these partitions"
            assert not first.answers
            assert second.failure is None
    assert stopped == ["first"]


async def test_two_shards_answer_for_their_own_openings_and_disturb_each_other_not_at_all(world, stopped):
    await world.day()
    await world.people()
    names = [f"opening{number}" for number in range(24)]  # their ids are drawn: eight are of one shard now and then
    for name in names:
        await world.opening(name)
    async with (
        matcher(world.bootstrap, lambda: stopped.append(0), shard="0/2") as even,
        matcher(world.bootstrap, lambda: stopped.append(1), shard="1/2") as odd,
    ):
        for name in names:
            await world.hears(1, world.suggestion(name))
        counts = [len([key for key in each.engine.suggestions() if key[0] == world.id("ann")]) for each in (even, odd)]
        reached = {each.engine.reach(world.id(name)) for each in (even, odd) for name in names}
    assert sum(counts) == len(names)
    assert min(counts) > 0
    assert reached == {1}
    assert stopped == []


async def test_poison_is_counted_and_skipped_among_good_records(world):
    await world.everything()
    good = seal(PEOPLE.name, "x", 1, "test")
    before = {
        topic.name: MATCHER_UNREADABLE.labels(topic.name)._value.get() for topic in (PEOPLE, TIES, POSTINGS, CLOCK)
    }
    async with matcher(world.bootstrap) as running:
        await world.hears(1)
        await world.raw(POSTINGS, world.id("bad1"), b"not json", good)
        await world.raw(TIES, world.id("bad2"), b'{"person_id": 7}', good)
        await world.raw(PEOPLE, world.id("bad3"), b"{}", [("ce_id", b"\xff\xfe")])
        await world.raw(CLOCK, "day", None, good)
        await world.raw(PEOPLE, world.id("cat"), b'{"person_id":"other","member":true,"version":1}', good)
        await world.opening("second")
        await world.hears(1, suggestion_id(world.id("ann"), world.id("second")))

        def counted():
            return {topic.name: MATCHER_UNREADABLE.labels(topic.name)._value.get() - before[topic.name]
                    for topic in (PEOPLE, TIES, POSTINGS, CLOCK)}  # fmt: skip

        await until(lambda: counted() == {"people.v1": 2, "ties.v1": 1, "postings.v1": 1, "clock.v1": 1})
        assert running.failure is None


async def test_poison_among_what_was_said_is_counted_and_said_anew_at_the_next_start(world):
    topic = catalogue.SUGGESTIONS
    await world.everything()
    async with matcher(world.bootstrap):
        [(partition, headers, _)] = await world.hears(1)
    bad = OutgoingRecord(topic.name, world.suggestion(), b"not json", list(headers.items()), partition)
    await world.publisher.publish([bad])
    before = MATCHER_UNREADABLE.labels(topic.name)._value.get()

    async def said_anew():
        found = [raw.value for raw in await read(world.bootstrap, topic) if raw.key.decode() == world.suggestion()]
        assert len(found) == 3
        return found

    async with matcher(world.bootstrap) as running:
        first, poison, last = await until(said_anew)
        assert running.failure is None
    assert poison == b"not json"
    first, last = json.loads(first), json.loads(last)
    assert last["version"] > first["version"]
    assert last | {"version": 0} == first | {"version": 0}
    assert MATCHER_UNREADABLE.labels(topic.name)._value.get() - before == 1


async def test_an_unreadable_person_counts_as_not_introducing_until_a_readable_record_comes(world):
    await world.everything()
    async with matcher(world.bootstrap):
        await world.hears(1)
        await world.raw(PEOPLE, world.id("bob"), b'{"person_id":', seal(PEOPLE.name, "x", 1, "test"))
        *_, (_, _, said) = await world.hears(2)
        assert said.paths[0].ask == "hand"
        await world.person("bob", introduces=True, employments=[{"company": world.id("company")}])
        *_, (_, _, said) = await world.hears(3)
        assert said.paths[0].ask == "app"


async def test_positions_are_committed_for_lag_tools(world):
    await world.everything()
    consumer = AIOKafkaConsumer(**consumer_options(world.bootstrap, client_id="t", group="matching"))
    async with matcher(world.bootstrap):
        await consumer.start()
        try:
            place = TopicPartition(CLOCK.name, 0)
            end = (await consumer.end_offsets([place]))[place]

            async def near_the_end():
                return (await consumer.committed(place) or 0) >= end - 1  # the last offset is a transaction's marker

            await until(near_the_end)
            lag = CONSUMER_LAG.labels("matching", CLOCK.name, "0")
            lag.set(77)
            await until(lambda: lag._value.get() == 0)
            assert 0 <= time.time() - CONSUMER_RECORD_TIME.labels("matching", CLOCK.name)._value.get() < 600
            assert SUGGESTIONS.labels("open")._value.get() > 0
        finally:
            await consumer.stop()
