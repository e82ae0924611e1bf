"""`warmpath topics create`: the catalogue's topics that the cluster lacks; what is there is never altered.

Also `python -m cli.create`, which needs the cluster's address and nothing else: for a container that does only this.
"""

import asyncio
import os
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape

from cli.context import fail, load
from shared.messaging.topics.cluster import TopicError, brokers, differences, ensure

MOST_COPIES = 3


def create(
    replication: Annotated[
        int | None,
        typer.Option(min=1, help="Copies of every record, each on another broker; without it 3, or as many as fit."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only said what is missing.")] = False,
) -> None:
    """Create the topics that are missing; with those that are there, only say what differs from the catalogue.

    May be run again at any time. The cluster: KAFKA_BOOTSTRAP_SERVERS, or that of the running stack.
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or load().kafka
    try:
        asyncio.run(_create(Console(soft_wrap=True), bootstrap, replication, yes=yes))
    except TopicError as error:
        fail(str(error), "fewer copies: --replication; not allowed: this user may need Create on the cluster")
    except (KafkaError, TimeoutError) as error:
        fail(f"Kafka at {bootstrap} does not answer ({type(error).__name__})", "look at KAFKA_BOOTSTRAP_SERVERS")


async def _create(console: Console, bootstrap: str, replication: int | None, *, yes: bool) -> None:
    missing, differing = await differences(bootstrap)
    copies = replication or min(MOST_COPIES, await brokers(bootstrap))
    if missing and yes:
        await ensure(bootstrap, replication=copies)
    for name in missing:
        console.print(f"{'created' if yes else 'missing'}  {name}", highlight=False)
    for line in differing:
        console.print(f"differs  {escape(line)}", highlight=False)
    if differing:
        console.print("What differs is left as it is: `warmpath doctor` says what to do about it.")
    if not missing:
        console.print("Every topic of the catalogue is there.")
    elif not yes:
        console.print(f"Nothing was changed: --yes creates what is missing, each record on {copies} broker(s).")


if __name__ == "__main__":
    typer.run(create)
