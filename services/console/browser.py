"""What is known of a browser: its cookies, whether a request comes from our own pages, and forms that prove it.

The session cookie holds the member's token itself and nothing else; it is HttpOnly and SameSite=Lax. Requests that
change something must come from a page of ours (Fetch Metadata, else Origin), and forms of members carry a token that
only somebody who holds the session can make.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

SESSION: Final = "session"
BROWSER: Final = "browser"
PLACES: Final = "places"
ATTEMPT: Final = "attempt-"
"""Before the digest of its `state`: the cookie of a sign-in that leads over another site."""
MOST_ATTEMPTS: Final = 3
"""So many at a time, in as many tabs: cookies go with each request."""
OPERATIONS: Final = "operations"
ORGANISATIONS: Final = "organisations"
PROVIDER: Final = "/sign-in/provider"
"""Where a sign-in through another provider begins and ends."""
SESSION_S = 30 * 24 * 3600
ASKED_S = 3600
LONGEST_WANTED = 3900
"""Browsers refuse a cookie of more than 4096 bytes, and would go on saying the one before."""
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
)
_MORE_PLACES = frozenset({OPERATIONS, ORGANISATIONS})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NEXT, _LINK = "next", "/sign-in/link"
"""The cookie with the page that was wanted, for the page behind an e-mail's link, which does not say it."""


def form_token(session: str) -> str:
    """Stands in each form of a member; made from their session, so that nothing has to be stored."""
    return hmac.new(session.encode(), b"warmpath form", hashlib.sha256).hexdigest()


def is_form_token(session: str | None, given: str) -> bool:
    """Whether a form was made for this session."""
    return session is not None and hmac.compare_digest(form_token(session).encode(), given.encode())


def sign_in(response: Response, token: str, *, secure: bool) -> None:
    """From now on the browser is this member's."""
    response.set_cookie(SESSION, token, max_age=SESSION_S, httponly=True, samesite="lax", secure=secure)
    response.delete_cookie(BROWSER, httponly=True, samesite="lax", secure=secure)


def sign_out(response: Response, *, secure: bool) -> None:
    """The browser is nobody's."""
    for name in (SESSION, PLACES):
        response.delete_cookie(name, httponly=True, samesite="lax", secure=secure)


def go_on_to(response: Response, path: str, *, secure: bool) -> None:
    """Remember the page to show after the link in the e-mail."""
    value = quote(path, safe="/")
    value = value if len(value) <= LONGEST_WANTED else "/"
    response.set_cookie(_NEXT, value, max_age=ASKED_S, path=_LINK, httponly=True, samesite="lax", secure=secure)


def goes_on_to(request: Request) -> str:
    """What was remembered, as the browser says it: nothing makes sure that it is a path of ours."""
    return unquote(request.cookies.get(_NEXT, ""))


def places(request: Request) -> frozenset[str]:
    """What the menu offers beyond everybody's pages: a hint of the last answers, which lets nobody in anywhere."""
    return _MORE_PLACES & set(request.cookies.get(PLACES, "").split("."))


def offer(response: Response, more: Iterable[str], *, secure: bool) -> None:
    """From now on the menu offers these as well."""
    response.set_cookie(PLACES, ".".join(sorted(more)), max_age=SESSION_S, httponly=True, samesite="lax", secure=secure)


def browser_id(request: Request) -> str:
    """What tells this browser from others while somebody signs in; a new one where it has none."""
    return request.cookies.get(BROWSER) or new_id()


def new_id() -> str:
    """What tells a browser, or one attempt in it, from all others."""
    return secrets.token_urlsafe(24)


def remember(response: Response, browser: str, *, secure: bool) -> None:
    """Recognise the browser when the link in the e-mail is opened."""
    response.set_cookie(BROWSER, browser, max_age=ASKED_S, httponly=True, samesite="lax", secure=secure)


def attempt_name(state: str) -> str:
    """The cookie of the sign-in with this `state`: each tab has its own, which another's end leaves alone."""
    return ATTEMPT + hashlib.sha256(state.encode()).hexdigest()[:16]


def attempt(request: Request, response: Response, state: str, browser: str, path: str, *, secure: bool) -> None:
    """Remember what a sign-in over another site is recognised by, and the page to show after it."""
    wanted = quote(path, safe="/")
    value = f"{browser}.{wanted if len(wanted) <= LONGEST_WANTED else '/'}"
    earlier = [name for name in request.cookies if name.startswith(ATTEMPT)]
    for name in earlier[: max(0, len(earlier) + 1 - MOST_ATTEMPTS)]:
        end_attempt(response, name, secure=secure)
    name = attempt_name(state)
    response.set_cookie(name, value, max_age=ASKED_S, path=PROVIDER, httponly=True, samesite="lax", secure=secure)


def attempted(request: Request, state: str) -> tuple[str, str]:
    """What was remembered, as the browser says it: nothing makes sure that it is a path of ours."""
    browser, _, path = request.cookies.get(attempt_name(state), "").partition(".")
    return browser, unquote(path)


def end_attempt(response: Response, name: str, *, secure: bool) -> None:
    """Forget it."""
    response.delete_cookie(name, path=PROVIDER, httponly=True, samesite="lax", secure=secure)


def about(request: Request) -> str:
    """The browser in a few words, for the list of sessions: "Firefox on Linux"."""
    said = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in said), "a browser")
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    return f"{browser} on {system}" if system else browser


def source_of(request: Request) -> str:
    """Where a request comes from, for limits on how often something may be tried: of IPv6 the whole network.

    Whoever has one IPv6 address has 2^64 of them.
    """
    host = request.client.host if request.client else "unknown"
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(found, ipaddress.IPv6Address):
        return host
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


class SameOrigin:
    """Refuses requests that change something and that another site sent."""

    def __init__(self, app: ASGIApp, origin: str, headers: Mapping[str, str]) -> None:
        """`headers`: of every page, the refusal too."""
        self._app, self._host, self._headers = app, urlsplit(origin).netloc, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and not self._may(Request(scope)):
            says = "This form was sent from another site. Open Warmpath and try again."
            refused = PlainTextResponse(says, 403, self._headers)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, request: Request) -> bool:
        if request.method in _SAFE_METHODS:
            return True
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site is not None:
            return site == "same-origin"
        # A browser of before 2023; a program that sends neither has no cookie of ours either.
        return origin is None or urlsplit(origin).netloc in {self._host, request.headers.get("host", "")}
