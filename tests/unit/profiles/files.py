"""Address books made in a test, and what was read from them."""

from services.profiles.imports.linkedin import parse
from services.profiles.imports.report import Report

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
