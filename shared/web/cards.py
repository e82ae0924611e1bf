"""Names and employers of people, asked of profiles when something is shown or sent; cached for a minute at most.

A card is for one viewer: profiles shows a contact only to their importer, and an e-mail address only to its owner.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger
from shared.observability.metric_list import CARDS_UNAVAILABLE
from shared.ttl_cache import TtlCache

log = get_logger(__name__)

TTL_S = 60.0
CAPACITY = 20_000
BATCH = 100


class Card(BaseModel):
    """What profiles says about a person. Link and day of connecting are the viewer's own words about them.

    `given_name`: for a greeting; `headline`: the viewer's own, in a line.
    """

    id: str
    name: str | None = None
    given_name: str | None = None
    email: str | None = None
    headline: str | None = None
    member: bool = False
    company: str | None = None
    title: str | None = None
    profile_url: str | None = None
    connected_on: date | None = None


class _Answer(BaseModel):
    cards: list[Card]


class CardsUnavailable(Exception):  # noqa: N818 - names a passing state
    """Profiles did not answer."""


class Cards:
    """Looks cards up, in batches, for one viewer at a time."""

    def __init__(
        self, client: httpx2.AsyncClient, profiles_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = profiles_url.rstrip("/") + "/internal/v1/cards"
        self._cache: TtlCache[tuple[str, str], Card | None] = TtlCache(TTL_S, CAPACITY, clock)

    async def find(self, viewer: str, ids: Iterable[str]) -> Mapping[str, Card]:
        """Cards by id, without people whom the viewer may not see or who are unknown. Raises CardsUnavailable."""
        wanted = list(dict.fromkeys(ids))
        cached = {each: self._cache.get((viewer, each)) for each in wanted}
        found = {each: entry[0] for each, entry in cached.items() if entry is not None}
        missing = [each for each in wanted if each not in found]
        for start in range(0, len(missing), BATCH):
            found.update(await self._ask(viewer, missing[start : start + BATCH]))
        return {key: card for key, card in found.items() if card is not None}

    async def find_or_none(self, viewer: str, ids: Iterable[str]) -> Mapping[str, Card]:
        """The same, but empty while profiles does not answer: the inbox stays readable, without names."""
        try:
            return await self.find(viewer, ids)
        except CardsUnavailable:
            return {}

    async def _ask(self, viewer: str, ids: list[str]) -> dict[str, Card | None]:
        try:
            answer = await self._client.post(self._url, json={"ids": ids, "viewer": viewer})
            answer.raise_for_status()
            cards = {card.id: card for card in _Answer.model_validate_json(answer.content).cards}
        except (httpx2.HTTPError, ValidationError) as error:
            CARDS_UNAVAILABLE.inc()
            log.warning("cards_unavailable", error=error)
            raise CardsUnavailable from error
        asked = {each: cards.get(each) for each in ids}
        for each, card in asked.items():
            self._cache.set((viewer, each), card)
        return asked
