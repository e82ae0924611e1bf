"""What pages work with: the services' addresses and a client, and who is signed in."""

from dataclasses import dataclass
from typing import Annotated, cast

import httpx2
from fastapi import Depends, Request

from services.console.backend import Backend
from services.console.browser import SESSION, form_token, places
from services.console.settings import Settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The same for every request."""

    settings: Settings
    client: httpx2.AsyncClient


async def dependencies(request: Request) -> Dependencies:
    """The application's. Not a plain function: those run in a thread of their own, and every page would wait for it."""
    return cast("Dependencies", request.app.state.dependencies)


Deps = Annotated[Dependencies, Depends(dependencies)]


def as_console(deps: Dependencies) -> Backend:
    """For what is asked before somebody is signed in: the services, called in the console's own name."""
    return Backend(deps.client, deps.settings.urls, deps.settings.service_token.get_secret_value())


class SignInNeeded(Exception):  # noqa: N818 - it is no error
    """The page is for members, and nobody is signed in in this browser."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member who is signed in. `api` calls the services in their name; `form_token` stands in their forms.

    `places`: what their menu offers beyond everybody's pages.
    """

    api: Backend
    form_token: str
    places: frozenset[str] = frozenset()


async def visitor(request: Request, deps: Deps) -> Visitor:
    """Who is signed in in this browser. Raises SignInNeeded."""
    token = request.cookies.get(SESSION)
    if not token:
        raise SignInNeeded
    return Visitor(Backend(deps.client, deps.settings.urls, token), form_token(token), places(request))


Member = Annotated[Visitor, Depends(visitor)]
