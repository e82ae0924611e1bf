"""People's ids as dense numbers, by which kernels know people, and as UTF-8, by which they order equal scores."""

from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from services.matching.engine.columns.texts import Texts
from services.matching.kernels.storage.arrays import I32, U8

PEOPLE = 1 << 25
"""Every array that is read by a person's number has room for so many: `Names` gives no number beyond."""

BYTES = 1 << 32


class Names(Texts):
    """Ids of people. The id of person `i` is `text[start[i] : start[i + 1]]`, in UTF-8."""

    def __init__(self, people: int = PEOPLE, size: int = BYTES) -> None:
        super().__init__(people, size)
        self.text: U8 = self._bytes

    def name(self, index: int) -> str:
        """The id of a person."""
        return self._texts[index]

    def indexes(self, ids: Sequence[str]) -> I32:
        """`index` of each, in their order."""
        if len(ids) > 1:
            try:
                return np.array(itemgetter(*ids)(self._numbers), np.int32)
            except KeyError:
                pass
        return np.array([self.index(one) for one in ids], np.int32)
