"""`warmpath topics`: the topics as the catalogue declares them, and as they are in Kafka."""

import asyncio
import json
import shlex
from collections.abc import Iterable
from typing import Annotated

import typer
from aiokafka import TopicPartition
from rich.console import Console
from rich.table import Column, Table

from cli.context import find
from cli.create import create
from cli.kafka import TopicName, connected, topic_named
from cli.reconcile import reconcile
from cli.watch import watch
from shared.messaging.topics import acls
from shared.messaging.topics.catalogue import Topic, all_topics
from shared.messaging.topics.documents import json_schema

topics = typer.Typer(help="List, describe, create, watch and reconcile the topics.", no_args_is_help=True)


@topics.command("list")
def list_topics() -> None:
    """Every topic: owner and partitions; of a running stack also its offsets (records and transaction markers)."""
    sizes = asyncio.run(_sizes(list(all_topics()))) if find() else {}
    table = Table(Column("topic", no_wrap=True), "owner", "partitions", "offsets", "what it is")
    for topic in all_topics():
        table.add_row(topic.name, topic.owner, str(topic.partitions), sizes.get(topic.name, ""), topic.about)
    Console().print(table)


@topics.command()
def describe(topic: TopicName) -> None:
    """One topic: key, owner, readers, configuration and the schema of its values."""
    found = topic_named(topic)
    console = Console()
    console.print(f"[bold]{found.name}[/bold]: {found.about}")
    console.print(f"key: {found.key}; {found.partitions} partitions; written by {found.owner}")
    console.print(f"read by {', '.join(found.readers) or 'nobody yet'}; {found.configs}")
    console.print_json(json.dumps(json_schema(found))) if found.model else console.print(
        "values: bytes as they arrived"
    )


topics.command()(create)
topics.command()(watch)
topics.command()(reconcile)


@topics.command("acls")
def show_acls(
    commands: Annotated[
        bool, typer.Option("--commands", help="Print only the calls of kafka-acls.sh, for a pipe.")
    ] = False,
) -> None:
    """The permissions that each service's Kafka user needs, as a table and as calls of `kafka-acls.sh`."""
    if not commands:
        table = Table("user", "resource", "name", "may", "pattern")
        for acl in acls.all_acls():
            pattern = "prefix" if acl.prefixed else ""
            table.add_row(acl.principal, acl.resource, acl.name, ", ".join(acl.operations), pattern)
        Console().print(table)
    begin = ["kafka-acls.sh", "--bootstrap-server", "BROKER", "--command-config", "ADMIN.properties"]
    for words in acls.commands(acls.all_acls()):
        print(shlex.join([*begin, *words]))


async def _sizes(wanted: Iterable[Topic]) -> dict[str, str]:
    async with connected() as consumer:
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
