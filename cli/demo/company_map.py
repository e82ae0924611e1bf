"""Where your contacts work, most first, and who there is in your kind of role."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from cli.demo.printer import Printer
from services.profiles.imports.report import ContactRecord
from shared.resolution import Title, Vocabulary

ROWS = 20
NAMED = 4


@dataclass(frozen=True, slots=True)
class Company:
    """A company: its key, the most frequent spelling of its name, and the contacts who work there."""

    key: str
    name: str
    records: list[ContactRecord]


def companies_of(records: Iterable[ContactRecord], vocabulary: Vocabulary) -> list[Company]:
    """Where the contacts work, most contacts first, then by name."""
    found: dict[str, list[ContactRecord]] = {}
    for record in records:
        company = vocabulary.company(record.company) if record.company else None
        if company is not None:
            found.setdefault(company, []).append(record)
    named = [Company(key, _commonest(there), there) for key, there in found.items()]
    return sorted(named, key=lambda company: (-len(company.records), company.name.casefold()))


def _commonest(records: list[ContactRecord]) -> str:
    counted = Counter(record.company for record in records if record.company)
    return min(counted, key=lambda name: (-counted[name], name))


def print_map(contacts: int, companies: list[Company], title: str, vocabulary: Vocabulary, printer: Printer) -> None:
    """The largest of them, with those who do what you look for, or who recruit there."""
    printer.heading(f"Your company map: {contacts:,} contacts at {len(companies):,} companies")
    wanted = vocabulary.title(title)
    if wanted is None:
        printer.note(f"“{title}” is not a title we know, so contacts in the same kind of role cannot be recognised.")
    table = Table("company", "contacts", "in your kind of role, or recruiting there")
    for company in companies[:ROWS]:
        near = [record.name for record in company.records if _is_near(record, wanted, vocabulary)]
        named = ", ".join(near[:NAMED]) + (" …" if len(near) > NAMED else "")
        table.add_row(escape(company.name), str(len(company.records)), escape(named))
    printer.console.print(table)
    if len(companies) > ROWS:
        printer.note(f"and {len(companies) - ROWS:,} more companies")


def _is_near(record: ContactRecord, wanted: Title | None, vocabulary: Vocabulary) -> bool:
    held = vocabulary.title(record.position) if record.position else None
    return held is not None and (held.recruiting or (wanted is not None and held.group == wanted.group))
