"""The evidence table: each distinct evidence of one side once, under a code that arcs carry.

Kept is what rules and reasons can see, and no more: see `evidence_items`. Weights are those of the day last set.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.engine.columns import evidence_items, fading
from services.matching.engine.columns.evidence_items import ADDRESS_WEIGHT
from services.matching.engine.columns.words import Words
from services.matching.kernels.storage import blocks
from services.matching.kernels.storage import hash_chains as chains
from services.matching.kernels.storage.arrays import U8, U32
from services.matching.kernels.storage.hash_chains import new_chains
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.kernels.ties import evidence as kernels
from services.matching.kernels.ties.evidence import AgeingTables
from services.matching.kernels.ties.evidence import Evidence as Columns
from services.matching.snapshots.arrays import fill_columns, under_prefix, with_prefix
from shared.events.ties import Evidence

CODES = 1 << 25
ITEMS = 1 << 26
WORDS = 1 << 22
SLICE = 1 << 14
"""Codes weighed in one slice of a new day: about half a millisecond."""

REMEMBERED = 1 << 15
"""How many tuples are cached with their code, and codes with their tuple."""

SWEPT_AT_LEAST = 1 << 8
SWEPT_AT_MOST = 1 << 13
SWEPT_PER_NEW = 4
"""Codes that `sweep` reads for each new one. So unused ones come to at most a third of those in use."""


class EvidenceTable:
    """Codes for evidence. Code 0 is no evidence."""

    def __init__(self, codes: int = CODES, items: int = ITEMS, words: int = WORDS) -> None:
        self.columns = Columns(
            reserve(6 * codes, np.float64).reshape(-1, 6),
            reserve(codes, np.uint8),
            reserve(codes, np.uint8),
            reserve(codes, np.uint8),
            reserve(codes, np.uint32),
        )
        self.today: date | None = None
        self._day = 0
        self._rows, self._items, self._chains = kernels.new_rows(codes), kernels.new_items(items), new_chains(codes)
        self._scale = AgeingTables(fading.worked_together(), fading.messages(), np.array([ADDRESS_WEIGHT]))
        self._words = Words(words)
        self._all = *self.columns, *self._rows, *self._items, *self._chains, *self._scale
        self._freed = np.zeros(SWEPT_AT_MOST, np.int32)
        self._owed = 0
        self._codes: dict[int, tuple[tuple[Evidence, ...], int]] = {}
        self._tuples: dict[int, list[int]] = {}
        self._evidence: dict[int, tuple[Evidence, ...]] = {}

    def __len__(self) -> int:
        """How many codes there are, 0 and those that are free among them."""
        return int(self._rows.state[kernels.TOP])

    @property
    def stale(self) -> U8:
        """1 for each code whose weights changed on the last new day."""
        return self._rows.stale[: len(self)]

    def code(self, evidence: tuple[Evidence, ...]) -> int:
        """The code of one side's evidence. It stays until the next `sweep`, even if no arc carries it.

        Raises:
            CapacityError: the table is full.
        """
        held = self._codes.get(id(evidence))
        return self._find((evidence,))[0] if held is None else held[1]

    def codes(self, evidences: Sequence[tuple[Evidence, ...] | None]) -> U32:
        """`code` of each, 0 for none; those not cached are looked up in one call.

        Raises:
            CapacityError: the table is full.
        """
        held = list(map(self._codes.get, map(id, evidences)))
        if None in held:
            fresh = {id(one): one for one, known in zip(evidences, held, strict=True) if one and known is None}
            codes = dict(zip(fresh, self._find(tuple(fresh.values())), strict=True))
            found = [known[1] if known else codes.get(id(one), 0) for one, known in zip(evidences, held, strict=True)]
        else:
            found = [known[1] for known in held if known]
        return np.array(found, np.uint32)

    def of(self, code: int) -> tuple[Evidence, ...]:
        """Evidence that rules and reasons cannot tell from the one that was given."""
        found = self._evidence.get(code)
        if found is None:
            if len(self._evidence) >= REMEMBERED:
                self._evidence.clear()
            found = self._evidence[code] = tuple(self._read(code))
        return found

    def set_day(self, today: date | None) -> Iterator[None]:
        """Weigh everything for a day, a slice at a time; afterwards `stale` says what changed."""
        self._set_day(today)
        self.stale[:] = 0
        first = 1
        while first < len(self):
            end = min(first + SLICE, len(self))
            self._weigh(first, end)
            first = end
            yield

    def sweep(self) -> None:
        """Free some of the codes that no arc carries; to be called between steps."""
        top = len(self)
        count = min(SWEPT_AT_MOST, SWEPT_AT_LEAST + self._owed)
        self._owed = max(0, self._owed - count)
        if top == 1:
            return
        found = kernels.sweep_unused(self.columns, self._rows, self._items, self._chains, count, self._freed)
        for code in self._freed[:found].tolist():
            self._evidence.pop(code, None)
            for known in self._tuples.pop(code, ()):
                del self._codes[known]

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps: views, to be read before the next change. Weights come back from the rest."""
        kept = [(name, column[:size]) for name, column, size in self._kept()]
        address = ("address", self.columns.weights[: len(self), kernels.ADDRESS] > 0)
        return [*kept, address, *with_prefix("words", self._words.arrays())]

    def extra(self) -> dict[str, Any]:
        """The day of the weights, as an ordinal; 0 before the first."""
        return {"day": self._day}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Become what `arrays` and `extra` gave.

        Raises:
            CapacityError: it does not fit.
        """
        fill_columns(arrays, ((name, column) for name, column, _ in self._kept()))
        self._words.restore(under_prefix("words", arrays), {})
        has_address = arrays["address"].astype(bool)
        self.columns.weights[: len(self), kernels.ADDRESS] = np.where(has_address, ADDRESS_WEIGHT, 0.0)
        self._set_day(date.fromordinal(extra["day"]) if extra["day"] else None)
        self._weigh(1, len(self))
        self.stale[:] = 0
        self._forget()
        self._evidence.clear()

    def _kept(self) -> Iterator[tuple[str, npt.NDArray[Any], int]]:
        """Columns and how much of them is in use."""
        codes, items = len(self), int(self._items.state[blocks.TOP])
        for name in ("said", "shows", "blocks", "uses"):
            yield name, getattr(self.columns, name), codes
        yield from (("start", self._rows.start, codes), ("size", self._rows.size, codes))
        yield from (("word", self._items.word, items), ("numbers", self._items.numbers, items))
        yield "base", self._items.base, items
        yield "heads", self._chains.heads, int(self._chains.counts[chains.BUCKETS])
        yield from (("next", self._chains.next, codes), ("sums", self._chains.sums, codes))
        yield from (("row_state", self._rows.state, 3), ("chain_counts", self._chains.counts, 3))
        yield "item_state", self._items.state, blocks.STATE

    def _set_day(self, today: date | None) -> None:
        self.today, self._day = today, today.toordinal() if today else 0

    def _weigh(self, first: int, end: int) -> None:
        kernels.age_codes(self.columns, self._rows, self._items, self._scale, first, end, self._day)

    def _forget(self) -> None:
        self._codes.clear()
        self._tuples.clear()

    def _find(self, evidences: Sequence[tuple[Evidence, ...]]) -> list[int]:
        """The codes of evidence that is not cached."""
        read = [evidence_items.items(evidence, self._words) for evidence in evidences]
        heads = np.array([head for head, _ in read], np.int32)
        counts = np.array([len(found) for _, found in read], np.int32)
        given = np.array([item for _, found in read for item in found], np.int32).reshape(-1, 4)
        bases = np.array([e for _, found in read for e in found.values()], np.float64)
        codes, before = np.zeros(len(read), np.int64), self._chains.counts[chains.ROWS]
        kernels.intern(heads, counts, given, bases, codes, self._day, *self._all)
        if len(codes) and codes.min() < 0:
            raise CapacityError("the evidence table is full")
        self._owed += SWEPT_PER_NEW * int(self._chains.counts[chains.ROWS] - before)
        found = codes.tolist()
        for evidence, code in zip(evidences, found, strict=True):
            if code:
                self._remember(evidence, code)
        return found

    def _remember(self, evidence: tuple[Evidence, ...], code: int) -> None:
        if len(self._codes) >= REMEMBERED:
            self._forget()
        self._codes[id(evidence)] = evidence, code
        self._tuples.setdefault(code, []).append(id(evidence))

    def _read(self, code: int) -> Iterator[Evidence]:
        begin, size = int(self._rows.start[code]), int(self._rows.size[code])
        words = self._items.word[begin : begin + size].tolist()
        numbers = self._items.numbers[begin : begin + size].tolist()
        found = ((word, number, day, size) for word, (number, day, size) in zip(words, numbers, strict=True))
        return evidence_items.evidence(kernels.head_of(self.columns, code), found, self._words)
