"""The matcher's own quick reading of `ties.v1`, which is nearly all that a rebuilding reads.

Kept true: what it reads, the slow reading (`shared.messaging.consume.decoding` and `contract_violation`) would read in
the same way, but for a connection's day, which is left out; whatever is not as our own writers put it is left to the
slow reading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Annotated, Any

import msgspec
import numpy as np
from pydantic_core import from_json

from services.matching.events import Ties
from services.matching.kernels.ties import tie_records as found
from shared.events import ties
from shared.events.base import Contract
from shared.events.ties import Evidence, TieV1
from shared.messaging.kafka.fetcher import RawBatch

MOST_KEPT = 50_000
"""Pieces of evidence that are remembered with their bytes; then it begins anew."""

MOST_EVIDENCE = 50

Evidences = tuple[Evidence, ...]

_Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
_Size = Annotated[int, msgspec.Meta(ge=1, le=2**62)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class _Kind(msgspec.Struct, tag_field="kind", omit_defaults=True, gc=False):
    """Evidence with its fields as the contract writes them."""


class _Connected(_Kind, tag="connected"):
    source: _Text
    on: date | None = None
    of: _Size | None = None


class _Address(_Kind, tag="address"):
    source: _Text


class _WorkedTogether(_Kind, tag="worked_together", kw_only=True):
    company: _Text
    months: _Count
    ended: date | None = None
    company_size: _Size | None = None
    stated: bool


class _Messages(_Kind, tag="messages"):
    sent: _Count
    received: _Count
    last: date


class _Introduced(_Kind, tag="introduced"):
    times: _Count


class _Closeness(_Kind, tag="closeness"):
    value: Annotated[int, msgspec.Meta(ge=1, le=5)]


class _Blocked(_Kind, tag="blocked"):
    pass


_MODELS: dict[type[msgspec.Struct], type[Contract]] = {
    _Connected: ties.Connected,
    _Address: ties.Address,
    _WorkedTogether: ties.WorkedTogether,
    _Messages: ties.Messages,
    _Introduced: ties.Introduced,
    _Closeness: ties.Closeness,
    _Blocked: ties.Blocked,
}
_TAGS = {kind: str(kind.__struct_config__.tag) for kind in _MODELS}
_FIELDS = {kind: {"kind", *kind.__struct_fields__} for kind in _MODELS}
_DECODER = msgspec.json.Decoder(
    list[_Connected | _Address | _WorkedTogether | _Messages | _Introduced | _Closeness | _Blocked]
)
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Run:
    """Ties that stand side by side in a batch; `rows`: which of its records they are."""

    ties: Ties
    rows: range


@dataclass(slots=True)
class Reader:
    """Reads batches, and remembers evidence by its bytes, since most of it is said more than once."""

    _kept: dict[bytes, Evidences] = field(default_factory=dict)

    def read(self, batch: RawBatch) -> Iterator[Run | int]:
        """A batch's records in their order: runs of ties, and the places of those in it that are to be read slowly."""
        columns = _scan(batch)
        if columns is None:
            yield from _unread(batch)
            return
        body, rows = columns
        evidences, verdicts = self._evidences(body, rows)
        offsets = rows[found.OFFSET]
        first = next((row for row, delta in enumerate(offsets) if batch.base + delta >= batch.start), len(offsets))
        text = body.decode("latin-1")  # every byte one character; keys are ASCII
        for slowly, group in groupby(range(first, len(offsets)), lambda row: verdicts[row] == found.OTHER):
            places = list(group)
            if slowly:
                yield from places
            else:
                yield _run(text, rows, evidences, range(places[0], places[-1] + 1))

    def _evidences(self, body: bytes, rows: list[list[int]]) -> tuple[list[Evidences | None], list[int]]:
        """Evidence of every row (None but for ties), and the verdicts, now with the evidence looked at."""
        verdicts = rows[found.VERDICT]
        columns = (rows[found.EVIDENCE], rows[found.DAY], rows[found.DAY_END], rows[found.END])
        parts = [
            body[start:day] + body[day_end:end] if day else body[start:end]
            for start, day, day_end, end in zip(*columns, strict=True)
        ]
        evidences = list(map(self._kept.get, parts))
        if None in evidences:
            for row, part in enumerate(parts):
                if evidences[row] is None and verdicts[row] == found.TIE:
                    evidences[row] = one = self._learn(part)
                    verdicts[row] = found.OTHER if one is None else found.TIE
        return evidences, verdicts

    def _learn(self, part: bytes) -> Evidences | None:
        """What an array says. The rest of one often differs where its first entry is known already."""
        cut = part.find(b"},{") + 1
        if cut and part not in self._kept:  # as it may be by now
            first, rest = self._known(part[:cut] + b"]"), self._known(b"[" + part[cut + 1 :])
            if first is not None and rest is not None and len(first) + len(rest) <= MOST_EVIDENCE:
                return self._keep(part, first + rest)
        return self._known(part)

    def _known(self, part: bytes) -> Evidences | None:
        one = self._kept.get(part)
        if one is None:
            one = read_evidence(part)
            if one is not None:
                self._keep(part, one)
        return one

    def _keep(self, part: bytes, one: Evidences) -> Evidences:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[part] = one
        return one


