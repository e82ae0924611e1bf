"""Against guessing links: how many that do not exist somebody may try."""

import time
from collections.abc import Callable
from typing import Final

from shared.ttl_cache import TtlCache
from shared.web.problems import Problem

MOST: Final = 20
MOST_OF_ALL: Final = 2_000
"""Where it is not known who tries: of everybody together."""

WITHIN_S: Final = 600.0
SOURCES: Final = 50_000


class Guesses:
    """How many unknown links somebody on the network has tried lately, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._tried: TtlCache[str, int] = TtlCache(WITHIN_S, SOURCES, clock)

    def check(self, source: str | None) -> None:
        """Raises Problem (429) after too many."""
        if self._so_far(source) >= (MOST if source else MOST_OF_ALL):
            raise Problem(
                429,
                detail="too many links that do not exist; try again later",
                headers={"Retry-After": str(int(WITHIN_S))},
            )

    def note(self, source: str | None) -> None:
        """One more."""
        self._tried.set(source or "", self._so_far(source) + 1)

    def _so_far(self, source: str | None) -> int:
        return (self._tried.get(source or "") or (0,))[0]
