"""Arrays of a snapshot by name: collected from the parts of an engine, and read straight into its columns."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from services.matching.kernels.storage.memory import CapacityError

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]


class ArraySource(Protocol):
    """An open snapshot."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all arrays."""

    def array(self, name: str) -> Array:
        """An array, in newly allocated memory."""

    def into(self, name: str, target: Array) -> int:
        """Read an array into the first entries of `target`; returns its length."""


class LazyArrays(Arrays):
    """The arrays of a snapshot whose names begin with `prefix`, each read when it is accessed."""

    def __init__(self, source: ArraySource, prefix: str = "") -> None:
        self.source, self.prefix = source, prefix

    def __getitem__(self, name: str) -> Array:
        return self.source.array(self.prefix + name)

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self.prefix) for name in self.source.names if name.startswith(self.prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def fill_columns(arrays: Arrays, columns: Iterable[tuple[str, Array]]) -> None:
    """Copy or read each of these arrays into the beginning of its column.

    Raises:
        CapacityError: an array is longer than its column.
    """
    for name, column in columns:
        fill_column(arrays, name, column)


def fill_column(arrays: Arrays, name: str, column: Array) -> int:
    """The same for a single array; returns its length."""
    if isinstance(arrays, LazyArrays):
        return arrays.source.into(arrays.prefix + name, np.asarray(column))
    values = arrays[name]
    if len(values) > len(column):
        raise CapacityError(f"array {name} of a snapshot is too long")
    column[: len(values)] = values
    return len(values)


def with_prefix(prefix: str, arrays: Iterable[tuple[str, Array]]) -> list[tuple[str, Array]]:
    """The arrays of a part, their names prefixed with its own."""
    return [(f"{prefix}.{name}", array) for name, array in arrays]


def under_prefix(prefix: str, arrays: Arrays) -> Arrays:
    """The inverse of `with_prefix`: the arrays of one part, without the prefix."""
    begin = prefix + "."
    if isinstance(arrays, LazyArrays):
        return LazyArrays(arrays.source, arrays.prefix + begin)
    return {name.removeprefix(begin): array for name, array in arrays.items() if name.startswith(begin)}
