"""Openings as columns, with an inverted index of those that are open.

An opening has a number until `release` after its tombstone; its version is kept for good.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.domain import Opening, read_opening
from services.matching.engine.columns.fact_row_arrays import fact_row_arrays, restore_fact_rows
from services.matching.engine.columns.fit_words import (
    WORKPLACES,
    FitWords,
    day_number,
    level_code,
    pay_code,
    place_pairs,
)
from services.matching.engine.columns.names import PEOPLE
from services.matching.engine.columns.words import COUNT as WORDS
from services.matching.kernels.fit import layout as at
from services.matching.kernels.fit.layout import OpeningColumns
from services.matching.kernels.storage.arrays import I32, I64
from services.matching.kernels.storage.fact_rows import index_openings, index_rows, replace_row
from services.matching.kernels.storage.lists import Lists, add, new_lists, remove
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.rules.fit import SKILLS_ENOUGH
from services.matching.snapshots.arrays import fill_columns, under_prefix, with_prefix
from shared.events.postings import PostingV1
from shared.events.suggestions import Opening as Head
from shared.resolution import Vocabulary

OPENINGS = 1 << 23
"""Every array that is read by an opening's number has room for so many: `Openings` gives no number beyond."""

ITEMS = 1 << 28
DECODED = 1 << 12
"""How many openings are cached as objects."""

NO_OPENING = -1

_TOMBSTONE = np.array([at.SKILLS, 0, 0, 0, 0, at.SKILLS, -1, -1, -1, 0, -1], np.int32)
"""Facts that fit nobody on any day."""
_KEPT = ("open", "company", "occupation", "group", "hiring", "valid_through", "top", "shape")
"""The columns that a snapshot keeps; lists are rebuilt from them and from the facts."""


