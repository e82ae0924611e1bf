"""Rate limits in the database, the same for all processes: a number of uses in a window of time, freed evenly.

Keys are keyed digests, so that the table tells nobody who asked for what.
"""

import hmac
import math
from dataclasses import dataclass
from datetime import timedelta

from services.profiles.store import SIGN_IN
from shared.storage.pool import Connection
from shared.web.problems import Problem


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
        return await conn.fetchval(SIGN_IN["use_limit"], row, self._share, self.window) is not None

    async def demand(self, conn: Connection, key: bytes, *of: str) -> None:
        """As `use`, but 429 with the seconds to wait where it is used up."""
        if await self.use(conn, key, *of):
            return
        wait = await conn.fetchval(SIGN_IN["limit_frees_in"], self._row(key, of), self._share, self.window)
        seconds = math.ceil(wait.total_seconds()) if wait else 1
        raise Problem(
            429,
            detail="too many of these in a short time; try again later",
            headers={"Retry-After": str(max(seconds, 1))},
        )

    def _row(self, key: bytes, of: tuple[str, ...]) -> str:
        return digest(key, self.name, *of)


def digest(key: bytes, *parts: str) -> str:
    """A digest that nobody can make or test without the key. Parts cannot be mistaken for one another."""
    text = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hmac.digest(key, text, "sha256").hex()
