"""What may be said of an introduction, asked of introductions before each delivery: nothing of it is stored here."""

from typing import Any, Literal, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from shared.observability.logs import get_logger
from shared.observability.metric_list import INTRODUCTIONS_UNAVAILABLE

log = get_logger(__name__)

_NOTHING = (404, 409)
"""Nothing is to be said any more; or there are too many links already, and the page does without one."""

M = TypeVar("M", bound=BaseModel)


class Person(BaseModel):
    """Somebody whom the receiver may know of. `why`: what makes them worth a word."""

    id: str
    name: str | None = None
    why: list[str] = []


class Message(BaseModel):
    """An introduction as the receiver may see it now; what they may not see is left out."""

    role: Literal["seeker", "introducer", "target"] = "seeker"
    state: str = ""
    origin: Literal["ask", "offer"] = "ask"
    title: str | None = None
    company: str | None = None
    introducer: Person | None = None
    seeker: Person | None = None
    target: Person | None = None
    direct: bool | None = None
    note: str | None = None
    why: list[str] = []
    leg: Literal["app", "hand"] | None = None
    sent: bool | None = None
    sentence: str | None = None
    outcome: str | None = None
    people: list[Person] = []


class _Link(BaseModel):
    url: str


class IntroductionsUnavailable(Exception):  # noqa: N818 - names a passing state
    """Introductions did not answer."""


class Introductions:
    """Asks the service."""

    def __init__(self, client: httpx2.AsyncClient, url: str) -> None:
        self._client, self._url = client, url.rstrip("/")

    async def message(self, introduction_id: str, member_id: str, kind: str) -> Message | None:
        """What is to be said to this member now; None: nothing any more.

        Raises:
            IntroductionsUnavailable: there was no answer.
        """
        where = f"{self._url}/internal/v1/introductions/{introduction_id}/message"
        if kind == "keep_in_touch":
            where = f"{self._url}/internal/v1/keep-in-touch"
        answer = await self._ask("GET", where, params={"member": member_id, "kind": kind})
        return None if answer is None else _read(Message, answer)

    async def link(self, introduction_id: str, member_id: str) -> str | None:
        """A new link by which this member answers without signing in; None where nothing waits for their answer.

        Whoever holds it can answer, so it is for one e-mail and kept nowhere.

        Raises:
            IntroductionsUnavailable: there was no answer.
        """
        where = f"{self._url}/internal/v1/introductions/{introduction_id}/links"
        answer = await self._ask("POST", where, json={"member_id": member_id})
        return None if answer is None else _read(_Link, answer).url

    async def _ask(self, method: str, where: str, **options: Any) -> bytes | None:
        try:
            answer = await self._client.request(method, where, **options)
            if answer.status_code in _NOTHING:
                return None
            return answer.raise_for_status().content
        except httpx2.HTTPError as error:
            raise _unavailable(error) from error


def _read(model: type[M], content: bytes) -> M:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> IntroductionsUnavailable:
    INTRODUCTIONS_UNAVAILABLE.inc()
    log.warning("introductions_unavailable", error=error)
    return IntroductionsUnavailable()
