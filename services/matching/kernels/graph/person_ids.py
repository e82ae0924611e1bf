"""The order of person ids: that of Python's strings, by code points, which UTF-8 keeps byte by byte."""

from typing import NamedTuple

from services.matching.kernels.compiled import lean
from services.matching.kernels.storage.arrays import I64, U8


class PersonIds(NamedTuple):
    """The ids of people: that of p is `text[start[p] : start[p + 1]]`."""

    text: U8
    start: I64


@lean
def id_less(text: U8, start: I64, i: int, j: int) -> bool:
    """Whether the id of person `i` comes before that of `j`; see `columns.names.Names` for the arrays."""
    at, other = start[i], start[j]
    size, size_of_other = start[i + 1] - at, start[j + 1] - other
    for offset in range(min(size, size_of_other)):
        if text[at + offset] != text[other + offset]:
            return bool(text[at + offset] < text[other + offset])
    return bool(size < size_of_other)
