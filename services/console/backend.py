"""The other services' HTTP APIs. Each call is made with the token of whoever is signed in, never with our own."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import httpx2

from shared.services import ServiceName
from shared.web.problems import RETRY_AFTER_S

UPLOAD_S = 300.0
"""An import of a large file answers when everything is in."""

LONGEST_PART = 500
"""Characters of a part of a path; no id, token or file's name that a service knows has as many."""


class FieldError(NamedTuple):
    """What is wrong with one field, as the service says."""

    field: str
    reason: str


class ServiceError(Exception):
    """An answer that is no success. `detail` and `errors` are the service's words for its caller."""

    def __init__(self, status: int, detail: str, errors: tuple[FieldError, ...] = (), retry_after: int = 0) -> None:
        super().__init__(f"{status}")
        self.status, self.detail, self.errors, self.retry_after = status, detail, errors, retry_after


def under(base: str, *parts: str) -> str:
    """A path below another. Parts come from forms and addresses: none may lead to another resource than the one meant.

    Raises ServiceError 404 where a part cannot be the name of anything.
    """
    if not all(map(_is_name, parts)):
        raise _nothing_there()
    return "/".join((base, *(quote(part, safe="") for part in parts)))


def _is_name(part: str) -> bool:
    """Whether it can be one part of a path. A quoted slash is a slash again before the service looks for a route."""
    return part not in ("", ".", "..") and "/" not in part and part.isprintable() and len(part) <= LONGEST_PART


def _nothing_there() -> ServiceError:
    return ServiceError(404, "there is nothing under this address")


class Backend:
    """The services, called in one name."""

    def __init__(self, client: httpx2.AsyncClient, urls: Mapping[ServiceName, str], token: str) -> None:
        self._client, self._urls = client, urls
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, service: ServiceName, path: str, **query: Any) -> Any:
        """The JSON of a resource. Raises ServiceError."""
        return await self.send(service, "GET", path, params={k: v for k, v in query.items() if v is not None})

    async def send(self, service: ServiceName, method: str, path: str, *, parse: bool = True, **options: Any) -> Any:
        """The JSON of the answer; None without one, or where it is not wanted. Raises ServiceError.

        `options` are httpx2's.
        """
        headers = self._headers | options.pop("headers", {})
        with _as_service_error(service):
            answer = await self._client.request(method, self._url(service, path), headers=headers, **options)
        if answer.is_error:
            raise error_of(answer)
        return answer.json() if parse and answer.content else None

    async def health(self, service: ServiceName) -> dict[str, str]:
        """What a service says of its own parts: `ok`, or why not. For one that does not answer, that it does not."""
        try:
            answer = await self._client.get(self._url(service, "/ready"))
            found: dict[str, str] = answer.json()["checks"]
        except (httpx2.TransportError, ValueError, KeyError):
            return {"process": "does not answer"}
        return found

    async def upload(
        self, service: ServiceName, path: str, content: AsyncIterator[bytes], media_type: str, **options: Any
    ) -> Any:
        """Send a file as it comes; the JSON of the answer. Raises ServiceError."""
        headers = {"Content-Type": media_type}
        return await self.send(service, "POST", path, content=content, headers=headers, timeout=UPLOAD_S, **options)

    async def stream(self, service: ServiceName, path: str, headers: Mapping[str, str]) -> httpx2.Response:
        """An answer to be read as it arrives, and closed. Raises ServiceError."""
        url = self._url(service, path)
        with _as_service_error(service):
            request = self._client.build_request("GET", url, headers={**self._headers, **headers}, timeout=None)
            answer = await self._client.send(request, stream=True)
        if answer.is_error:
            await answer.aread()
            await answer.aclose()
            raise error_of(answer)
        return answer

    def _url(self, service: ServiceName, path: str) -> str:
        """Raises ServiceError 404 for a path that `under` would not have made: the client would resolve its dots."""
        names = [(part, unquote(part)) for part in path.removeprefix("/").split("/")]
        if not all(_is_name(name) and quote(name, safe="") == part for part, name in names):
            raise _nothing_there()
        return f"{self._urls[service].rstrip('/')}/{path.removeprefix('/')}"


@contextmanager
def _as_service_error(service: ServiceName) -> Iterator[None]:
    """Says as a ServiceError that a request could not be made, or that nobody answered it."""
    try:
        yield
    except (httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeError) as error:
        # What was entered does not fit into an address or a header, or is no text at all.
        raise ServiceError(422, "something you entered cannot be passed on: is it too long?") from error
    except httpx2.TransportError as error:
        raise ServiceError(503, f"{service} does not answer at the moment", retry_after=RETRY_AFTER_S) from error


async def passed_on(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """The body of a streamed answer, as it arrives; closed at its end, or when nobody reads on."""
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx2.TransportError:
        return  # cut off: a browser connects again, or sees that a file is not whole
    finally:
        await answer.aclose()


def error_of(answer: httpx2.Response) -> ServiceError:
    """What an answer with problem details says."""
    try:
        said = answer.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    errors = tuple(FieldError(str(each["field"]), str(each["reason"])) for each in said.get("errors", ()))
    retry_after = answer.headers.get("retry-after", "")
    return ServiceError(
        answer.status_code,
        str(said.get("detail") or said.get("title") or "the service refused this"),
        errors,
        int(retry_after) if retry_after.isdigit() else 0,
    )
