"""What reading a file gives: contacts by source, and for every row that gave none the line and the reason."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from services.profiles.imports.draft import Draft

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 250_000
MAX_WARNINGS = 200
_EVIDENCE = {"connected", "address", "sent", "received", "last_message"}

Progress = Callable[[int, int], None]
"""Told now and then: how much is done, and how much there is; bytes or rows."""


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One contact as the file has it, cleaned. `line` is where its row starts, counted in lines of the file from 1.

    `first_name` is for greetings; `name` has all that was written. What it shows of the tie: `connected`, on a network;
    `address`, an address book has an address or a number of theirs; `sent` and `received`, how many messages went each
    way, the last one on the day `last_message`.
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
class Owner:
    """Whose file it is, as far as it is known: addresses, profile links (keys) and names, to tell them from others."""

    emails: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was left out, and why. The reason never repeats what stands in the row."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one file gave. `books`: the contacts by source; a source that is in it is listed whole.

    Every row read is a record or rejected; rows that are messages are counted into the record of a person. `profile`:
    the owner's own, to confirm; `parts`: rows read by part of an archive.
    """

    format: str
    books: Mapping[str, Collection[ContactRecord]] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    warnings: tuple[str, ...] = ()
    profile: Draft | None = None
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def records(self) -> tuple[ContactRecord, ...]:
        """The records of all sources."""
        return tuple(record for records in self.books.values() for record in records)

    @property
    def accepted(self) -> int:
        """How many records there are."""
        return sum(map(len, self.books.values()))

    @property
    def read(self) -> int:
        """Records and rejected rows; blank lines are not counted."""
        return self.accepted + len(self.rejected)

    def summary(self) -> dict[str, Any]:
        """The report without the people in it."""
        return {
            "format": self.format,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": [asdict(row) for row in self.rejected],
            "warnings": list(self.warnings),
        } | self._of_an_archive()

    def _of_an_archive(self) -> dict[str, Any]:
        profile = {"profile": self.profile.told()} if self.profile else {}
        return {"parts": dict(self.parts), **profile} if self.parts else profile

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


NO_NAME = "no name"
LISTED = 10
"""Lines named of rows that were left out for the same reason."""


def by_reason(rejected: Iterable[Rejected]) -> dict[str, list[int]]:
    """The lines of rejected rows, by reason, in their order."""
    found: dict[str, list[int]] = {}
    for row in rejected:
        found.setdefault(row.reason, []).append(row.line)
    return found


def name_lines(lines: Sequence[int]) -> str:
    """`line 14`, or `lines 14, 90, …`."""
    listed = ", ".join(map(str, lines[:LISTED])) + (", …" if len(lines) > LISTED else "")
    return f"line {listed}" if len(lines) == 1 else f"lines {listed}"


def in_words(reason: str, lines: Sequence[int]) -> str:
    """Why rows were left out, once for all of them."""
    if len(lines) == 1:
        return f"{name_lines(lines)}: {reason}"
    what = f"have {NO_NAME}" if reason == NO_NAME else f"were left out, {reason}"
    return f"{len(lines):,} rows {what}: {name_lines(lines)}"


def shorten(warnings: Sequence[str], unsaid: int = 0) -> tuple[str, ...]:
    """The first warnings, and how many more there were, `unsaid` ones included."""
    more = len(warnings) + unsaid - MAX_WARNINGS
    return (*warnings[:MAX_WARNINGS], f"and {more} more warnings") if more > 0 else tuple(warnings)
