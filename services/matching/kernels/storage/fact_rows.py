"""Rows of facts: one block of whole numbers a row, and an inverted index of the rows.

Entry 0 of a block says where its keys begin; they go on to its end. The keys are the numbers of the lists of `listed`
that contain the row, each once. An empty block is in no list.
"""

import numpy as np
import numpy.typing as npt

from services.matching.kernels.compiled import inner, lean, shared
from services.matching.kernels.storage.blocks import allocate, class_room, release, size_class
from services.matching.kernels.storage.lists import Lists, append, remove

Block = npt.NDArray[np.int32]


@lean
def replace_row(facts: Lists, listed: Lists, row: int, block: Block) -> bool:
    """Replace the block of a row, and update the lists that contain it; False where there is no room."""
    begin = facts.start[row]
    before = facts.items[begin : begin + facts.size[row]]
    keys, known = block[_first_key(block) :], before[_first_key(before) :]
    for key in known:
        if not _has(keys, key):
            remove(listed, key, row)
    for key in keys:
        if not _has(known, key) and not append(listed, key, row):
            return False
    return _write(facts, row, block)


@inner
def _first_key(block: Block) -> int:
    return int(block[0]) if len(block) > 0 else 0


@inner
def _has(keys: Block, wanted: int) -> bool:
    for key in keys:  # noqa: SIM110 - compiled: a loop is faster
        if key == wanted:
            return True
    return False


@shared
def _write(facts: Lists, row: int, block: Block) -> bool:
    need, room = len(block), facts.room[row]
    if need > room or need == 0:
        if room > 0:
            release(facts.state, facts.items, facts.start[row], size_class(room))
            facts.room[row] = facts.size[row] = 0
        if need == 0:
            return True
        found = size_class(need)
        fresh = allocate(facts.state, facts.items, found)
        if fresh < 0:
            return False
        facts.start[row], facts.room[row] = fresh, class_room(found)
    begin = facts.start[row]
    for at in range(need):
        facts.items[begin + at] = block[at]
    facts.size[row] = need
    return True


@lean
def index_rows(facts: Lists, listed: Lists, rows: int) -> bool:
    """Fill the empty lists from the first `rows` rows; False where there is no room."""
    for row in range(rows):
        begin = facts.start[row]
        block = facts.items[begin : begin + facts.size[row]]
        for key in block[_first_key(block) :]:
            if not append(listed, key, row):
                return False
    return True


@lean
def index_openings(
    by_company: Lists, by_hiring: Lists, company: Block, hiring: Block, held: npt.NDArray[np.bool_]
) -> bool:
    """Fill the empty lists of openings by company and by hiring contact; False where there is no room."""
    for o in range(len(held)):
        if not held[o]:
            continue
        if not append(by_company, company[o], o) or (hiring[o] >= 0 and not append(by_hiring, hiring[o], o)):
            return False
    return True
