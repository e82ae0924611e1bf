"""Who somebody is, asked from profiles when something is shown or sent; remembered in memory for a minute at most.

A card is for one viewer: profiles gives a contact's card only to its own importer, an e-mail address only to oneself.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger
from shared.observability.metric_list import CARDS_UNAVAILABLE

log = get_logger(__name__)

TTL_S = 60.0
CAPACITY = 20_000
BATCH = 100


class Card(BaseModel):
    """What profiles says of somebody."""

    id: str
    name: str | None = None
    email: str | None = None
    member: bool = False
    company: str | None = None
    title: str | None = None


class _Answer(BaseModel):
    cards: list[Card]


class CardsUnavailable(Exception):  # noqa: N818 - a state of things, which passes
    """Profiles did not answer."""


class Cards:
    """Looks cards up, in batches, one viewer at a time. `ttl_s` is at most a minute by contract."""

    def __init__(
        self, client: httpx2.AsyncClient, profiles_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client, self._clock = client, clock
        self._url = profiles_url.rstrip("/") + "/internal/v1/cards"
        self._known: OrderedDict[tuple[str, str], tuple[float, Card | None]] = OrderedDict()

    async def find(self, viewer: str, ids: Iterable[str]) -> Mapping[str, Card]:
        """Cards by id; somebody the viewer may not see, or nobody knows, is missing. Raises CardsUnavailable."""
        wanted = list(dict.fromkeys(ids))
        now = self._clock()
        found: dict[str, Card | None] = {}
        for each in wanted:
            entry = self._known.get((viewer, each))
            if entry is not None and entry[0] > now:
                found[each] = entry[1]
        missing = [each for each in wanted if each not in found]
        for start in range(0, len(missing), BATCH):
            found.update(await self._ask(viewer, missing[start : start + BATCH]))
        return {key: card for key, card in found.items() if card is not None}

    async def find_or_none(self, viewer: str, ids: Iterable[str]) -> Mapping[str, Card]:
        """The same, but without names while profiles is away: the inbox stays readable."""
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
        until = self._clock() + TTL_S
        asked = {each: cards.get(each) for each in ids}
        for key, card in asked.items():
            self._known.pop((viewer, key), None)
            self._known[viewer, key] = (until, card)
        while len(self._known) > CAPACITY:
            self._known.popitem(last=False)
        return asked
