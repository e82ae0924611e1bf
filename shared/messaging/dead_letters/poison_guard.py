"""Stops a group when most of what it reads is bad.

Then the reader or a writer is broken, and moving all of it to the dead letters would hide that.
"""

import time
from collections import deque


class TooManyBadRecords(Exception):  # noqa: N818 - a state to stop in, not a failure of ours
    """Most of the latest records could not be processed."""


class PoisonGuard:
    """Counts good and bad records of the last `window_seconds`.

    The limit is passed with more than `max_bad` bad records that are more than `max_share` of all.
    """

    def __init__(self, *, max_bad: int = 100, max_share: float = 0.5, window_seconds: float = 60.0) -> None:
        self._max_bad, self._max_share, self._window_seconds = max_bad, max_share, window_seconds
        self._recent: deque[tuple[float, int, int]] = deque()

    def check(self, good: int, bad: int, now: float | None = None) -> None:
        """Raise TooManyBadRecords if these records, which are not counted yet, pass the limit."""
        moment = time.monotonic() if now is None else now
        while self._recent and self._recent[0][0] < moment - self._window_seconds:
            self._recent.popleft()
        all_good = good + sum(each[1] for each in self._recent)
        all_bad = bad + sum(each[2] for each in self._recent)
        if bad and all_bad > self._max_bad and all_bad > self._max_share * (all_good + all_bad):
            raise TooManyBadRecords(f"{all_bad} of the last {all_good + all_bad} records could not be processed")

    def count(self, good: int, bad: int, now: float | None = None) -> None:
        """Count records that are applied or in the dead letters."""
        self._recent.append((time.monotonic() if now is None else now, good, bad))
