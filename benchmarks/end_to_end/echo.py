"""The floor that telling is measured against: two bare FastStream hops from a topic over a second to a third.

`python -m benchmarks.end_to_end.echo BOOTSTRAP` is the process that hops; `echo` sends through it at a rate.
"""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream import FastStream
from faststream.kafka import KafkaBroker

TOPICS = ("echo.first", "echo.second", "echo.third")
BODY = "x" * 120
PATIENCE_S = 30.0


async def echo(bootstrap: str, rate: float, seconds: float) -> list[float]:
    """Seconds that each of `rate * seconds` messages took over both hops."""
    await _make_topics(bootstrap)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.end_to_end.echo", bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    try:
        await consumer.start()
        consumer.assign([TopicPartition(TOPICS[-1], 0)])
        await producer.start()
        await _warm(producer, consumer)
        return await _timed(producer, consumer, rate, int(rate * seconds))
    finally:
        await producer.stop()
        await consumer.stop()
        process.terminate()
        await process.wait()


async def _make_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1) for name in TOPICS])
    finally:
        await admin.close()


async def _warm(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await producer.send_and_wait(TOPICS[0], _message())
            if await consumer.getmany(timeout_ms=500):
                break
        while await consumer.getmany(timeout_ms=500):
            pass


async def _timed(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, rate: float, count: int) -> list[float]:
    async def send() -> None:
        began = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            await producer.send(TOPICS[0], _message())

    sending, took = asyncio.create_task(send()), list[float]()
    async with asyncio.timeout(count / rate + PATIENCE_S):
        while len(took) < count:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                now = time.time()
                took += [now - json.loads(record.value)["at"] for record in records]
    await sending
    return took


def _message() -> bytes:
    return json.dumps({"at": time.time(), "body": BODY}).encode()


async def _hop(bootstrap: str) -> None:
    broker = KafkaBroker(bootstrap, logger=None)  # its lines would cost more than the hops

    @broker.subscriber(TOPICS[0], group_id="echo-one", auto_offset_reset="latest")
    @broker.publisher(TOPICS[1])
    async def one(message: dict[str, object]) -> dict[str, object]:
        return message

    @broker.subscriber(TOPICS[1], group_id="echo-two", auto_offset_reset="latest")
    @broker.publisher(TOPICS[2])
    async def two(message: dict[str, object]) -> dict[str, object]:
        return message

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    asyncio.run(_hop(sys.argv[1]))
