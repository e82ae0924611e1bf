"""How much one transaction of a relay publishes: so many rows, and so many bytes."""

from itertools import pairwise

from shared.events.people import PersonV1
from shared.messaging.publish import relay as relays
from shared.messaging.publish.outbox import enqueue_many, outgoing_record
from shared.messaging.publish.publisher import FencedPublisher
from shared.messaging.publish.relay import Relay
from shared.testing.wait import until

NEVER = 3600.0


async def test_large_rows_leave_in_smaller_batches_one_right_after_another(stage, monkeypatch):
    batches = []
    publish = FencedPublisher.publish

    async def noting(self, records):
        batches.append([(len(record.value or b""), record.key) for record in records])
        await publish(self, records)

    monkeypatch.setattr(FencedPublisher, "publish", noting)
    monkeypatch.setattr(relays, "BATCH_BYTES", 1000)
    keys = [f"k{number:02}" for number in range(30)]
    rows = [
        outgoing_record(
            stage.people,
            key,
            None if place % 4 == 0 else PersonV1(person_id=key, version=1, member=True, skills=("x" * 30,) * place),
            1,
            source="profiles",
        )
        for place, key in enumerate(keys)
    ]
    async with stage.pool.acquire() as conn, conn.transaction():
        await enqueue_many(conn, rows)
    relay = Relay(stage.pool, stage.bootstrap, stage.group, poll_seconds=NEVER)
    await relay.start()
    try:
        await until(lambda: _empty(stage))
    finally:
        await relay.stop()
    assert [key for batch in batches for _, key in batch] == keys
    assert len(batches) > 1
    for batch, following in pairwise(batches):
        sizes = [size for size, _ in batch]
        assert sum(sizes[:-1]) < 1000 <= sum(sizes), (sizes, following)


async def _empty(stage):
    return await stage.pool.fetchval("SELECT count(*) FROM outbox") == 0
