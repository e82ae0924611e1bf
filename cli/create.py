"""`warmpath topics create`: creates the topics of the catalogue that the cluster lacks; never alters existing ones.

Also `python -m cli.create`, which needs only the cluster's address: for a container that does nothing else.
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

DEFAULT_REPLICATION = 3


def create(
    replication: Annotated[
        int | None,
        typer.Option(
            min=1, help="Replication factor of new topics. Default: 3, or the number of brokers if there are fewer."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Create them. Without this option, only show what is missing.")
    ] = False,
) -> None:
    """Create the missing topics; of existing ones, show what differs from the catalogue.

    Can be run again at any time. The cluster is KAFKA_BOOTSTRAP_SERVERS, or that of the running stack.
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or load().kafka
    try:
        asyncio.run(_create(Console(soft_wrap=True), bootstrap, replication, yes=yes))
    except TopicError as error:
        fail(str(error), "too few brokers: use --replication; not authorized: this user needs Create on the cluster")
    except (KafkaError, TimeoutError) as error:
        fail(f"Kafka at {bootstrap} does not answer ({type(error).__name__})", "check KAFKA_BOOTSTRAP_SERVERS")


async def _create(console: Console, bootstrap: str, replication: int | None, *, yes: bool) -> None:
    missing, differing = await differences(bootstrap)
    copies = replication or min(DEFAULT_REPLICATION, await brokers(bootstrap))
    if missing and yes:
        await ensure(bootstrap, replication=copies)
    for name in missing:
        console.print(f"{'created' if yes else 'missing'}  {name}", highlight=False)
    for line in differing:
        console.print(f"differs  {escape(line)}", highlight=False)
    if differing:
        console.print("Existing topics are never altered: `warmpath doctor` says what to do about differences.")
    if not missing:
        console.print("All topics of the catalogue exist.")
    elif not yes:
        console.print(f"Nothing was changed. --yes creates the missing topics, with replication factor {copies}.")


if __name__ == "__main__":
    typer.run(create)
