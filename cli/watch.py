"""`warmpath topics watch`: a topic's records, old or new, each with its age and any violation of its contract."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from aiokafka import ConsumerRecord, TopicPartition
from rich.console import Console
from rich.markup import escape

from cli.context import fail
from cli.kafka import TopicName, connected, moment, topic_named
from shared.messaging.inspection.records import (
    Begin,
    RecordFilter,
    age,
    describe,
    parse_where,
    partitions_of,
    read_records,
)
from shared.messaging.topics.catalogue import Topic


def watch(
    topic: TopicName,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="beginning, latest, or a time: ISO 8601 (UTC without a zone), or an age such as 15m, 2h, 3d."
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(help="Only records with this key.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=VALUE: only records whose value has it, such as company.name=Initech; can be repeated."
        ),
    ] = None,
    until_now: Annotated[
        bool,
        typer.Option(
            "--until-now", help="Stop at the current end of the topic; starts at its beginning unless --from is given."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per record.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Stop after this many records; 0: no limit.")] = 0,
    beginning: Annotated[bool, typer.Option("--from-beginning", hidden=True)] = False,
) -> None:
    """Show records until Ctrl-C: time, age, partition:offset, type, key and value; contract violations are marked."""
    found, wanted = topic_named(topic), _wanted(key, where or [])
    begin = _begin(start, from_beginning=beginning or until_now)
    try:
        asyncio.run(_watch(found, begin, wanted, until_now=until_now, as_json=as_json, limit=limit))
    except KeyboardInterrupt:
        raise typer.Exit from None


def _wanted(key: str | None, where: list[str]) -> RecordFilter:
    try:
        return RecordFilter(key, [parse_where(each) for each in where])
    except ValueError as error:
        fail(f"--where: {error}", code=2)


def _begin(start: str | None, *, from_beginning: bool) -> Begin:
    if start is None:
        return "beginning" if from_beginning else "latest"
    if start == "beginning":
        return "beginning"
    if start == "latest":
        return "latest"
    return moment(start, "--from")


async def _watch(
    topic: Topic, begin: Begin, wanted: RecordFilter, *, until_now: bool, as_json: bool, limit: int
) -> None:
    console, seen = Console(soft_wrap=True), 0
    async with aclosing(_records(topic, begin, wanted, until_now=until_now)) as records:
        async for record in records:
            _print(console, describe(topic, record, datetime.now(UTC)), as_json)
            seen += 1
            if seen == limit:
                return


async def _records(
    topic: Topic, begin: Begin, wanted: RecordFilter, *, until_now: bool
) -> AsyncGenerator[ConsumerRecord, None]:
    async with connected() as consumer:
        if topic.name not in await consumer.topics():
            fail(f"Kafka has no topic {topic.name} yet", "`warmpath doctor` says what else differs from the catalogue")
        places = [TopicPartition(topic.name, number) for number in partitions_of(topic, wanted.key)]
        async with aclosing(read_records(consumer, places, begin, until_now=until_now)) as records:
            async for record in records:
                if wanted.matches(record):
                    yield record


def _print(console: Console, shown: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(shown, ensure_ascii=False), flush=True)
        return
    place = f"{shown['time']} ({age(shown['age_s'])}) {shown['partition']}:{shown['offset']}"
    line = f"[dim]{place} {escape(shown['type'] or 'no type')}[/dim] [bold]{escape(str(shown['key']))}[/bold]"
    console.print(line + (" [red]tombstone[/red]" if shown["value"] is None else ""), highlight=False)
    if shown["violation"] is not None:
        console.print(f"  [bold red]violates the contract:[/bold red] {escape(shown['violation'])}", highlight=False)
    if shown["value"] is not None:
        console.print(json.dumps(shown["value"], ensure_ascii=False), markup=False)
