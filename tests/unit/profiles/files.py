"""Address books made in a test, and what was read from them."""

from datetime import date

from services.profiles.domain import Contact, SourceFacts
from services.profiles.imports.linkedin import parse
from services.profiles.imports.report import ContactRecord, Report

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
ANA = "Ana,Silva,https://www.linkedin.com/in/ana-silva,,Initech,Engineer,01 Jan 2024"
BO = "Bo,Li,https://www.linkedin.com/in/bo-li,bo@example.org,Globex,Designer,15 Mar 2021"


def table(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows, ""])


def read(text: str, encoding: str = "utf-8") -> Report:
    return parse(text.encode(encoding))


def names(report: Report) -> list[str]:
    return [record.name for record in report.records]


def reasons(report: Report) -> dict[int, str]:
    return {row.line: row.reason for row in report.rejected}


STATED = {"closeness", "blocked", "member_id", "worked_together", "may_find_me", "confirmed"}


def record(name: str = "Ana Silva", line: int = 2, **more: object) -> ContactRecord:
    empty = dict.fromkeys(("url", "email", "company", "position", "connected_on"))
    return ContactRecord("", "", name, **(empty | {"connected": True} | more), line=line)  # type: ignore[arg-type]


def contact(name: str = "Ana Silva", number: int = 1, source: str = "linkedin", **more: object) -> Contact:
    """A contact whom a network lists as a connection; what `more` has is told by that source, or stated."""
    stated = {key: value for key, value in more.items() if key in STATED}
    facts = {"connected": True} | {key: value for key, value in more.items() if key not in STATED}
    one = Contact(contact_id=f"c{number}", owner_id="o", name=name, **stated)  # type: ignore[arg-type]
    return one.with_sources([SourceFacts(source, name, **facts)])  # type: ignore[arg-type]


def day(text: str) -> date:
    return date.fromisoformat(text)
