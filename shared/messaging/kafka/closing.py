"""Closes producers and consumers within a limit, even while the broker is down.

What was not acknowledged, or not committed, was never promised to anybody.

Read in aiokafka 0.14.0, `producer`: `stop()` flushes first, for ever if need be, and cancelling it leaves tasks that
keep a process from ending. They run methods of the producer, of its `_sender` and of its `_message_accumulator`;
`client.close()` closes the connections.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

SECONDS = 3.0


async def close_producer(producer: AIOKafkaProducer, seconds: float = SECONDS) -> None:
    """Flush and close; after `seconds`, end it as it is. Never raises an error of the producer's."""
    owners = (producer, producer._sender, producer._message_accumulator)  # noqa: SLF001 - see above
    try:
        async with asyncio.timeout(seconds):
            await producer.stop()
    except Exception:  # noqa: BLE001 - a producer that failed may fail again while it closes
        await _end(owners)
        try:
            async with asyncio.timeout(seconds):
                await producer.client.close()
        except Exception:  # noqa: BLE001, S110 - its connections are gone with it
            pass
    except asyncio.CancelledError:
        await _end(owners)
        raise


async def close_consumer(consumer: AIOKafkaConsumer, seconds: float = SECONDS) -> None:
    """Close; after `seconds`, leave its connections to end by themselves. Never raises an error of the consumer's.

    Over TLS a connection that is closed while an answer is on its way waits half a minute for the broker's farewell.
    """
    with suppress(Exception):
        async with asyncio.timeout(seconds):
            await consumer.stop()


async def _end(owners: tuple[Any, ...]) -> None:
    tasks = list(_tasks(owners))
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=SECONDS)


def _tasks(owners: tuple[Any, ...]) -> Iterator[asyncio.Task[Any]]:
    """The tasks that run a method of one of `owners`."""
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is not None and any(frame.f_locals.get("self") is owner for owner in owners):
            yield task
