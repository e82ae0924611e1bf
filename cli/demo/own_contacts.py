"""The demo on your own contacts: your company map, example openings where your contacts work, and whom to ask."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.context import fail
from cli.demo.load import call
from cli.demo.printer import Printer
from cli.demo.services import Services, suggested
from services.profiles.imports import registry
from services.profiles.imports.report import ContactRecord, ImportProblem
from shared.resolution import Title, Vocabulary
from shared.testing.wait import until

EMPLOYERS = 10
MAP_ROWS = 20
ME = "You"


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """Your contacts, and the job you are looking for."""

    file: Path
    records: tuple[ContactRecord, ...]
    title: str
    skills: tuple[str, ...]


def read(file: Path, title: str, skills: str) -> OwnContacts:
    """Read the file before anything is started; prompt for a missing title or missing skills on a terminal."""
    try:
        with file.open("rb") as opened:
            report = registry.read_contacts(opened)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except ImportProblem as problem:
        fail(str(problem), f"try `warmpath import contacts {file} --dry-run` for the reasons")
    title = title or _ask("The job title you are looking for", "--title (TITLE=… with make)")
    skills = skills or _ask("Your skills, separated by commas", "--skills (SKILLS=a,b with make)")
    named = tuple(skill.strip() for skill in skills.split(",") if skill.strip())
    return OwnContacts(file, tuple(next(iter(report.books.values()))), title.strip(), named)


def _ask(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        fail(f"no terminal to prompt for: {question.lower()}", f"use {option}")
    return str(typer.prompt(question))


async def show(to: Services, contacts: OwnContacts, printer: Printer) -> tuple[str, dict[str, str]]:
    """Print the map, import the contacts, post the examples and print whom to ask.

    Gives a recruiter's key, and your id as a member.
    """
    vocabulary = Vocabulary.default()
    companies = _companies(contacts, vocabulary)
    _print_map(contacts, companies, vocabulary, printer)
    member, auth = await _join(to, contacts)
    made = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": "EXAMPLE"})
    key = str(made["api_key"])
    posted = []
    for _, name, _ in companies[:EMPLOYERS]:
        opening = {"company": {"name": name}, "title": f"EXAMPLE: {contacts.title}"[:300], "workplace": "remote"}
        opening |= {"skills": list(contacts.skills), "description": "EXAMPLE: invented by the demo; nobody posted it."}
        answer = await call(
            to.postings, "POST", "/v1/postings", json=opening, headers={"Authorization": f"Bearer {key}"}
        )
        posted.append(answer["posting_id"])
    items = await _settled(to, posted, auth)
    await _print_asks(to, items, auth, printer)
    printer.line(f"you are member {member}; `warmpath inbox --member {member}` shows this again")
    return key, {"you, with your own map": member}


Company = tuple[str, str, list[ContactRecord]]
"""Id, the most frequent spelling of its name, and the contacts who work there."""


def _companies(contacts: OwnContacts, vocabulary: Vocabulary) -> list[Company]:
    """Where the contacts work, most contacts first."""
    found: dict[str, list[ContactRecord]] = {}
    for record in contacts.records:
        company = vocabulary.company(record.company) if record.company else None
        if company is not None:
            found.setdefault(company, []).append(record)
    named = [(key, _commonest(records), records) for key, records in found.items()]
    return sorted(named, key=lambda company: (-len(company[2]), company[1].casefold()))


def _commonest(records: list[ContactRecord]) -> str:
    counted = Counter(record.company for record in records if record.company)
    return min(counted, key=lambda name: (-counted[name], name))


def _print_map(contacts: OwnContacts, companies: list[Company], vocabulary: Vocabulary, printer: Printer) -> None:
    printer.heading(f"Your company map: {len(contacts.records):,} contacts at {len(companies):,} companies")
    wanted = vocabulary.title(contacts.title)
    if wanted is None:
        printer.note(
            f"“{contacts.title}” is not a title we know, so contacts in the same kind of role cannot be recognised."
        )
    table = Table("company", "contacts", "in your kind of role, or recruiting there")
    for _, name, records in companies[:MAP_ROWS]:
        near = [record.name for record in records if _is_near(record, wanted, vocabulary)]
        table.add_row(escape(name), str(len(records)), escape(", ".join(near[:4]) + (" …" if len(near) > 4 else "")))
    printer.console.print(table)
    if len(companies) > MAP_ROWS:
        printer.note(f"and {len(companies) - MAP_ROWS:,} more companies")


def _is_near(record: ContactRecord, wanted: Title | None, vocabulary: Vocabulary) -> bool:
    held = vocabulary.title(record.position) if record.position else None
    return held is not None and (held.recruiting or (wanted is not None and held.group == wanted.group))


async def _join(to: Services, contacts: OwnContacts) -> tuple[str, dict[str, str]]:
    account = {
        "name": ME,
        "email": "you@people.example",
        "skills": list(contacts.skills),
        "seeking": {"titles": [contacts.title], "skills": list(contacts.skills), "workplace": []},
    }
    made = await call(to.profiles, "POST", "/internal/v1/members", json=account)
    auth = {"Authorization": f"Bearer {made['token']}"}
    await call(to.profiles, "POST", "/v1/contacts/import", content=contacts.file.read_bytes(), headers=auth)
    return str(made["member_id"]), auth


async def _settled(to: Services, posted: list[str], auth: dict[str, str]) -> list[dict[str, Any]]:
    """The inbox's items once it holds as many as the matcher counts."""

    async def all_there() -> list[Any] | None:
        page = await call(to.notifications, "GET", "/v1/inbox", params={"limit": 200}, headers=auth)
        there = await suggested(to, posted) == len(page["items"])
        return [*page["items"], None] if there else None  # truthy even without items

    found = await until(all_there, timeout=60, every=0.1, what="your inbox holds what the matcher found")
    return list(found[:-1])


async def _print_asks(to: Services, items: list[dict[str, Any]], auth: dict[str, str], printer: Printer) -> None:
    printer.heading("Whom to ask, if these EXAMPLE openings were real")
    if not items:
        printer.note("Nobody yet: we know neither the title nor the skills you gave.")
    for item in items:
        printer.console.print(f"[bold]{escape(item['title'])}[/bold] at [bold]{escape(item['company'])}[/bold]")
        printer.introducers(item)
        first = next((path for path in item["paths"] if path["ask"] == "hand"), None)
        if first is None:
            continue
        draft = await call(
            to.notifications, "GET", f"/v1/inbox/{item['id']}/draft",
            params={"introducer": first["introducer_id"]}, headers=auth,
        )  # fmt: skip
        printer.note(f"A message to send ({draft['characters']} characters):")
        for line in draft["message"].splitlines():
            printer.note(f"  {line}")
