"""The demo on your own contacts: your company map, example openings where your contacts work, and whom to ask."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from rich.markup import escape

from cli.demo.about_you import YOUR_NAME, OwnContacts
from cli.demo.company_map import Company, companies_of, print_map
from cli.demo.load import RequestError, call
from cli.demo.printer import Printer
from cli.demo.services import Services, suggested, until_book_read, until_read
from cli.import_contacts import IMPORT_SECONDS
from shared.resolution import Vocabulary
from shared.testing.wait import until

EMPLOYERS = 10
ORGANISATION = "Examples of the demo"
DESCRIPTION = "An example made by the demo: nobody has posted it."
SETTLE_TIMEOUT_S = 120.0


async def show(to: Services, you: OwnContacts, printer: Printer) -> tuple[dict[str, str], dict[str, str]]:
    """Import the contacts, print the map, post the examples and print whom to ask.

    Gives the organisation that posts them with its key, and your id as a member.
    """
    vocabulary = Vocabulary.default()
    companies = companies_of(you.records, vocabulary)
    member, auth = await _join(to, you, printer)
    contacts = (await call(to.profiles, "GET", "/v1/me", headers=auth))["contacts"]
    print_map(contacts, companies, you.title, vocabulary, printer)
    made = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": ORGANISATION})
    recruiter = {"Authorization": f"Bearer {made['api_key']}"}
    own = {vocabulary.company(name) for name in you.employers}
    posted = {}
    for company in [one for one in companies if one.key not in own][:EMPLOYERS]:
        opening = _example(company, you)
        answer = await call(to.postings, "POST", "/v1/postings", json=opening, headers=recruiter)
        posted[str(answer["posting_id"])] = company.name
        await until_read(to, answer["posting_id"])
    items = await _settled(to, list(posted), auth)
    printer.heading("Whom to ask, if these openings were real (they are examples; each link searches for real ones)")
    for number, item in enumerate(items):
        await _print_item(to, item, auth, printer, mail=number == 0)
    await _print_without(to, posted, items, auth, printer)
    if you.name == YOUR_NAME:
        printer.note("Say who you are with ME=… and HEADLINE=… (--name, --headline): the messages then say it, too.")
    return made, {"you, with your own map": member}


async def _join(to: Services, you: OwnContacts, printer: Printer) -> tuple[str, dict[str, str]]:
    """Become a member, and bring the contacts. Ends when the matcher has read all that came of them."""
    account: dict[str, Any] = {
        "name": you.name,
        "headline": you.headline,
        "email": "demo@people.example",
        "employments": [{"company": name} for name in you.employers],
        "skills": list(you.skills),
        "seeking": {"titles": [you.title], "skills": list(you.skills), "workplace": []},
    }
    made = await call(to.profiles, "POST", "/internal/v1/members", json=account)
    member, auth = str(made["member_id"]), {"Authorization": f"Bearer {made['token']}"}
    printer.line(f"importing {len(you.records):,} contacts")
    imported = {"content": you.content, "headers": auth, "timeout": IMPORT_SECONDS}
    with printer.bar("records that the matcher has read") as told:
        report = await call(to.profiles, "POST", "/v1/contacts/import", **imported)
        await until_book_read(to, member, told)
    printer.line(f"{report['added']:,} contacts are in, and the matcher has read them")
    return member, auth


def _example(company: Company, you: OwnContacts) -> dict[str, Any]:
    """An opening in the job that you look for. Its link is a search for real ones."""
    words = urlencode({"keywords": f"{you.title} {company.name}"})
    return {
        "company": {"name": company.name},
        "title": you.title[:300],
        "workplace": "remote",
        "skills": list(you.skills),
        "description": DESCRIPTION,
        "url": f"https://www.linkedin.com/jobs/search/?{words}",
    }


async def _settled(to: Services, posted: list[str], auth: dict[str, str]) -> list[dict[str, Any]]:
    """The inbox's items once it holds as many as the matcher counts."""

    async def all_there() -> list[Any] | None:
        page = await call(to.notifications, "GET", "/v1/inbox", params={"limit": 200}, headers=auth)
        there = await suggested(to, posted) == len(page["items"])
        return [*page["items"], None] if there else None  # truthy even without items

    found = await until(all_there, timeout=SETTLE_TIMEOUT_S, every=0.1, what="your inbox holds what the matcher found")
    return list(found[:-1])


async def _print_item(
    to: Services, item: dict[str, Any], auth: dict[str, str], printer: Printer, *, mail: bool
) -> None:
    """An opening, who can introduce you, and what to write to the first of those whom you write to yourself."""
    printer.console.print(f"[bold]{escape(item['title'])}[/bold] at [bold]{escape(item['company'])}[/bold]")
    printer.introducers(item)
    first = next((path for path in item["paths"] if path["ask"] == "hand"), None)
    if first is None:
        return
    try:
        path, query = f"/v1/inbox/{item['id']}/draft", {"introducer": first["introducer_id"]}
        draft = await call(to.notifications, "GET", path, params=query, headers=auth)
    except RequestError:
        printer.note("This suggestion has just changed; the console shows it as it is now.")
        return
    printer.note(f"A message to {first['name']} ({draft['characters']} characters); the opening it names is invented:")
    printer.note(f"  {draft['message']}")
    if mail:
        printer.note(f"The same as a mail: {draft['subject']}")
        for line in draft["mail"].splitlines():
            printer.note(f"  {line}")


async def _print_without(
    to: Services, posted: dict[str, str], items: list[dict[str, Any]], auth: dict[str, str], printer: Printer
) -> None:
    """Where nobody can be asked, and the rule that says so."""
    suggested_for = {item["posting_id"] for item in items}
    at: defaultdict[str, list[str]] = defaultdict(list)
    for posting, company in posted.items():
        if posting not in suggested_for:
            why = await call(to.matching, "GET", "/v1/explain", params={"posting_id": posting}, headers=auth)
            at[why["reason"] or "A suggestion has just come."].append(company)
    for reason, companies in at.items():
        printer.note(f"Nobody to ask at {', '.join(companies)}: {reason}")
    if not posted:
        printer.note("No contact of yours has a company that we understand, so there is no opening to show.")