def _scan(batch: RawBatch) -> tuple[bytes, list[list[int]]] | None:
    """The records' bytes, and what was found in them by column; None where they are no plain records of that batch."""
    body = batch.body()
    if body is None or not 0 <= batch.count <= len(body) // found.LEAST_RECORD:
        return None
    rows = np.zeros((batch.count, found.COLUMNS), np.int64)
    if not found.scan(np.frombuffer(body, np.uint8), rows):
        return None
    within = not batch.count or rows[-1, found.OFFSET] <= batch.offset - batch.base
    return (body, rows.T.tolist()) if within else None


def _unread(batch: RawBatch) -> Iterator[int]:
    """The places of the records that a consumer would give."""
    return (row for row, raw in enumerate(batch.consumer_records()) if raw.offset >= batch.start)


def _run(text: str, rows: list[list[int]], evidences: Sequence[Evidences | None], places: range) -> Run:
    part = slice(places.start, places.stop)
    keys, colons, ends = rows[found.KEY][part], rows[found.COLON][part], rows[found.KEY_END][part]
    persons = [text[start:end] for start, end in zip(keys, colons, strict=True)]
    contacts = [text[start + 1 : end] for start, end in zip(colons, ends, strict=True)]
    return Run(Ties(persons, contacts, rows[found.VERSION][part], evidences[part]), places)


def read_evidence(part: bytes) -> Evidences | None:
    """The evidence that an array says, as `TieV1` reads it; None when it would refuse it, or could."""
    try:
        kinds = _DECODER.decode(part)
        # Written again it is the same: then it has no field twice, none that is unknown, no escapes and no spaces.
        if len(kinds) <= MOST_EVIDENCE and _ENCODER.encode(kinds) == part and all(map(_is_plain, kinds)):
            return tuple(map(_made, kinds))
    except Exception:  # noqa: BLE001, S110 - whatever a parser raises on hostile bytes, the other one has the word
        pass
    return _read_slowly(part)


def _is_plain(kind: _Kind) -> bool:
    """Whether the contract would leave the kind's text as it is."""
    text = kind.company if isinstance(kind, _WorkedTogether) else getattr(kind, "source", "-")
    return text.strip() == text and "\0" not in text


def _made(kind: _Kind) -> Any:
    """The contract's own object, without its checks, which were all made: that takes a quarter of the time."""
    model = _MODELS[type(kind)]
    made = model.__new__(model)
    made.__setstate__(
        {
            "__dict__": {"kind": _TAGS[type(kind)], **msgspec.structs.asdict(kind)},
            "__pydantic_fields_set__": _FIELDS[type(kind)],
            "__pydantic_extra__": None,
            "__pydantic_private__": None,
        }
    )
    return made


def _read_slowly(part: bytes) -> Evidences | None:
    try:
        if not isinstance(from_json(part), list):  # it is one array, and nothing that would end the record before
            return None
        whole = b'{"person_id":"a","contact_id":"b","version":0,"evidence":' + part + b"}"
        return TieV1.model_validate_json(whole).evidence
    except Exception:  # noqa: BLE001 - the slow reading of the record says what it is
        return None
