"""How many links a member may have read in an hour, so that nobody reads the web through us."""

import time
from collections.abc import Callable
from math import ceil
from typing import Final

from shared.web.problems import Problem

HOUR_S: Final = 3600.0


class LinksAnHour:
    """At most so many for each member, each free again an hour later. In memory alone: a restart begins anew."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._used: dict[str, list[float]] = {}

    def take(self, member: str) -> None:
        """Count one.

        Raises:
            Problem: 429 where it is one too many, with the seconds until one is free.
        """
        now = self._clock()
        for other in [who for who, uses in self._used.items() if uses[-1] <= now - HOUR_S]:
            del self._used[other]
        uses = [use for use in self._used.get(member, ()) if use > now - HOUR_S]
        if len(uses) >= self._most:
            wait = ceil(uses[0] + HOUR_S - now)
            detail = f"{self._most} links an hour; paste the advert's text instead"
            raise Problem(429, "Too many links", detail, headers={"Retry-After": str(wait)})
        self._used[member] = [*uses, now]
