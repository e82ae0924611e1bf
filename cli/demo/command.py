"""`warmpath demo`: what Warmpath does, on this machine, with nobody else there."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from cli import kernels
from cli.context import DEMO, fail
from cli.demo import example, own
from cli.demo.ear import SilenceError
from cli.demo.load import RefusedError
from cli.demo.services import connected
from cli.demo.story import WrongError
from cli.demo.telling import Teller
from cli.recruiter import keep_key
from infra.local.process import LocalError
from infra.local.supervisor import Stack

FAST_MAIL = {"WARMPATH_DIGEST_QUIET_SECONDS": "5"}
"""Summaries after five quiet seconds, so that somebody who looks at the mail folder sees them."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    contacts: Annotated[
        Path | None, typer.Option(help="Your own LinkedIn Connections.csv instead of the example network.")
    ] = None,
    title: Annotated[str, typer.Option(help="With --contacts: the job title you look for.")] = "",
    skills: Annotated[str, typer.Option(help="With --contacts: your skills, separated by commas.")] = "",
) -> None:
    """Start the whole stack on this machine and show what it does, on an example network or on your own contacts.

    Needs Java 17 and Maven, no Docker. Data goes to .warmpath/demo and is thrown away at the next demo.
    """
    teller = Teller()
    try:
        mine = own.read(contacts, title, skills) if contacts else None
        asyncio.run(_run(teller, mine, once))
    except (KeyboardInterrupt, asyncio.CancelledError):
        teller.say("stopped")
    except (LocalError, RefusedError, SilenceError, WrongError, AssertionError) as problem:
        fail(str(problem), "the services' logs are in .warmpath/demo/logs")


async def _run(teller: Teller, mine: own.Mine | None, once: bool) -> None:
    last = ""
    engine = kernels.engine_settings(teller.say)
    async with Stack.start(DEMO, fresh=True, progress=teller.say, settings={**FAST_MAIL, **engine}) as stack:
        async with connected(stack) as to:
            if mine is None:
                figures, key = await example.show(to, teller)
                last = figures.line()
            else:
                key = await own.show(to, mine, teller)
        keep_key(stack.folder, key)
        _where(stack, key, teller)
        if not once:
            teller.say("up until Ctrl-C")
            async with (
                kernels.compiling(stack.folder / "logs" / "kernels.log", teller.say) if engine else nullcontext()
            ):
                await stack.watch()
        elif engine:
            teller.say("The kernels are still not compiled: `make setup` does it, or a demo that stays up")
    if once and last:
        typer.echo(last)


def _where(stack: Stack, key: str, teller: Teller) -> None:
    teller.part("Where things are")
    for name, url in stack.urls.items():
        teller.note(f"{name:14} {url}")
    teller.note(f"{'Kafka':14} {stack.bootstrap}")
    teller.note(f"{'e-mails':14} {stack.mail}")
    teller.note(f"{'logs':14} {stack.folder / 'logs'}")
    teller.note(f"{'recruiter key':14} export WARMPATH_API_KEY={key}")
