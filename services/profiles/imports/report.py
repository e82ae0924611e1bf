"""What reading an address book gives: records, and for every row that gave none the line and the reason."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_WARNINGS = 200
_EVIDENCE = {"connected", "address", "sent", "received", "last_message"}


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One contact as the file has it, cleaned. `line` is where its row starts, counted in lines of the file from 1.

    What it shows of the tie: `connected`, on a network; `address`, an address book has an address or a number of
    theirs; `sent` and `received`, how many messages went each way, the last one on the day `last_message`.
    """

    first_name: str
    last_name: str
    name: str
    url: str | None
    email: str | None
    company: str | None
    position: str | None
    connected_on: date | None
    line: int
    connected: bool = False
    address: bool = False
    sent: int = 0
    received: int = 0
    last_message: date | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was left out, and why. The reason never repeats what stands in the row."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one file gave; every row read is either a record or rejected."""

    format: str
    records: tuple[ContactRecord, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """Rows that gave a record."""
        return len(self.records)

    @property
    def read(self) -> int:
        """Rows under the header, blank lines not counted."""
        return len(self.records) + len(self.rejected)

    def summary(self) -> dict[str, Any]:
        """The report without the people in it."""
        return {
            "format": self.format,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": [asdict(row) for row in self.rejected],
            "warnings": list(self.warnings),
        }

    def with_records(self) -> dict[str, Any]:
        """The report with every record, dates as YYYY-MM-DD. Evidence stands in a record where there is some."""
        return {**self.summary(), "records": [_shown(record) for record in self.records]}


def _shown(record: ContactRecord) -> dict[str, Any]:
    row = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(record).items()}
    return {name: value for name, value in row.items() if name not in _EVIDENCE or (value and name != "connected")}


class ImportProblem(ValueError):  # noqa: N818 - it is the file's problem, and HTTP's word for it
    """A file that gives no contact at all. `report` holds what can be said about it."""

    def __init__(self, reason: str, report: Report) -> None:
        super().__init__(reason)
        self.report = report


def shorten(warnings: Sequence[str]) -> tuple[str, ...]:
    """The first warnings, and how many more there were."""
    if len(warnings) <= MAX_WARNINGS:
        return tuple(warnings)
    return (*warnings[:MAX_WARNINGS], f"and {len(warnings) - MAX_WARNINGS} more warnings")
