"""Requests to the outside: the one place where an address that somebody gave us is opened.

Kept true, on every hop of a redirect: the host is resolved once, each of its addresses is public, and the connection
goes to an address that was checked; plain http(s) on its usual port only; size, time and redirects are bounded. Every
failure looks the same to whoever asked, so that nobody learns what is reachable from here.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore2

from shared.text import safe_url

USUAL_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
        "2001::/23", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
"""Of IANA's special-purpose addresses those that `is_global` lets through, or did in some version of Python.

Some of them hold another address, which a relay would deliver to: Teredo, 6to4 and its relays.
"""
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_TRIED = 3
"""So many addresses of a host are tried."""

Resolve = Callable[[str, int], Awaitable[list[str]]]


class FetchError(Exception):
    """It could not be read. Why is not said."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The longest body, the longest time for all hops together, and the most redirects."""

    bytes: int = 2 * 1024 * 1024
    seconds: float = 8.0
    redirects: int = 4


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: where it was in the end, its media type in lower case, and its body."""

    url: str
    media_type: str
    charset: str | None
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; what does not decode is replaced."""
        try:
            return self.body.decode(self.charset or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


def is_public(address: str) -> bool:
    """Whether an address is anybody's to reach: no private, shared, mapped, multicast or other special one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(found in network for network in _SPECIAL if network.version == found.version):
        return False
    if found.version == 6 and found not in _GLOBAL_V6:  # noqa: PLR2004 - IPv6; mapped and NAT64 addresses are outside
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order to try them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _CheckedBackend(httpcore2.AnyIOBackend):
    """Connects to the addresses that were checked. TLS still proves the host's name."""

    def __init__(self, may_reach: Callable[[str], bool], resolve: Resolve) -> None:
        self._may_reach, self._resolve = may_reach, resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address that answers. Raises ConnectError where one of them is not public."""
        addresses = await self._resolve(host, port)
        if not addresses or not all(map(self._may_reach, addresses)):
            raise httpcore2.ConnectError("not a public address")
        for address in addresses[:_TRIED]:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore2.ConnectError:
                continue
        raise httpcore2.ConnectError("nothing answers")

    async def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore2.AsyncNetworkStream:
        """Never."""
        raise httpcore2.ConnectError("not a public address")


class Fetcher:
    """Reads pages from the outside. `may_reach`, `ports` and `resolve` are for tests: by default public pages only."""

    def __init__(
        self,
        bounds: Bounds | None = None,
        *,
        may_reach: Callable[[str], bool] = is_public,
        ports: Callable[[str, int], bool] = lambda scheme, port: USUAL_PORTS[scheme] == port,
        resolve: Resolve = resolve,
    ) -> None:
        self._bounds = bounds or Bounds()
        self._may_reach, self._ports, self._resolve = may_reach, ports, resolve

    async def get(self, url: str, kinds: Sequence[str] = ()) -> Fetched:
        """The page at a link, after redirects. `kinds`: the media types that will do; none named is any.

        Raises:
            FetchError: for whatever reason.
        """
        try:
            async with asyncio.timeout(self._bounds.seconds):
                page = await self._follow(url, ", ".join(kinds) or "*/*")
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
            ValueError,
        ) as error:
            raise FetchError from error
        if kinds and page.media_type not in kinds:
            raise FetchError
        return page

    async def _follow(self, url: str, accept: str) -> Fetched:
        backend = _CheckedBackend(self._may_reach, self._resolve)
        async with httpcore2.AsyncConnectionPool(network_backend=backend) as pool:
            for _ in range(self._bounds.redirects + 1):
                target = self._checked(url)
                headers: dict[bytes | str, bytes | str] = {"Host": urlsplit(target).netloc, "Accept": accept}
                headers["Accept-Encoding"] = "identity"
                headers["User-Agent"] = "Warmpath (reads one page that a person asked about)"
                async with pool.stream("GET", target, headers=headers) as answer:
                    named = {name.lower().decode(): value.decode("latin-1") for name, value in answer.headers}
                    if answer.status in _REDIRECTS and "location" in named:
                        url = urljoin(target, named["location"])
                        continue
                    if answer.status != _OK:
                        raise FetchError
                    return await self._read(target, named, answer)
        raise FetchError

    def _checked(self, url: str) -> str:
        """The link in ASCII. Raises FetchError for one that is not plain http(s) on its usual port."""
        safe = safe_url(url.partition("#")[0])
        if safe is None:
            raise FetchError
        parts = urlsplit(safe)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").encode("idna").decode()
        if not self._ports(scheme, parts.port or USUAL_PORTS[scheme]):
            raise FetchError
        where = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
        path = quoted(parts.path or "/") + (f"?{quoted(parts.query)}" if parts.query else "")
        return f"{scheme}://{where}{port}{path}"

    async def _read(self, url: str, headers: dict[str, str], answer: httpcore2.Response) -> Fetched:
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise FetchError  # not asked for, and may unfold to any size
        body = bytearray()
        async for chunk in answer.aiter_stream():
            body += chunk
            if len(body) > self._bounds.bytes:
                raise FetchError
        kind = Message()
        kind["content-type"] = headers.get("content-type", "application/octet-stream")
        return Fetched(url, kind.get_content_type(), kind.get_content_charset(), bytes(body))


def quoted(part: str) -> str:
    """A part of an address with everything beyond ASCII escaped; what is escaped already stays."""
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in part)
