"""How many companies a member may ask about in a day, so that nobody tries one employer after another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

from shared.web.problems import Problem


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CompaniesADay:
    """Which companies each member has asked about today (UTC). In memory alone: a restart begins anew."""

    def __init__(self, most: int, now: Callable[[], datetime] = _utc_now) -> None:
        """`most`: so many different ones a member; 0 for no limit."""
        self._most, self._now = most, now
        self._day = now().date()
        self._asked: dict[str, set[str]] = {}

    def take(self, member: str, company: str) -> None:
        """Count a company, each once a day.

        Raises:
            Problem: 429 where it is one too many, with the seconds until midnight.
        """
        if not self._most:
            return
        now = self._now()
        if now.date() != self._day:
            self._day, self._asked = now.date(), {}
        asked = self._asked.setdefault(member, set())
        if len(asked) >= self._most and company not in asked:
            detail = f"paths into {self._most} companies a day; those of today may be asked for again"
            raise Problem(429, "Too many companies", detail, headers={"Retry-After": str(_until_midnight(now))})
        asked.add(company)


def _until_midnight(now: datetime) -> int:
    """Whole seconds, rounded up, until the next day begins in UTC."""
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    return ceil((midnight - now).total_seconds())
