"""How many seekers an opening reaches: asked of matching once an opening is an hour old and then once a week, and kept.

What organisations may learn is bounded by that. They see a step of a count and when it was worked out; changing an
opening, closing it and opening it again give no other count before the week is over.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, Field, ValidationError

from services.postings import store
from services.postings.dependencies import Dependencies
from services.postings.domain import step_of
from shared.observability.logs import get_logger
from shared.service_kit.loop import Loop

EVERY: Final = timedelta(days=7)
RETRY: Final = timedelta(seconds=30)
ANSWER_S: Final = 20.0
"""After a count that could not be had, and what one may take: less, so that no other process asks meanwhile."""

LONGEST_PAUSE_S, SHORTEST_PAUSE_S = 60.0, 1.0

log = get_logger(__name__)


class _Counted(BaseModel):
    seekers: int = Field(ge=0)


class NotCountedError(Exception):
    """Matching does not answer; the text is the kind of error."""


@dataclass(frozen=True, slots=True)
class ReachTimer:
    """Works out what is due. Several processes may: each opening is taken by one of them."""

    deps: Dependencies

    def loop(self) -> Loop:
        """The timer."""
        after_s = self.deps.settings.reach_after_seconds
        every_s = min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, after_s / 60))
        return Loop("reach", self.work_out, every_s=every_s, stuck_after_s=10 * LONGEST_PAUSE_S)

    async def work_out(self) -> float | None:
        """Work out each reach that is due. Returns the seconds to wait where matching does not answer."""
        after = timedelta(seconds=self.deps.settings.reach_after_seconds)
        while True:
            now = self.deps.now()
            async with self.deps.pool.acquire() as conn, conn.transaction():
                posting_id = await store.claim_reach_due(conn, now, now - after, now + RETRY)
            if posting_id is None:
                return None
            try:
                seekers = await self._count(posting_id)
            except NotCountedError as error:
                log.warning("reach_not_counted", error=error)
                return RETRY.total_seconds()
            if seekers is not None:
                async with self.deps.pool.acquire() as conn, conn.transaction():
                    await store.keep_reach(conn, posting_id, step_of(seekers), now, now + EVERY)

    async def _count(self, posting_id: str) -> int | None:
        """Matching's count; None while it has not read the opening. Raises NotCountedError."""
        url = (
            f"{self.deps.settings.urls['matching'].rstrip('/')}/internal/v1/openings/{quote(posting_id, safe='')}/reach"
        )
        asked = {"seeking_days": self.deps.settings.reach_seeking_days}
        try:
            answer = await self.deps.client.get(url, params=asked, timeout=ANSWER_S)
            if answer.status_code == httpx2.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            return _Counted.model_validate_json(answer.content).seekers
        except (httpx2.HTTPError, ValidationError) as error:
            raise NotCountedError(type(error).__name__) from error