class Openings:
    """Every opening with a record, by number. `by_company` and `by_hiring` (of a person) list all but tombstones."""

    def __init__(self, words: FitWords, vocabulary: Vocabulary) -> None:
        self.columns = _new_columns()
        self.by_company: Lists = new_lists(WORDS, ITEMS)
        self.by_hiring: Lists = new_lists(PEOPLE, ITEMS)
        self._words = words
        self._vocabulary = vocabulary
        self._ids: list[str] = []
        self._records: list[bytes | None] = []
        self._versions: list[int] = []
        self._numbers: dict[str, int] = {}
        self._graves: dict[str, int] = {}
        self._free: list[int] = []
        self._decoded: OrderedDict[int, Opening] = OrderedDict()
        self._day = 0

    def __len__(self) -> int:
        """One more than the highest number given so far."""
        return len(self._ids)

    def find(self, posting_id: str) -> int:
        """The number of an opening, or of a tombstone that is not released; -1 where there is none."""
        return self._numbers.get(posting_id, NO_OPENING)

    def id(self, number: int) -> str:
        """The posting's id."""
        return self._ids[number]

    @property
    def ids(self) -> Sequence[str]:
        """The postings' ids, by number."""
        return self._ids

    def held(self, number: int) -> bool:
        """Whether there is a record, open or not: neither a tombstone nor released."""
        return self._records[number] is not None

    def version(self, posting_id: str) -> int | None:
        """The version of the newest record, tombstones included; None for an unknown id."""
        number = self._numbers.get(posting_id)
        return self._graves.get(posting_id) if number is None else self._versions[number]

    def opening(self, number: int) -> Opening:
        """The opening itself.

        Raises:
            LookupError: it is not held.
        """
        found = self._decoded.get(number)
        if found is not None:
            self._decoded.move_to_end(number)
            return found
        record = self._records[number]
        if record is None:
            raise LookupError("no such opening")
        found = read_opening(PostingV1.model_validate_json(record), self._vocabulary)
        self._remember(number, found)
        return found

    def head(self, number: int) -> Head:
        """What a message shows of it."""
        return self.opening(number).head

    def skills(self, number: int) -> I32:
        """The skills it names, as a view that is valid until the next change; none for a tombstone."""
        block = self.columns.facts.of(number)
        return block[at.SKILLS : block[at.PLACES]] if len(block) else block

    def upsert(self, posting_id: str, opening: Opening | None, record: bytes | None, version: int) -> int:
        """Store an opening, or its tombstone; returns its number, -1 for the tombstone of an unknown one.

        `record` is the `PostingV1` that the opening was read from; fields that no rule reads may be left out.

        Raises:
            ValueError: an opening without its record, or a record without its opening.
            CapacityError: there is no room for more.
        """
        if (opening is None) != (record is None):
            raise ValueError("an opening goes with its record")
        number = self.find(posting_id)
        if number < 0:
            if opening is None:
                self._graves[posting_id] = version
                return NO_OPENING
            number = self._new(posting_id)
        self._unlist(number)
        self._records[number], self._versions[number] = record, version
        self._decoded.pop(number, None)
        if opening is None:
            self.columns.open[number] = 0
            self._replace_row(number, _TOMBSTONE)
        else:
            self._remember(number, opening)
            self._fill(number, opening)
        return number

    def release(self, number: int) -> None:
        """Let the number of a tombstone be given to another opening.

        Raises:
            ValueError: the opening is held, or its number was released before.
        """
        posting_id = self._ids[number]
        if self.held(number) or self._numbers.get(posting_id) != number:
            raise ValueError("only a tombstone is released, and once")
        self._graves[posting_id] = self._versions[number]
        del self._numbers[posting_id]
        self._ids[number] = ""
        self._free.append(number)

    def expiring(self, today: date) -> I32:
        """The open openings whose last day has passed since the last call."""
        before, self._day = self._day, max(self._day, today.toordinal())
        last = self.columns.valid_through[: len(self)]
        passed = (last >= before) & (last < self._day) & (self.columns.open[: len(self)] != 0)
        found: I32 = np.flatnonzero(passed).astype(np.int32)
        return found

    def _new(self, posting_id: str) -> int:
        self._graves.pop(posting_id, None)
        if self._free:
            number = self._free.pop()
            self._ids[number] = posting_id
        else:
            number = len(self._ids)
            if number >= len(self.columns.open):
                raise CapacityError("there is no room for more openings")
            self._ids.append(posting_id)
            self._records.append(None)
            self._versions.append(0)
        self._numbers[posting_id] = number
        return number

    def _unlist(self, number: int) -> None:
        """Remove it from the lists that `_fill` puts it into again. `replace_row` sees to those of the search."""
        if not self.held(number):
            return
        remove(self.by_company, int(self.columns.company[number]), number)
        if self.columns.hiring[number] >= 0:
            remove(self.by_hiring, int(self.columns.hiring[number]), number)

    def _fill(self, number: int, opening: Opening) -> None:
        columns, words, title = self.columns, self._words, opening.title
        company = words.companies.index(opening.company)
        hiring = -1 if opening.hiring_contact is None else words.people.index(opening.hiring_contact)
        columns.open[number] = opening.open
        columns.company[number], columns.hiring[number] = company, hiring
        columns.occupation[number] = -1 if title is None else words.occupations.index(title.occupation)
        columns.group[number] = -1 if title is None else words.groups.index(title.group)
        columns.valid_through[number] = day_number(opening.valid_through, at.ALWAYS)
        top = None if opening.pay is None else opening.pay.max
        columns.top[number] = np.inf if top is None else top
        add(self.by_company, company, number)
        if hiring >= 0:
            add(self.by_hiring, hiring, number)
        self._replace_row(number, self._block(number, opening))

    def _block(self, number: int, opening: Opening) -> I32:
        columns, words = self.columns, self._words
        skills = [words.skills.index(skill) for skill in opening.skills]
        places = place_pairs(opening.places, words)
        title = int(columns.occupation[number]), int(columns.group[number])
        level, begin = level_code(opening.level), at.SKILLS + len(skills)
        keys = _keys(skills, *title) if opening.open else []
        columns.shape[number] = at.shape_of(min(len(skills), SKILLS_ENOUGH), title[0] >= 0, level)
        head = [
            begin + len(places),
            level,
            WORKPLACES[opening.workplace],
            pay_code(opening.pay),
            columns.valid_through[number] if opening.open else 0,
            begin,
            columns.company[number],
            *title,
            opening.vouched,
            words.companies.index(opening.family),
        ]
        return np.array([*head, *skills, *places, *keys], np.int32)

    def _replace_row(self, number: int, block: I32) -> None:
        if not replace_row(self.columns.facts, self.columns.listed, number, block):
            raise CapacityError("there is no room for what openings name")

    def _remember(self, number: int, opening: Opening) -> None:
        self._decoded[number] = opening
        if len(self._decoded) > DECODED:
            self._decoded.popitem(last=False)

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps; the columns are views, to be read before the next change."""
        columns, count = self.columns, len(self)
        records = [b"" if record is None else record for record in self._records]
        return [
            *((name, getattr(columns, name)[:count]) for name in _KEPT),
            *with_prefix("facts", fact_row_arrays(columns.facts, count)),
            ("ids", np.frombuffer("\n".join(self._ids).encode(), np.uint8)),
            ("versions", np.array(self._versions, np.int64)),
            ("lengths", np.fromiter(map(len, records), np.int64, count)),
            ("records", np.frombuffer(b"".join(records), np.uint8)),
        ]

    def extra(self) -> dict[str, Any]:
        """The day, and the versions of tombstones whose numbers were released."""
        return {"day": self._day, "graves": self._graves.copy()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `extra` gave, into an empty object.

        Raises:
            CapacityError: it does not fit.
        """
        columns = self.columns
        self._day, self._graves = int(extra["day"]), dict(extra["graves"])
        fill_columns(arrays, ((name, getattr(columns, name)) for name in _KEPT))
        restore_fact_rows(columns.facts, under_prefix("facts", arrays))
        self._versions = arrays["versions"].tolist()
        self._ids = arrays["ids"].tobytes().decode().split("\n") if self._versions else []
        self._numbers = {posting_id: number for number, posting_id in enumerate(self._ids) if posting_id}
        self._free = [number for number, posting_id in enumerate(self._ids) if not posting_id]
        self._records = _cut(arrays["records"].tobytes(), arrays["lengths"])
        room = index_rows(columns.facts, columns.listed, len(self))
        held = np.fromiter((record is not None for record in self._records), np.bool_, len(self))
        if not (room and index_openings(self.by_company, self.by_hiring, columns.company, columns.hiring, held)):
            raise CapacityError("there is no room for what openings name")


