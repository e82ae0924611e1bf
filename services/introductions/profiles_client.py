"""What profiles says of people: names, a seeker's own address, what became of contacts, and who answered for them."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger
from shared.web.cards import Cards
from shared.web.problems import Problem, unavailable

log = get_logger(__name__)


class _Entry(BaseModel):
    id: str
    now: str


class _Entries(BaseModel):
    entries: list[_Entry]


class _Answered(BaseModel):
    theirs: bool


def _away(error: Exception) -> Problem:
    log.warning("profiles_unavailable", error=error)
    return unavailable("this cannot be done at the moment; try again")


class Profiles:
    """Looks people up for one viewer at a time. While profiles does not answer, there are no names."""

    def __init__(self, client: httpx2.AsyncClient, profiles_url: str) -> None:
        self._client = client
        self._cards = Cards(client, profiles_url)
        self._entries = profiles_url.rstrip("/") + "/internal/v1/entries"

    async def names(self, viewer: str, ids: Iterable[str]) -> dict[str, str]:
        """Names by id, without people whom the viewer may not see or who have none."""
        found = await self._cards.find_or_none(viewer, ids)
        return {key: card.name for key, card in found.items() if card.name}

    async def called(self, viewer: str, ids: Iterable[str]) -> dict[str, str]:
        """How to greet people, by id: by their given name where one is known, else by their whole name."""
        found = await self._cards.find_or_none(viewer, ids)
        return {key: called for key, card in found.items() if (called := card.given_name or card.name)}

    async def address(self, member_id: str) -> str | None:
        """A member's own e-mail address."""
        card = (await self._cards.find_or_none(member_id, [member_id])).get(member_id)
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

    async def has_answered(self, contact_id: str, owner_id: str, member_id: str) -> bool:
        """Whether a member has verified an address that somebody holds for a contact; that one finds them then.

        Raises:
            Problem: 503 when profiles does not answer.
        """
        said = {"owner_id": owner_id, "member_id": member_id}
        try:
            answer = await self._client.post(f"{self._entries}/{quote(contact_id, safe='')}/answered", json=said)
            answer.raise_for_status()
            return _Answered.model_validate_json(answer.content).theirs
        except (httpx2.HTTPError, ValidationError) as error:
            raise _away(error) from error

    async def forget(self, contact_id: str) -> bool:
        """Take a contact out of the address book they stand in, for good, unless they are gone already.

        False where they were found to be a member, and stay.

        Raises:
            Problem: 503 when profiles does not answer.
        """
        try:
            answer = await self._client.post(f"{self._entries}/{quote(contact_id, safe='')}/forget")
            if answer.status_code not in (httpx2.codes.NOT_FOUND, httpx2.codes.CONFLICT):
                answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise _away(error) from error
        return answer.status_code != httpx2.codes.CONFLICT
