"""What profiles says of people when something is shown: names, and a seeker's own address; cached for a minute."""

import time
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger
from shared.ttl_cache import TtlCache
from shared.web.problems import Problem, unavailable

log = get_logger(__name__)

TTL_S = 60.0
CAPACITY = 20_000
BATCH = 100


class Card(BaseModel):
    """A person, as one viewer may see them; the address only of the viewer."""

    id: str
    name: str | None = None
    email: str | None = None


class _Answer(BaseModel):
    cards: list[Card]


class _Entry(BaseModel):
    id: str
    now: str


class _Entries(BaseModel):
    entries: list[_Entry]


def _away(error: Exception) -> Problem:
    log.warning("profiles_unavailable", error=error)
    return unavailable("this cannot be done at the moment; try again")


class Profiles:
    """Looks people up for one viewer at a time. While profiles does not answer, there are no names."""

    def __init__(
        self, client: httpx2.AsyncClient, profiles_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = profiles_url.rstrip("/") + "/internal/v1/cards"
        self._entries = profiles_url.rstrip("/") + "/internal/v1/entries"
        self._cache: TtlCache[tuple[str, str], Card | None] = TtlCache(TTL_S, CAPACITY, clock)

    async def names(self, viewer: str, ids: Iterable[str]) -> dict[str, str]:
        """Names by id, without people whom the viewer may not see or who have none."""
        found = await self._cards(viewer, ids)
        return {key: card.name for key, card in found.items() if card.name}

    async def address(self, member_id: str) -> str | None:
        """A member's own e-mail address."""
        card = (await self._cards(member_id, [member_id])).get(member_id)
        return card.email if card else None

    async def entries_now(self, ids: Sequence[str]) -> dict[str, str]:
        """Under which id each of at most 100 people is known now; whoever is gone is left out.

        Raises:
            Problem: 503 when profiles does not answer.
        """
        try:
            answer = await self._client.post(f"{self._entries}/now", json={"ids": list(ids)})
            answer.raise_for_status()
            found = _Entries.model_validate_json(answer.content).entries
        except (httpx2.HTTPError, ValidationError) as error:
            raise _away(error) from error
        return {each.id: each.now for each in found}

    async def forget(self, contact_id: str) -> None:
        """Take a contact out of the address book they stand in, for good; nothing where they are gone.

        Raises:
            Problem: 503 when profiles does not answer.
        """
        try:
            answer = await self._client.post(f"{self._entries}/{quote(contact_id, safe='')}/forget")
            if answer.status_code != httpx2.codes.NOT_FOUND:
                answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise _away(error) from error

    async def _cards(self, viewer: str, ids: Iterable[str]) -> dict[str, Card]:
        wanted = list(dict.fromkeys(ids))
        cached = {each: self._cache.get((viewer, each)) for each in wanted}
        found = {each: entry[0] for each, entry in cached.items() if entry is not None}
        missing = [each for each in wanted if each not in found]
        for start in range(0, len(missing), BATCH):
            found |= await self._ask(viewer, missing[start : start + BATCH])
        return {key: card for key, card in found.items() if card is not None}

    async def _ask(self, viewer: str, ids: list[str]) -> dict[str, Card | None]:
        try:
            answer = await self._client.post(self._url, json={"ids": ids, "viewer": viewer})
            answer.raise_for_status()
            cards = {card.id: card for card in _Answer.model_validate_json(answer.content).cards}
        except (httpx2.HTTPError, ValidationError) as error:
            log.warning("cards_unavailable", error=error)
            return {}
        asked = {each: cards.get(each) for each in ids}
        for each, card in asked.items():
            self._cache.set((viewer, each), card)
        return asked
