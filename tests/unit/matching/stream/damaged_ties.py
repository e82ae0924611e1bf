"""Damaged batches of ties are read quickly as they are slowly.

`python -m tests.unit.matching.stream.damaged_ties FIRST COUNT` goes through so many trials from FIRST on.
"""

import sys
from datetime import date
from functools import partial
from random import Random

from services.matching.stream.decoding import TieDecoder
from shared.events.ties import Closeness, Connected, Evidence, Messages, TieV1, WorkedTogether
from tests.unit.matching.stream.records import both, plain, tombstone, written
from tests.unit.messaging.damage import Headers, anything, main, trial

EVIDENCE: tuple[Evidence, ...] = (
    Connected(source="linkedin", on=date(2024, 2, 29), of=812),
    Messages(sent=12, received=30, last=date(2025, 11, 30)),
    WorkedTogether(company="Acme, Inc.", months=14, ended=date(2023, 5, 6), company_size=90),
    Closeness(value=4),
)


def pool() -> list[tuple[bytes | None, bytes | None, Headers]]:
    """What our own writers would write."""
    draw = Random(1)
    found = []
    for number in range(60):
        evidence = tuple(draw.sample(EVIDENCE, draw.randrange(4)))
        tie = TieV1(person_id=f"p{number}", contact_id="c", version=number + 1, evidence=evidence)
        found += [plain(written(tie)), plain(tombstone(f"p{number}", "c", number + 1))]
    return found


def tie_or_anything(
    ties: list[tuple[bytes | None, bytes | None, Headers]], draw: Random
) -> tuple[bytes | None, bytes | None, Headers]:
    return draw.choice(ties) if draw.randrange(5) else anything(draw)


def check(reader: TieDecoder, ties: list[tuple[bytes | None, bytes | None, Headers]], number: int) -> None:
    quick, slow = both(trial(number, partial(tie_or_anything, ties)).data, reader=reader)
    assert isinstance(slow, list), slow
    assert quick == slow


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]), partial(check, TieDecoder(), pool()))
