"""`warmpath topics list` against a broker."""

from types import SimpleNamespace

from aiokafka import AIOKafkaProducer

from cli import kafka
from cli import topics as command
from shared.events.envelope import seal
from shared.events.ties import TieV1
from shared.messaging.topics.catalogue import TIES


async def test_records_are_counted_over_all_partitions(topics, monkeypatch):
    monkeypatch.setattr(kafka, "load", lambda: SimpleNamespace(kafka=topics.bootstrap))
    before = (await command._sizes([TIES]))[TIES.name]
    tie = TieV1(person_id="someone", contact_id="other", version=1)
    headers = seal(TIES.name, "someone:other", 1, "profiles")
    async with AIOKafkaProducer(bootstrap_servers=topics.bootstrap) as producer:
        for partition in (0, TIES.partitions - 1):
            await producer.send_and_wait(TIES.name, tie.to_json(), b"someone:other", partition, headers=headers)
    after = (await command._sizes([TIES]))[TIES.name]
    assert int(after.replace(",", "")) == int(before.replace(",", "")) + 2