def _keys(skills: list[int], occupation: int, group: int) -> list[int]:
    """The lists that contain an open opening."""
    keys = [skill * at.STRIDE + at.SKILL for skill in skills]
    if occupation < 0:
        keys.append(at.WITHOUT_TITLE)
    else:
        keys += [occupation * at.STRIDE + at.OCCUPATION, group * at.STRIDE + at.GROUP]
    if not skills:
        keys.append(at.WITHOUT_SKILLS)
    return keys


def _new_columns() -> OpeningColumns:
    return OpeningColumns(
        open=reserve(OPENINGS, np.uint8),
        company=reserve(OPENINGS, np.int32),
        occupation=reserve(OPENINGS, np.int32),
        group=reserve(OPENINGS, np.int32),
        hiring=reserve(OPENINGS, np.int32),
        valid_through=reserve(OPENINGS, np.int32),
        top=reserve(OPENINGS, np.float64),
        facts=new_lists(OPENINGS, ITEMS),
        listed=new_lists(WORDS * at.STRIDE, ITEMS),
        shape=reserve(OPENINGS, np.uint8),
    )


def _cut(data: bytes, lengths: I64) -> list[bytes | None]:
    """Split concatenated records; a tombstone has none."""
    return [
        data[end - size : end] or None for end, size in zip(np.cumsum(lengths).tolist(), lengths.tolist(), strict=True)
    ]
