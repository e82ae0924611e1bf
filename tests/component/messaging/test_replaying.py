"""Dead letters sent back to the group that failed, once, and to no other."""

import pytest
from aiokafka import AIOKafkaConsumer

from shared.messaging.consume.handlers import Permanent
from shared.messaging.dead_letters.letters import LetterFilter, read_letters
from shared.messaging.dead_letters.replaying import Resolver
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.publish.publisher import Fenced
from shared.messaging.topics import cluster
from shared.testing.wait import until


async def unnoted(_step, _letters):
    pass


async def letters_of(stage):
    async with AIOKafkaConsumer(**consumer_options(stage.bootstrap, client_id="test")) as consumer:
        return await read_letters(consumer, stage.dlq)


async def test_a_letter_goes_back_as_it_is_to_its_group_alone_and_only_once(stage):
    refused = {"p001"}

    async def handler(conn, record):
        if record.key in refused:
            raise Permanent("not yet")
        await conn.execute("INSERT INTO effects (topic, key) VALUES ($1, $2)", record.topic, record.key)

    others = []

    async def other(_conn, record):
        others.append(record.key)

    neighbour = stage.neighbour()
    await cluster.ensure(stage.bootstrap, [neighbour.retry, neighbour.dlq])
    await stage.send(*(stage.person(f"p{number:03}") for number in range(3)))
    async with stage.consuming(handler), neighbour.consuming(other):
        await stage.read(stage.dlq, 1)
        async with Resolver(stage.bootstrap, stage.group, unnoted) as resolver:
            first = await resolver.resolve(LetterFilter(), "replayed", "ops")
            again = await resolver.resolve(LetterFilter(), "replayed", "ops")
        assert [len(first.ready), len(again.ready), len(again.resolved)] == [1, 0, 1]

        async def failed_again():
            return [each.attempts for each in (await letters_of(stage))[0]] == [1, 2]

        await until(failed_again)
        refused.clear()
        async with Resolver(stage.bootstrap, stage.group, unnoted) as resolver:
            last = await resolver.resolve(LetterFilter(reason="not yet"), "replayed", "ops")
        assert [each.attempts for each in last.ready] == [2]
        await until(lambda: _applied(stage, 3))
    letters, done = await letters_of(stage)
    assert {each.place for each in letters} == set(done)
    assert {each.outcome for each in done.values()} == {"replayed"}
    assert sorted(others) == ["p000", "p001", "p002"], "the neighbour never saw a retry"
    sent = await stage.read(stage.retry, 2)
    kept = {(each.key, each.value) for each in sent}
    assert kept == {(stage.person("p001")["key"], stage.person("p001")["value"])}
    assert dict(sent[0].headers)["dlq_topic"] == stage.people.name.encode()


async def _applied(stage, count):
    return len(await stage.effects()) == count


async def test_odd_letters_go_back_byte_for_byte(stage):
    odd = [("x", b"\xff"), ("dlq_topic", b"t"), ("dlq_reason", b"r")]
    await stage.send(
        {"topic": stage.dlq.name, "key": None, "value": b"\xff\x00", "headers": odd},
        {"topic": stage.dlq.name, "key": b"\xff", "value": None, "headers": odd},
    )
    async with Resolver(stage.bootstrap, stage.group, unnoted) as resolver:
        await resolver.resolve(LetterFilter(), "replayed", "ops")
    found = {(each.key, each.value): list(each.headers) for each in await stage.read(stage.retry, 2)}
    assert found == {(None, b"\xff\x00"): odd, (b"\xff", None): odd}


async def test_what_is_dropped_goes_nowhere(stage):
    await stage.send({"topic": stage.dlq.name, "key": b"k", "value": b"v", "headers": [("dlq_topic", b"t")]})
    async with Resolver(stage.bootstrap, stage.group, unnoted) as resolver:
        await resolver.resolve(LetterFilter(), "dropped", "ops")
    letters, done = await letters_of(stage)
    assert [(done[each.place].outcome, done[each.place].by) for each in letters] == [("dropped", "ops")]
    assert await stage.count(stage.retry) == 0


async def test_of_two_who_replay_at_once_the_later_one_does_it(stage):
    await stage.send({"topic": stage.dlq.name, "key": b"k", "value": b"v", "headers": [("dlq_topic", b"t")]})
    async with Resolver(stage.bootstrap, stage.group, unnoted) as first:
        async with Resolver(stage.bootstrap, stage.group, unnoted) as second:
            await second.resolve(LetterFilter(), "replayed", "second")
        first_found = await first.resolve(LetterFilter(), "replayed", "first")
        assert first_found.ready == []
        with pytest.raises(Fenced):
            await first.resolve(LetterFilter(), "replayed", "first", again=True)
    assert await stage.count(stage.retry) == 1


async def put_aside(stage, key):
    """A letter of this stage's, at the beginning of partition 0."""
    letter = {"topic": stage.dlq.name, "key": key, "value": b"v", "partition": 0, "headers": [("dlq_topic", b"t")]}
    await stage.send(letter)


@pytest.mark.parametrize(("outcome", "begun"), [("replayed", "replaying"), ("dropped", "dropping")])
async def test_it_is_noted_before_it_is_done_and_again_afterwards(stage, outcome, begun):
    await put_aside(stage, b"k")
    noted = []

    async def note(step, letters):
        noted.append((step, letters, len((await letters_of(stage))[1])))

    async with Resolver(stage.bootstrap, stage.group, note) as resolver:
        await resolver.resolve(LetterFilter(), outcome, "ops")
        await resolver.resolve(LetterFilter(), outcome, "ops")
    assert noted == [(begun, ["0:0"], 0), (outcome, ["0:0"], 1)], "nothing was left to be done the second time"


@pytest.mark.parametrize("outcome", ["replayed", "dropped"])
async def test_what_cannot_be_noted_is_not_done(stage, outcome):
    await put_aside(stage, b"k")

    async def note(_step, _letters):
        raise ConnectionError

    async with Resolver(stage.bootstrap, stage.group, note) as resolver:
        with pytest.raises(ConnectionError):
            await resolver.resolve(LetterFilter(), outcome, "ops")
    assert (await letters_of(stage))[1] == {}
    assert await stage.count(stage.retry) == 0


async def test_of_what_was_cut_off_right_after_it_was_done_the_audit_has_the_beginning(stage):
    await put_aside(stage, b"k")
    noted = []

    async def note(step, _letters):
        if step == "replayed":
            raise ConnectionError
        noted.append(step)

    async with Resolver(stage.bootstrap, stage.group, note) as resolver:
        with pytest.raises(ConnectionError):
            await resolver.resolve(LetterFilter(), "replayed", "ops")
    assert noted == ["replaying"]
    assert await stage.count(stage.retry) == 1
