"""Lists, and rows of facts, as arrays of a snapshot."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from services.matching.kernels.storage.blocks import TOP
from services.matching.kernels.storage.lists import Lists
from services.matching.snapshots.arrays import fill_columns


def fact_row_arrays(facts: Lists, rows: int) -> list[tuple[str, npt.NDArray[Any]]]:
    """The first `rows` lists, as views."""
    return [
        ("items", facts.items[: int(facts.state[TOP])]),
        ("start", facts.start[:rows]),
        ("size", facts.size[:rows]),
        ("room", facts.room[:rows]),
        ("state", facts.state),
    ]


def restore_fact_rows(facts: Lists, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Fill lists from what `fact_row_arrays` gave.

    Raises:
        CapacityError: it does not fit.
    """
    fill_columns(
        arrays, ((name, np.asarray(getattr(facts, name))) for name in ("items", "start", "size", "room", "state"))
    )
