"""What Kafka gives and nobody can read, through the consumer to the dead letters; and polls that fail."""

from shared.messaging.kafka import fetcher, record_batch
from shared.messaging.kafka.bounded_reader import Unreadable
from shared.testing.wait import until


async def _applied(stage, keys):
    return sorted(await stage.effects()) == sorted(keys)


async def test_an_unreadable_record_becomes_a_dead_letter_and_its_neighbours_are_applied(stage, monkeypatch):
    whole = record_batch.read

    def read(batch, header, most_delta=None):
        """As if a byte had gone wrong in one record: the broker takes no such batch."""
        for record in whole(batch, header, most_delta):
            victim = record.key == b"p003" and (b"dlq_offset" not in batch)
            yield Unreadable(record.offset, record.timestamp, b"as it stood", "a test said so") if victim else record

    monkeypatch.setattr(record_batch, "read", read)
    await stage.send(*(stage.person(f"p{number:03}") for number in range(8)))
    async with stage.consuming() as consumer:
        (letter,) = await stage.read(stage.dlq, 1)
        await until(lambda: _applied(stage, [f"p{number:03}" for number in range(8) if number != 3]))
        assert consumer.healthy
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (None, b"as it stood")
    assert (headers["dlq_error"], headers["dlq_reason"]) == (b"UnreadableRecord", b"a test said so")


async def test_a_poll_that_fails_for_one_partition_costs_nothing_of_the_others(stage, monkeypatch):
    validate, calls = fetcher.Batch.validate_crc, []

    def now_and_then(batch):
        calls.append(batch)
        return len(calls) not in {2, 5, 9} and validate(batch)

    monkeypatch.setattr(fetcher.Batch, "validate_crc", now_and_then)
    monkeypatch.setattr("faststream.kafka.subscriber.usecase.anyio.sleep", _no_sleep)
    keys = [f"p{number:03}" for number in range(60)]
    await stage.send(*map(stage.person, keys))
    async with stage.consuming():
        await until(lambda: _applied(stage, keys))
    assert len(calls) > 5, "it failed in between"


async def _no_sleep(_seconds):
    """FastStream waits five seconds after a poll that failed."""


async def test_a_record_without_a_time_is_applied(stage):
    await stage.send(stage.person("p1") | {"timestamp_ms": -1}, stage.person("p2"))
    async with stage.consuming() as consumer:
        await until(lambda: _applied(stage, ["p1", "p2"]))
        assert consumer.healthy
