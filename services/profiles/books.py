"""What a file lists, as facts of its sources. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from services.profiles.domain import SourceFacts
from services.profiles.imports.report import ContactRecord

Books = Mapping[str, Collection[ContactRecord]]
"""What one file lists, by source."""

MONTHS_A_QUARTER = 3
_MODULUS = 1 << 256


def fingerprint(records: Iterable[ContactRecord]) -> str:
    """A hash of a list's content in hex, independent of encoding, line ends and the order of rows."""
    total = 0
    for r in records:
        told = (r.name, r.url, r.email, r.company, r.position, r.connected_on, *_evidence(r))
        total += int.from_bytes(hashlib.sha256(repr(told).encode()).digest(), "big")
    return f"{total % _MODULUS:064x}"


def _evidence(record: ContactRecord) -> tuple[object, ...]:
    return record.connected, record.address, record.sent, record.received, record.last_message


def facts_of(source: str, record: ContactRecord, today: date) -> SourceFacts:
    """What the source says of the contact. The day of a message is what its sender wrote; none lies ahead."""
    last = record.last_message
    return SourceFacts(
        source=source,
        name=record.name,
        seen=quarter_of(today),
        email=record.email,
        profile_url=record.url,
        company=record.company,
        position=record.position,
        connected_on=record.connected_on,
        connected=record.connected,
        address=record.address,
        sent=record.sent,
        received=record.received,
        last_message=min(last, today) if last else None,
        given_name=record.first_name or None,
    )


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // MONTHS_A_QUARTER * MONTHS_A_QUARTER + 1, 1)
