"""A hash table from the content of rows to the rows, by chains; it grows one bucket at a time (linear hashing).

So no insertion has to wait until a whole table is rebuilt. Row 0 is never in it: 0 ends a chain.
"""

from typing import NamedTuple

import numpy as np

from services.matching.kernels.compiled import inner
from services.matching.kernels.storage.arrays import I32, I64, U32
from services.matching.kernels.storage.memory import reserve

BUCKETS = 0
LEVEL = 1
"""The largest power of two up to the buckets in use."""
ROWS = 2


class Chains(NamedTuple):
    """Bucket b begins with row `heads[b]`; `next` of a row is the one after it. `sums` has the checksum of a row."""

    heads: I32
    next: I32
    sums: U32
    counts: I64


def new_chains(rows: int) -> Chains:
    """Address space for so many rows."""
    return Chains(
        reserve(rows, np.int32), reserve(rows, np.int32), reserve(rows, np.uint32), np.array([1, 1, 0], np.int64)
    )


@inner
def bucket(chains: Chains, checksum: int) -> int:
    """The bucket of a checksum of 32 bits."""
    level = chains.counts[LEVEL]
    found = checksum & (2 * level - 1)
    return int(found if found < chains.counts[BUCKETS] else found - level)


@inner
def insert_row(chains: Chains, row: int, checksum: int) -> None:
    """Insert a row."""
    chains.counts[ROWS] += 1
    if chains.counts[ROWS] > chains.counts[BUCKETS] and chains.counts[BUCKETS] < len(chains.heads):
        _split(chains)
    place = bucket(chains, checksum)
    chains.sums[row] = checksum
    chains.next[row] = chains.heads[place]
    chains.heads[place] = row


@inner
def remove_row(chains: Chains, row: int) -> None:
    """Remove a row, which must be in the table."""
    chains.counts[ROWS] -= 1
    place = bucket(chains, chains.sums[row])
    at = chains.heads[place]
    if at == row:
        chains.heads[place] = chains.next[row]
        return
    while chains.next[at] != row:
        at = chains.next[at]
    chains.next[at] = chains.next[row]


@inner
def _split(chains: Chains) -> None:
    """Add a bucket, and move into it the rows that belong there from the one that has held them so far."""
    old, fresh = chains.counts[BUCKETS] - chains.counts[LEVEL], chains.counts[BUCKETS]
    chains.counts[BUCKETS] = fresh + 1
    row = chains.heads[old]
    chains.heads[old] = chains.heads[fresh] = 0
    while row:
        following = chains.next[row]
        place = fresh if chains.sums[row] & (2 * chains.counts[LEVEL] - 1) == fresh else old
        chains.next[row] = chains.heads[place]
        chains.heads[place] = row
        row = following
    if chains.counts[BUCKETS] == 2 * chains.counts[LEVEL]:
        chains.counts[LEVEL] *= 2
