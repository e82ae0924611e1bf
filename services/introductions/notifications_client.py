"""What notifications says of a member's inbox: what they hid in it."""

from dataclasses import dataclass

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger

log = get_logger(__name__)


class _Ids(BaseModel):
    suggestions: list[str]
    people: list[str]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Ids of live suggestions and of introducers that a member does not want to see."""

    suggestions: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()


class Notifications:
    """Asks about one member at a time."""

    def __init__(self, client: httpx2.AsyncClient, notifications_url: str) -> None:
        self._client = client
        self._url = notifications_url.rstrip("/") + "/internal/v1/hidden"

    async def hidden(self, member_id: str) -> Hidden:
        """What a member hid; nothing while notifications does not answer: it only leaves something out of a list."""
        try:
            answer = await self._client.get(self._url, params={"member": member_id})
            answer.raise_for_status()
            found = _Ids.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValidationError) as error:
            log.warning("notifications_unavailable", error=error)
            return Hidden()
        return Hidden(tuple(found.suggestions), frozenset(found.people))
