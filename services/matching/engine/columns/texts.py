"""Texts numbered in the order of their first appearance, each once, for good.

They are stored twice: as Python strings, for look-ups, and as UTF-8 in one array, for kernels and snapshots.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.kernels.storage.arrays import I64, U8
from services.matching.kernels.storage.memory import CapacityError, reserve
from services.matching.snapshots.arrays import fill_column


class Texts:
    """Numbers for texts. Text `i` is `_bytes[start[i] : start[i + 1]]`."""

    def __init__(self, count: int, size: int) -> None:
        """Address space for `count` texts of `size` bytes of UTF-8 in all."""
        self.start: I64 = reserve(count + 1, np.int64)
        self._bytes: U8 = reserve(size, np.uint8)
        self._window = self._bytes.data
        self._end = 0
        self._texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def texts(self) -> Sequence[str]:
        """All of them, by number."""
        return self._texts

    def index(self, text: str) -> int:
        """The number of a text; a new one gets the next.

        Raises:
            CapacityError: there is no room for a new one.
        """
        found = self._numbers.get(text)
        return self._add(text) if found is None else found

    def find(self, text: str) -> int:
        """The number of a text; -1 where it has none."""
        return self._numbers.get(text, -1)

    def _add(self, text: str) -> int:
        data, number = text.encode("utf-8", "surrogatepass"), len(self._texts)
        end = self._end + len(data)
        if end > len(self._bytes) or number + 1 >= len(self.start):
            raise CapacityError("there is no room for more texts")
        self._window[self._end : end] = data
        self.start[number + 1] = self._end = end
        self._texts.append(text)
        self._numbers[text] = number
        return number

    def arrays(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """What a snapshot keeps: views, to be read before the next change."""
        return [("bytes", self._bytes[: self._end]), ("start", self.start[: len(self) + 1])]

    def extra(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]], _extra: Mapping[str, Any]) -> None:
        """Restore what `arrays` gave.

        Raises:
            CapacityError: it does not fit.
        """
        self._end, count = fill_column(arrays, "bytes", self._bytes), fill_column(arrays, "start", self.start)
        self._texts = split(self._bytes[: self._end].tobytes(), self.start[:count])
        self._numbers = dict(zip(self._texts, range(len(self._texts)), strict=True))


def split(data: bytes, start: I64) -> list[str]:
    """Split concatenated texts."""
    pairs = pairwise(start.tolist())
    if data.isascii():
        whole = data.decode("ascii")
        return [whole[a:b] for a, b in pairs]
    return [data[a:b].decode("utf-8", "surrogatepass") for a, b in pairs]
