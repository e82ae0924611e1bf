"""`warmpath up`: runs the stack on this machine, without containers, until Ctrl-C."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from cli import kernels
from cli.context import LOCAL, fail
from cli.recruiter import create_key, store_key, stored_key
from infra.local.process import LocalError
from infra.local.supervisor import Stack


def up(
    data: Annotated[
        Path,
        typer.Option(
            help="The data folder, kept for the next start. For another folder, set WARMPATH_STACK for other commands."
        ),
    ] = LOCAL,
    fresh: Annotated[bool, typer.Option("--fresh", help="Empty the data folder first.")] = False,
    matchers: Annotated[int, typer.Option(min=1, max=12, help="How many matchers share the openings.")] = 1,
) -> None:
    """Run PostgreSQL, Kafka and all services on this machine, without Docker, until Ctrl-C."""
    try:
        asyncio.run(_run(data, fresh, matchers))
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("Stopped.")
    except LocalError as problem:
        fail(str(problem))
    except BaseExceptionGroup as several:
        first, *_ = several.exceptions
        fail(str(first))


async def _run(data: Path, fresh: bool, matchers: int) -> None:
    engine = kernels.engine_settings(typer.echo)
    async with Stack.start(data, fresh=fresh, matchers=matchers, progress=typer.echo, settings=engine) as stack:
        for name, url in stack.urls.items():
            typer.echo(f"  {name:14} {url}")
        typer.echo(f"  {'Kafka':14} {stack.bootstrap}")
        typer.echo(f"  {'e-mail':14} kept in {stack.mail}")
        typer.echo(f"  {'logs':14} {stack.folder / 'logs'}")
        typer.echo(f"  {'recruiter key':14} export WARMPATH_API_KEY={_recruiter(stack)}")
        typer.echo("Up. Ctrl-C stops everything.")
        log = stack.folder / "logs" / "kernels.log"
        async with kernels.compiling(log, typer.echo) if engine else nullcontext():
            await stack.watch()


def _recruiter(stack: Stack) -> str:
    """The local recruiter's key, created on the first start on this folder."""
    key = stored_key(stack.folder) or create_key(stack.urls["postings"], stack.operator_token)
    store_key(stack.folder, key)
    return key
