"""What the commands that look into Kafka share: the way in, a topic by its name, a moment as people write one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from cli.context import fail, load
from shared.messaging.inspection.records import parse_moment
from shared.messaging.kafka.closing import close_consumer
from shared.messaging.kafka.settings import consumer_options
from shared.messaging.topics.catalogue import Topic, all_topics

CLIENT_ID = "warmpath-cli"
TopicName = Annotated[str, typer.Argument(help="A topic's name, as `warmpath topics list` shows it.")]


def topic_named(name: str) -> Topic:
    """The catalogue's topic; an unknown name ends the command with the names there are."""
    found = {topic.name: topic for topic in all_topics()}
    if name not in found:
        fail(f"no topic is called {name}", f"there are: {', '.join(found)}")
    return found[name]


@asynccontextmanager
async def connected() -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, of committed records. Kafka's silence ends the command, now or later."""
    consumer = AIOKafkaConsumer(**consumer_options(load().kafka, client_id=CLIENT_ID))
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        fail(f"Kafka does not answer ({type(error).__name__})", "is the stack still up? `warmpath up`")
    finally:
        await close_consumer(consumer)


def moment(text: str, option: str) -> datetime:
    """A moment that an option names; a bad one ends the command, an assumed zone is said on stderr."""
    try:
        found, assumed = parse_moment(text, datetime.now(UTC))
    except ValueError as error:
        fail(f"{option}: {error}", "ISO 8601 such as 2026-05-04T09:30Z, or so long ago: 15m, 2h, 3d", code=2)
    if assumed:
        typer.echo(f"{option}: {text} has no zone and is read as UTC", err=True)
    return found
