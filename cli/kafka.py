"""Shared by the commands that read Kafka: a consumer, topics by name, and times as options."""

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
    """The catalogue's topic of this name; an unknown name ends the command with a list of all."""
    found = {topic.name: topic for topic in all_topics()}
    if name not in found:
        fail(f"there is no topic {name}", f"topics: {', '.join(found)}")
    return found[name]


@asynccontextmanager
async def connected() -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, of committed records. A failure of Kafka ends the command with a message."""
    consumer = AIOKafkaConsumer(**consumer_options(load().kafka, client_id=CLIENT_ID))
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        fail(f"Kafka does not answer ({type(error).__name__})", "is the stack still up? `warmpath up`")
    finally:
        await close_consumer(consumer)


def moment(text: str, option: str) -> datetime:
    """An option's value as a time; a bad one ends the command, an assumed time zone is reported on stderr."""
    try:
        found, assumed = parse_moment(text, datetime.now(UTC))
    except ValueError as error:
        fail(f"{option}: {error}", "ISO 8601 such as 2026-05-04T09:30Z, or an age such as 15m, 2h, 3d", code=2)
    if assumed:
        typer.echo(f"{option}: {text} has no time zone and is taken as UTC", err=True)
    return found
