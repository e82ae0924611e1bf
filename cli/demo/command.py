"""`warmpath demo`: what Warmpath does, on this machine, without anybody else."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from cli import kernels
from cli.context import DEMO, command, fail
from cli.demo import about_you, example, own_contacts, staff
from cli.demo.inbox_stream import NoEventError
from cli.demo.load import RequestError, call
from cli.demo.printer import Printer
from cli.demo.services import Services, connected
from cli.demo.story import StoryError
from cli.recruiter import store_key
from infra.local.process import LocalError
from infra.local.supervisor import Stack

QUICK = {
    "WARMPATH_DIGEST_QUIET_SECONDS": "5",
    "WARMPATH_REACH_AFTER_SECONDS": "0",
    "WARMPATH_REACH_SEEKING_DAYS": "0",
    "WARMPATH_OPERATOR_ADDRESSES": staff.OPERATOR_ADDRESS,
}
"""Summaries after five quiet seconds, so that they are in the mail folder when somebody looks; reach at once."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    contacts: Annotated[
        Path | None,
        typer.Option(help="Your own contacts instead of the example network: any file that can be imported."),
    ] = None,
    title: Annotated[str, typer.Option(help="With --contacts: the job title you are looking for.")] = "",
    skills: Annotated[str, typer.Option(help="With --contacts: your skills, separated by commas or semicolons.")] = "",
    name: Annotated[str, typer.Option(help="With --contacts: your name, for the messages.")] = "",
    headline: Annotated[str, typer.Option(help="With --contacts: what you do, in a line, for the messages.")] = "",
) -> None:
    """Start the whole stack on this machine and show what it does, on an example network or on your own contacts.

    Needs Java 17 and Maven, no Docker. Data is kept in .warmpath/demo until the next demo replaces it.
    """
    printer = Printer()
    try:
        given = about_you.Answers(name.strip(), headline.strip(), title.strip(), skills)
        own = about_you.read(contacts, given) if contacts else None
        asyncio.run(_run(printer, own, once))
    except (KeyboardInterrupt, asyncio.CancelledError):
        printer.line("stopped")
    except (LocalError, RequestError, NoEventError, StoryError, AssertionError) as problem:
        fail(str(problem), "the services' logs are in .warmpath/demo/logs")


async def _run(printer: Printer, own: about_you.OwnContacts | None, once: bool) -> None:
    last = ""
    if DEMO.exists():
        printer.line(f"the demo begins anew: the data of the one before, in {DEMO}, is deleted")
    engine = kernels.engine_settings(printer.line)
    async with Stack.start(DEMO, fresh=True, progress=printer.line, settings={**QUICK, **engine}) as stack:
        async with connected(stack) as to:
            if own is None:
                figures, made, people = await example.show(to, printer, stack.mail)
                last = figures.line()
            else:
                made, people = await own_contacts.show(to, own, printer)
            first_page = "/companies" if own else "/"
            links = {} if once else await _links(to, people, made["organisation_id"], first_page)
        store_key(stack.folder, made["api_key"])
        if not once:
            _print_addresses(stack, made["api_key"], printer)
            printer.heading("Open it in a browser; each link works once, and for a day")
            for who, link in links.items():
                printer.note(who)
                printer.note(f"  {link}")
            for who, member in people.items():
                printer.note(f"In another terminal, {who}: `{command()} inbox --member {member}`")
            printer.line("running until Ctrl-C")
            async with (
                kernels.compiling(stack.folder / "logs" / "kernels.log", printer.line) if engine else nullcontext()
            ):
                await stack.watch()
        elif engine:
            printer.line("The kernels are still not compiled: `make setup` does it, or a demo that stays up")
    if once and last:
        typer.echo(last)


async def _links(to: Services, people: dict[str, str], organisation_id: str, first_page: str) -> dict[str, str]:
    """A sign-in link for everybody in the story, and for somebody who recruits and one who operates the stack."""
    made = {who: await _sign_in_link(to, member, first_page) for who, member in people.items()}
    for who, member, page in await staff.join(to, organisation_id):
        made[who] = await _sign_in_link(to, member, page)
    return made


async def _sign_in_link(to: Services, member_id: str, first_page: str) -> str:
    made = await call(to.profiles, "POST", f"/internal/v1/members/{member_id}/sign-in-links")
    return f"{made['url']}&next={first_page}"


def _print_addresses(stack: Stack, key: str, printer: Printer) -> None:
    printer.heading("Addresses")
    for name, url in stack.urls.items():
        printer.note(f"{name:14} {url}")
    printer.note(f"{'Kafka':14} {stack.bootstrap}")
    printer.note(f"{'e-mails':14} {stack.mail}")
    printer.note(f"{'logs':14} {stack.folder / 'logs'}")
    printer.note(f"{'recruiter key':14} export WARMPATH_API_KEY={key}")
