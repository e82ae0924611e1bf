"""How long to wait before the next try: doubling, capped, with jitter so that processes do not knock together."""

import random
from collections.abc import Iterator


def delays(first: float = 0.1, cap: float = 5.0) -> Iterator[float]:
    """Seconds to wait, without end: each between half and the whole of a step that doubles up to `cap`."""
    step = first
    while True:
        yield random.uniform(step / 2, step)
        step = min(cap, step * 2)
