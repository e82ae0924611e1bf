"""What every reader does with the fields of a row: clean them, say what was wrong, and take nobody twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import ftfy

from services.profiles.addresses import MAX_URL, email_of, profile_key, web_url
from services.profiles.imports.cells import Cell, defuse, tidy
from services.profiles.imports.names import given_name, is_family_first, name_cell
from services.profiles.imports.report import MAX_ROWS, MAX_WARNINGS, NO_NAME, ContactRecord, Rejected, Report, shorten
from services.profiles.imports.scratch import Seen, Spilled

MAX_NAME = 200
MAX_TEXT = 300
_TWICE = re.compile(
    "[\u00c2-\u00f4\u0102\u010f\u0110][\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
"""Where UTF-8 was read as another encoding: a lead byte and a byte that goes on with it, as Windows shows them."""


class TooManyError(Exception):
    """More rows than a file may have."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name: the given name for a greeting, the family name, and all of it."""

    first: str
    last: str
    whole: str


@dataclass(slots=True)
class Reading:
    """What has been read of a list so far. Reasons and warnings never repeat what stands in the file."""

    most: int = field(default_factory=lambda: MAX_ROWS)
    records: Spilled[ContactRecord] = field(default_factory=Spilled)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unsaid: int = 0
    mended: list[int] = field(default_factory=list)
    _seen: Seen = field(default_factory=Seen)

    def warn(self, line: int, what: str) -> None:
        """Something in this line is not as it was."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(f"line {line}: {what}")
        else:
            self.unsaid += 1

    def reject(self, line: int, reason: str) -> None:
        """The row in this line gives nobody."""
        self.rejected.append(Rejected(line, reason))
        self._count()

    def add(self, record: ContactRecord) -> None:
        """One person more, unless an earlier row is the same one."""
        reason = self._repeats(record)
        if reason:
            self.reject(record.line, reason)
            return
        self.records.append(record)
        self._count()

    def _count(self) -> None:
        if len(self.records) + len(self.rejected) > self.most:
            raise TooManyError

    def report(self, kind: str, source: str, *, warnings: Sequence[str] = ()) -> Report:
        """The report of a file that lists one source."""
        books = {source: self.records} if self.records else {}
        rejected = sorted(self.rejected, key=lambda row: row.line)
        return Report(kind, books, tuple(rejected), shorten([*warnings, *self._mended(), *self.warnings], self.unsaid))

    def _mended(self) -> list[str]:
        if not self.mended:
            return []
        lines = sorted(set(self.mended))
        shown = ", ".join(map(str, lines[:5])) + (", \u2026" if len(lines) > 5 else "")  # noqa: PLR2004
        rows = f"{len(lines)} rows" if len(lines) > 1 else "1 row"
        return [f"text that was encoded twice was mended in {rows}: line{'s' if len(lines) > 1 else ''} {shown}"]

    def mend(self, line: int, text: str) -> str:
        """The text as it was before it was encoded twice, if it was."""
        if text.isascii() or not _TWICE.search(text):
            return text
        mended = _once(text)
        if mended != text:
            self.mended.append(line)
        return mended

    def name(self, line: int, first: str, last: str, whole: str = "") -> Name | str:
        """Somebody's name, or why it is none."""
        cells = [name_cell(self.mend(line, raw)) for raw in (first, last, whole)]
        given, family, alone = (cell.text for cell in cells)
        in_order = is_family_first(given + family)
        full = (f"{family}{given}" if in_order else f"{given} {family}".strip()) or alone
        if not any(char.isalnum() for char in full):
            return "the name is a formula" if any(cell.trouble == "formula" for cell in cells) else NO_NAME
        if len(full) > MAX_NAME:
            return f"the name is longer than {MAX_NAME} characters"
        if any(cell.trouble == "formula" for cell in cells):
            self.warn(line, "the name was a formula and was cleaned")
        elif any(cell.trouble == "sign" for cell in cells):
            self.warn(line, "a sign before the name was taken off")
        return Name(full if in_order else given_name(given or full), family, full)

    def text(self, line: int, what: str, raw: str) -> str | None:
        """A company, a position: one line, never a formula, None where there is nothing."""
        cell: Cell = defuse(self.mend(line, raw))
        if cell.trouble == "formula":
            self.warn(line, f"the {what} is a formula and was left out")
        elif cell.trouble == "sign":
            self.warn(line, f"a sign before the {what} was taken off")
        if len(cell.text) > MAX_TEXT:
            self.warn(line, f"the {what} was cut to {MAX_TEXT} characters")
        return cell.text[:MAX_TEXT].rstrip() or None

    def url(self, line: int, raw: str) -> str | None:
        """A plain web address, or None."""
        text = tidy(raw)
        url = web_url(text) if text else None
        if text and url is None:
            long = f", or is longer than {MAX_URL} characters"
            self.warn(
                line, f"the URL is no plain http(s) address{long if len(text) > MAX_URL else ''} and was left out"
            )
        return url

    def email(self, line: int, raw: str) -> str | None:
        """An e-mail address in lower case, or None."""
        text = tidy(raw)
        email = email_of(text)
        if text and email is None:
            self.warn(line, "the e-mail address is none and was left out")
        return email

    def _repeats(self, record: ContactRecord) -> str | None:
        """Whether an earlier row is this person: same link or address or, with neither, same name and company."""
        keys: list[str] = []
        if record.url:
            keys.append(f"url {profile_key(record.url) or record.url.casefold()}")
        if record.email:
            keys.append(f"email {record.email}")
        if not keys:
            keys.append(f"name {record.name.casefold()}\n{(record.company or '').casefold()}")
        line = self._seen.see(keys, record.line)
        return None if line is None else f"duplicate of line {line}"


@lru_cache(maxsize=10_000)  # companies and positions come again and again
def _once(text: str) -> str:
    return ftfy.fix_encoding(text)
