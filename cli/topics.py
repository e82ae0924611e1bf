"""`warmpath topics`: what flows through Kafka, as the catalogue declares it and as it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from cli.context import fail, find, load
from shared.messaging.catalogue import Topic, all_topics
from shared.messaging.documents import json_schema

topics = typer.Typer(help="List, describe and watch the topics.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A topic's name, as `warmpath topics list` shows it.")]


@topics.command("list")
def list_topics() -> None:
    """Every topic: owner and partitions; with a stack up, how many offsets it spans (records and transaction marks)."""
    held = asyncio.run(_sizes(list(all_topics()))) if find() else {}
    table = Table(Column("topic", no_wrap=True), "owner", "partitions", "offsets", "what it is")
    for topic in all_topics():
        table.add_row(topic.name, topic.owner, str(topic.partitions), held.get(topic.name, ""), topic.about)
    Console().print(table)


@topics.command()
def describe(topic: Name) -> None:
    """One topic: key, owner, readers, configuration and the schema of its values."""
    found = _find(topic)
    console = Console()
    console.print(f"[bold]{found.name}[/bold]: {found.about}")
    console.print(f"key: {found.key}; {found.partitions} partitions; written by {found.owner}")
    console.print(f"read by {', '.join(found.readers) or 'nobody yet'}; {found.configs}")
    console.print_json(json.dumps(json_schema(found))) if found.model else console.print("values: bytes as they came")


@topics.command()
def watch(
    topic: Name,
    beginning: Annotated[bool, typer.Option("--from-beginning", help="Start with what the topic holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a record.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Stop after so many records; 0 goes on.")] = 0,
) -> None:
    """Show records as they come, until Ctrl-C: key, partition, offset, time and value."""
    try:
        asyncio.run(_watch(_find(topic), beginning, as_json, limit))
    except KeyboardInterrupt:
        raise typer.Exit from None


def _find(name: str) -> Topic:
    found = {topic.name: topic for topic in all_topics()}
    if name not in found:
        fail(f"no topic is called {name}", f"there are: {', '.join(found)}")
    return found[name]


async def _consumer() -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(bootstrap_servers=load().kafka, isolation_level="read_committed")
    try:
        await consumer.start()
    except KafkaError as error:
        await consumer.stop()
        fail(f"Kafka does not answer ({type(error).__name__})", "is the stack still up? `warmpath up`")
    return consumer


async def _sizes(wanted: Iterable[Topic]) -> dict[str, str]:
    consumer = await _consumer()
    try:
        existing = await consumer.topics()
        sizes = {}
        for topic in wanted:
            if topic.name not in existing:
                sizes[topic.name] = "missing"
                continue
            places = [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]
            first, last = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            sizes[topic.name] = f"{sum(last[p] - first[p] for p in places):,}"
        return sizes
    finally:
        await consumer.stop()


async def _watch(topic: Topic, beginning: bool, as_json: bool, limit: int) -> None:
    consumer, console, seen = await _consumer(), Console(soft_wrap=True), 0
    try:
        async for record in _records(consumer, topic, beginning):
            _print(console, record, as_json)
            seen += 1
            if seen == limit:
                return
    finally:
        await consumer.stop()


async def _records(consumer: AIOKafkaConsumer, topic: Topic, beginning: bool) -> AsyncIterator[ConsumerRecord]:
    places = [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]
    consumer.assign(places)
    await (consumer.seek_to_beginning(*places) if beginning else consumer.seek_to_end(*places))
    async for record in consumer:
        yield record


def _print(console: Console, record: ConsumerRecord, as_json: bool) -> None:
    shown = as_shown(record)
    if as_json:
        print(json.dumps(shown, ensure_ascii=False), flush=True)
        return
    place = (
        f"[dim]{shown['time']} {shown['partition']}:{shown['offset']}[/dim] [bold]{escape(str(shown['key']))}[/bold]"
    )
    if shown["value"] is None:
        console.print(f"{place} [red]tombstone[/red]", highlight=False)
        return
    console.print(place, highlight=False)
    console.print(json.dumps(shown["value"], ensure_ascii=False), markup=False)


def as_shown(record: ConsumerRecord) -> dict[str, Any]:
    """A record as JSON; bytes that are not UTF-8 JSON are shown as text with replacement characters."""
    raw = record.value
    try:
        value = None if raw is None else json.loads(raw)
    except ValueError:
        value = raw.decode(errors="replace")
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(timespec="milliseconds"),
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "version": _version(record),
        "value": value,
    }


def _version(record: ConsumerRecord) -> int | str | None:
    """`ce_version` as the number that it is, so that what `--json` prints can go into `warmpath match`."""
    text = next((raw.decode(errors="replace") for name, raw in record.headers if name == "ce_version"), None)
    return int(text) if text is not None and text.isascii() and text.isdigit() else text
