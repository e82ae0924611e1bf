"""Rate limits in the database, the same for all processes: a number of uses in a window of time, freed evenly.

Keys are keyed digests, so that the table tells nobody who asked for what. A service that uses them has a table `limits`
(key text PRIMARY KEY, free_at timestamptz NOT NULL) and a timer that calls `clean_up`.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shared.storage.pool import Connection, Pool
from shared.storage.queries import load
from shared.tokens import keyed_digest
from shared.web.problems import Problem

_SQL = load(Path(__file__).with_name("rate_limits.sql"))


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `uses` in `window`; each use frees itself after its share of the window. `name` keeps keys apart."""

    name: str
    uses: int
    window: timedelta

    @property
    def _share(self) -> timedelta:
        return self.window / self.uses

    async def use(self, conn: Connection, key: bytes, *of: str) -> bool:
        """Use the limit of whatever `of` names; False where it is used up. `key` is the secret of the digests."""
        row = self._row(key, of)
        return await conn.fetchval(_SQL["use"], row, self._share, self.window) is not None

    async def demand(self, conn: Connection, key: bytes, *of: str) -> None:
        """As `use`, but 429 with the seconds to wait where it is used up."""
        if await self.use(conn, key, *of):
            return
        wait = await conn.fetchval(_SQL["frees_in"], self._row(key, of), self._share, self.window)
        seconds = math.ceil(wait.total_seconds()) if wait else 1
        raise Problem(
            429,
            detail="too many of these in a short time; try again later",
            headers={"Retry-After": str(max(seconds, 1))},
        )

    def _row(self, key: bytes, of: tuple[str, ...]) -> str:
        return keyed_digest(key, self.name, *of)


async def clean_up(connection: Pool | Connection) -> None:
    """Delete limits that are not used at all, which is as good as having no row. Call it regularly."""
    await connection.execute(_SQL["clean_up"])
