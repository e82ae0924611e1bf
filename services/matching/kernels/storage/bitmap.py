"""Bitmaps over people: bit `p & 7` of byte `p >> 3` is person p's. One of a million people takes 122 KiB."""

import numpy as np

from services.matching.kernels.compiled import inner
from services.matching.kernels.storage.arrays import U8


@inner
def has_bit(bits: U8, person: int) -> bool:
    """Whether the person's bit is set."""
    return bits[person >> 3] & (1 << (person & 7)) != 0


@inner
def set_bit(bits: U8, person: int) -> None:
    """Set the person's bit."""
    bits[person >> 3] |= np.uint8(1 << (person & 7))
