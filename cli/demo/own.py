"""The demo on somebody's own contacts: their company map, example openings where their contacts work, whom to ask."""

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
from cli.demo.services import Services, reach
from cli.demo.telling import Teller
from services.profiles.imports import linkedin
from services.profiles.imports.report import ContactRecord, ImportProblem
from shared.resolution import Title, Vocabulary
from shared.testing.wait import until

EMPLOYERS = 10
MAP_ROWS = 20
ME = "You"


@dataclass(frozen=True, slots=True)
class Mine:
    """What somebody brought: their contacts, and the job they look for."""

    file: bytes
    records: tuple[ContactRecord, ...]
    title: str
    skills: tuple[str, ...]


def read(file: Path, title: str, skills: str) -> Mine:
    """Read the file before anything is started, and ask for what is missing where somebody can answer."""
    try:
        data = file.read_bytes()
        report = linkedin.parse(data)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except ImportProblem as problem:
        fail(str(problem), f"try `warmpath import contacts {file} --dry-run` for the reasons")
    title = title or _ask("The job title you look for", "--title (TITLE=… with make)")
    skills = skills or _ask("Your skills, separated by commas", "--skills (SKILLS=a,b with make)")
    named = tuple(skill.strip() for skill in skills.split(",") if skill.strip())
    return Mine(data, tuple(report.records), title.strip(), named)


def _ask(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        fail(f"nobody is there to ask: {question.lower()}?", f"give {option}")
    return str(typer.prompt(question))


async def show(to: Services, mine: Mine, teller: Teller) -> str:
    """Import the file, print the map, post the examples and print whom to ask; gives a recruiter's key."""
    vocabulary = Vocabulary.default()
    companies = _companies(mine, vocabulary)
    _print_map(mine, companies, vocabulary, teller)
    member, auth = await _join(to, mine)
    made = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": "EXAMPLE"})
    key = str(made["api_key"])
    posted = []
    for _, name, _ in companies[:EMPLOYERS]:
        opening = {"company": {"name": name}, "title": f"EXAMPLE: {mine.title}"[:300], "workplace": "remote"}
        opening |= {"skills": list(mine.skills), "description": "EXAMPLE: made up by the demo; nobody posted it."}
        answer = await call(
            to.postings, "POST", "/v1/postings", json=opening, headers={"Authorization": f"Bearer {key}"}
        )
        posted.append(answer["posting_id"])
    items = await _settled(to, posted, auth)
    await _print_asks(to, items, auth, teller)
    teller.say(f"you are member {member}; `warmpath inbox --member {member}` shows this again")
    return key


Company = tuple[str, str, list[ContactRecord]]
"""Id, the name most often written, and who works there."""


def _companies(mine: Mine, vocabulary: Vocabulary) -> list[Company]:
    """Where the contacts work, the most common first."""
    found: dict[str, list[ContactRecord]] = {}
    for record in mine.records:
        if record.company:
            found.setdefault(vocabulary.company(record.company), []).append(record)
    named = [(key, _commonest(records), records) for key, records in found.items()]
    return sorted(named, key=lambda company: (-len(company[2]), company[1].casefold()))


def _commonest(records: list[ContactRecord]) -> str:
    counted = Counter(record.company for record in records if record.company)
    return min(counted, key=lambda name: (-counted[name], name))


def _print_map(mine: Mine, companies: list[Company], vocabulary: Vocabulary, teller: Teller) -> None:
    teller.part(f"Your company map: {len(mine.records):,} contacts at {len(companies):,} companies")
    wanted = vocabulary.title(mine.title)
    if wanted is None:
        teller.note(f"“{mine.title}” is no title we know, so nobody can be told to have the same kind of role.")
    table = Table("company", "contacts", "in your kind of role, or recruiting there")
    for _, name, records in companies[:MAP_ROWS]:
        near = [record.name for record in records if _is_near(record, wanted, vocabulary)]
        table.add_row(escape(name), str(len(records)), escape(", ".join(near[:4]) + (" …" if len(near) > 4 else "")))
    teller.console.print(table)
    if len(companies) > MAP_ROWS:
        teller.note(f"and {len(companies) - MAP_ROWS:,} more companies")


def _is_near(record: ContactRecord, wanted: Title | None, vocabulary: Vocabulary) -> bool:
    held = vocabulary.title(record.position) if record.position else None
    return held is not None and (held.recruiting or (wanted is not None and held.group == wanted.group))


async def _join(to: Services, mine: Mine) -> tuple[str, dict[str, str]]:
    account = {
        "name": ME,
        "email": "you@people.example",
        "skills": list(mine.skills),
        "seeking": {"titles": [mine.title], "skills": list(mine.skills), "workplace": []},
    }
    made = await call(to.profiles, "POST", "/internal/v1/members", json=account)
    auth = {"Authorization": f"Bearer {made['token']}"}
    headers = auth | {"Content-Type": "text/csv"}
    await call(to.profiles, "POST", "/v1/contacts/import?source=linkedin", content=mine.file, headers=headers)
    return str(made["member_id"]), auth


async def _settled(to: Services, posted: list[str], auth: dict[str, str]) -> list[dict[str, Any]]:
    """Wait until each example's suggestion is in the inbox: every employer has a contact, so each has one."""

    async def all_there() -> list[Any] | None:
        page = await call(to.notifications, "GET", "/v1/inbox", params={"limit": 200}, headers=auth)
        there = await reach(to, posted) == len(page["items"])
        return [*page["items"], None] if there else None  # true even when there is none

    found = await until(all_there, timeout=60, every=0.1, what="your inbox to hold what the matcher found")
    return list(found[:-1])


async def _print_asks(to: Services, items: list[dict[str, Any]], auth: dict[str, str], teller: Teller) -> None:
    teller.part("Whom to ask, if these EXAMPLE openings were real")
    if not items:
        teller.note("Nobody yet: the title and skills you gave name nothing that we know.")
    for item in items:
        teller.console.print(f"[bold]{escape(item['title'])}[/bold] at [bold]{escape(item['company'])}[/bold]")
        teller.introducers(item)
        first = next((path for path in item["paths"] if path["ask"] == "hand"), None)
        if first is None:
            continue
        draft = await call(
            to.notifications, "GET", f"/v1/inbox/{item['id']}/draft",
            params={"introducer": first["introducer_id"]}, headers=auth,
        )  # fmt: skip
        teller.note(f"A message to send ({draft['characters']} characters):")
        for line in draft["message"].splitlines():
            teller.note(f"  {line}")
