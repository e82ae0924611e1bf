"""`warmpath lag`: how far each reader is behind on each topic, and how long its oldest unread record has waited."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.live import Live
from rich.table import Column, Table

from cli.context import fail, load
from shared.messaging.inspection.groups import GroupInspector, PartitionLag, reading_groups, sum_by_topic
from shared.messaging.inspection.records import age, iso

CAPTION = (
    "Positions as committed to Kafka. Groups with a database resume from their rows in `processed`, which are never "
    "behind these; matchers resume from their snapshots, and commit positions only for display."
)


def lag(
    once: Annotated[bool, typer.Option("--once", help="Show it once and exit.")] = False,
    partitions: Annotated[bool, typer.Option("--partitions", help="One line per partition.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Once, one JSON object per reader and partition.")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between updates.")] = 2.0,
) -> None:
    """Every reader on every topic: unread records, the age of the oldest one, and partitions that nobody reads.

    Positions are those committed to Kafka. Groups with a database resume from their rows in `processed`, which are
    never behind these. Transaction markers do not count as lag. It goes on until Ctrl-C; --once shows it once.
    """
    try:
        asyncio.run(_lag(once=once, partitions=partitions, as_json=as_json, every=every))
    except KeyboardInterrupt:
        raise typer.Exit from None
    except (KafkaError, OSError) as error:
        fail(f"Kafka does not answer ({type(error).__name__})", "is the stack still up? `warmpath up`")


async def _lag(*, once: bool, partitions: bool, as_json: bool, every: float) -> None:
    show = by_partition if partitions else by_topic
    async with GroupInspector(load().kafka) as inspector:
        found = await _lags(inspector)
        if as_json:
            for each in found:
                print(json.dumps(as_json_object(each)))
        elif once:
            Console().print(show(found, time.time()))
        else:
            with Live(show(found, time.time()), auto_refresh=False) as live:
                while True:
                    await asyncio.sleep(every)
                    live.update(show(await _lags(inspector), time.time()), refresh=True)


async def _lags(inspector: GroupInspector) -> list[PartitionLag]:
    return [
        each for reader in reading_groups(await inspector.groups()) for each in await inspector.partition_lags(reader)
    ]


def as_json_object(lag: PartitionLag) -> dict[str, object]:
    """A partition's lag, with the oldest unread record's time as ISO 8601."""
    found = asdict(lag)
    oldest = found.pop("oldest_ms")
    return found | {"oldest": None if oldest is None else iso(oldest)}


def by_topic(lags: Sequence[PartitionLag], now: float) -> Table:
    """One line per reader and topic. `now` in Unix seconds."""
    table = _table("reader", "topic", "lag", "oldest unread", "")
    alone = groups_without_members(lags)
    for each in sum_by_topic(lags):
        words = [f"{each.without_member} of {each.partitions} partitions have no member"] if each.without_member else []
        words = [f"nobody reads it: is {each.group} running?"] if each.group in alone else words
        words += ["nothing committed yet"] if each.never_committed else []
        table.add_row(each.group, each.topic, *_behind(each.lag, each.oldest_ms, now), _marked(words))
    return table


def groups_without_members(lags: Sequence[PartitionLag]) -> set[str]:
    """Groups that no process is a member of; matchers join no group, so nothing can be said of them."""
    held = {each.group for each in lags if each.member is not False}
    return {each.group for each in lags} - held


def by_partition(lags: Sequence[PartitionLag], now: float) -> Table:
    """One line per reader and partition. `now` in Unix seconds."""
    alone = groups_without_members(lags)
    table = _table("reader", "topic", "lag", "oldest unread", "partition", "committed", "end", "")
    for each in lags:
        behind = _behind(each.lag, each.oldest_ms, now)
        committed = "never" if each.committed is None else f"{each.committed:,}"
        words = ["no member"] if each.member is False else []
        words = [f"nobody reads it: is {each.group} running?"] if each.group in alone else words
        place = (str(each.partition), committed, f"{each.end:,}")
        table.add_row(each.group, each.topic, *behind, *place, _marked(words))
    return table


def _table(*names: str) -> Table:
    right = {"lag", "oldest unread", "partition", "committed", "end"}
    columns = [Column(name, justify="right" if name in right else "left", no_wrap=bool(name)) for name in names]
    return Table(*columns, caption=CAPTION, caption_justify="left")


def _behind(lag: int, oldest_ms: int | None, now: float) -> tuple[str, str]:
    return f"{lag:,}", "" if oldest_ms is None else age(now - oldest_ms / 1000)


def _marked(words: Sequence[str]) -> str:
    return f"[red]{'; '.join(words)}[/red]" if words else ""
