"""`messages.csv`: how many messages went each way between the owner and each other person, and the day of the last.

What they say is never kept: a row is gone when its sender, its receiver and its day are counted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from services.profiles.addresses import profile_key, web_url
from services.profiles.imports import dates
from services.profiles.imports.columns import named_rows
from services.profiles.imports.reading import Reading
from services.profiles.imports.report import ContactRecord, Owner
from services.profiles.imports.tally import Tally

NEEDED = {"from", "sender profile url", "recipient profile urls", "date"}
_BETWEEN = re.compile(r"[\s,;]+")
_YES = {"yes", "true", "1"}
_LEFT_OUT = {
    "draft": "drafts that were never sent",
    "group": "messages in conversations of several people",
    "spam": "messages that were sorted out as spam",
    "nobody": "messages without a profile link or a day",
}
"""Why messages do not count, as people are told."""


@dataclass(slots=True)
class Conversations:
    """What was counted. `rows`: messages read; `left_out`: how many do not count, by reason."""

    tally: Tally = field(default_factory=Tally)
    names: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def told(self) -> list[str]:
        """What was left out, in words."""
        return [f"do not count: {_LEFT_OUT[reason]} ({count:,})" for reason, count in sorted(self.left_out.items())]

    def records(self, owner: Owner, reading: Reading) -> bool:
        """Put everybody with messages both ways into `reading`. False: whose messages they are is not clear."""
        named = {
            key for key, (line, _, name) in self.names.items() if reading.mend(line, name).casefold() in owner.names
        }
        me = self.tally.owner(owner.links) if owner.links & self.names.keys() else set()
        me = me or self.tally.owner(named if len(named) == 1 else ())
        for found in self.tally.exchanges(me):
            line, url, written = self.names[found.person]
            name = reading.name(line, "", "", written)
            if not isinstance(name, str):
                reading.add(
                    ContactRecord(
                        name.first, name.last, name.whole, url, None, None, None, None, line,
                        sent=found.sent, received=found.received, last_message=found.last,
                    )
                )  # fmt: skip
        return bool(me) or not self.tally.messages


def read(file: BinaryIO) -> Conversations:
    """Count the messages of a file.

    Raises:
        BrokenTableError: it cannot be read to its end.
    """
    found = Conversations()
    for line, row in named_rows(file, NEEDED):
        found.rows += 1
        reason = _count(found, line, row)
        if reason:
            found.left_out[reason] += 1
    return found


def _count(found: Conversations, line: int, row: Mapping[str, str]) -> str | None:
    """Count one message; or the reason why it does not count. An archived message is one like any other."""
    if any(row.get(name, "").strip().casefold() in _YES for name in ("is message draft", "is conversation draft")):
        return "draft"
    if row.get("folder", "").strip().casefold() in {"spam", "drafts"}:
        return "spam" if row["folder"].strip().casefold() == "spam" else "draft"
    sender = _people([row["sender profile url"]])
    receivers = _people(_BETWEEN.split(row.get("recipient profile urls", "")))
    day = dates.read(row.get("date", "").strip())
    if len(sender) != 1 or not receivers or day is None:
        return "nobody"
    (one,) = sender
    found.names.setdefault(one, (line, sender[one], row["from"]))
    found.tally.present([one, *receivers])
    if len(receivers) > 1:
        return "group"
    (other,) = receivers
    found.tally.add(one, other, day)
    return None


def _people(urls: Iterable[str]) -> dict[str, str]:
    """Profile links by whom they name; what names nobody is left out."""
    plain = [web_url(url) for url in urls if url.strip()]
    return {key: url for url in plain if url and (key := profile_key(url))}
