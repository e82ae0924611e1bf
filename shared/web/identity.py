"""The one place where callers are identified.

Only `/live`, `/ready`, the documents of the API, and what the token in an e-mail opens (turning its kind off) are open.
Tokens are opaque and random; only their SHA-256 is stored. The service that owns a kind of token looks it up in its
table; the others ask the owner and cache the answer for half a minute, so a revoked token reads at most that long; and
before anything is changed they ask anew, so that nobody who is gone leaves anything behind.
An owner that does not answer is a 503 and never a 401: a client must not discard a valid token.
"""

import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, get_args

import httpx2
from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel

from shared.config import ServiceSettings
from shared.observability.logs import get_logger
from shared.services import ServiceName
from shared.storage.pool import Connection, Pool
from shared.tokens import hash_token, person_digest
from shared.ttl_cache import TtlCache
from shared.web.problems import Problem, forbidden, invalid, not_found, unauthorized, unavailable

log = get_logger(__name__)

Kind = Literal["member", "recruiter", "service", "operator"]
TokenKind = Literal["member", "recruiter"]
Scope = Literal["all", "read"]
Role = Literal["owner", "recruiter", "viewer"]
"""What a member may do in an organisation: everything, its openings, or look at them."""

TOKEN_OWNERS: Mapping[TokenKind, ServiceName] = {"member": "profiles", "recruiter": "postings"}
"""Which service has the table of each kind of token; the others ask it."""

_PREFIXES: Mapping[TokenKind, str] = {"member": "wpm_", "recruiter": "wpr_"}
_LONGEST_TOKEN = 200
_READING = ("GET", "HEAD")

TTL_S = 30.0
NEGATIVE_TTL_S = 5.0
CAPACITY = 10_000
"""Seconds to cache an answer that names a caller, seconds for one that does not, and how many of each are cached."""

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="a member's token or a recruiter's API key")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="api_key", description="a recruiter's API key")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. `id` is a member's, an organisation's, a named operator's, or just `service` / `operator`.

    `scope`: what the token is good for; with `read` nothing can be changed. `operates`: a member who is signed in and
    whom the configuration names as an operator; where operators are let in they are one.
    """

    kind: Kind
    id: str
    scope: Scope = "all"
    operates: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """An organisation that a caller acts for: a key for its own, a member for one in which they have a role."""

    caller: Caller
    organisation_id: str
    role: Role


_current: ContextVar[Caller | None] = ContextVar("caller", default=None)


class Source(Protocol):
    """Where one kind of token is looked up."""

    owned: bool
    """Whether tokens are looked up in this service's own table."""

    async def find(self, token: str, *, anew: bool = False) -> Caller | None:
        """The caller the token belongs to; None for an unknown token. `anew`: as it is now, not as it was lately."""


def new_token(kind: TokenKind) -> tuple[str, str]:
    """A fresh (token, hash). The token is shown once and never stored."""
    token = _PREFIXES[kind] + secrets.token_urlsafe(32)
    return token, hash_token(token)


class TableAuthenticator:
    """Looks tokens up in the owner's table.

    `query` takes the hash as $1 and `more` after it, and returns the id, and `scope` and `operates` where it has them.
    """

    owned = True

    def __init__(self, pool: Pool | Connection, query: str, kind: TokenKind, *more: object) -> None:
        self._pool, self._query, self._kind, self._more = pool, query, kind, more

    async def find(self, token: str, *, anew: bool = False) -> Caller | None:  # noqa: ARG002 - it always is
        """The caller, as the table says now."""
        found = await self._pool.fetchrow(self._query, hash_token(token), *self._more)
        if found is None:
            return None
        return Caller(self._kind, str(found[0]), found.get("scope", "all"), operates=found.get("operates", False))


class TableRoles:
    """Looks up members' roles in organisations. `query` takes the member as $1 and the organisation as $2."""

    def __init__(self, pool: Pool | Connection, query: str) -> None:
        self._pool, self._query = pool, query

    async def find(self, member_id: str, organisation_id: str) -> Role | None:
        """The role, as the table says now; None where they have none, or there is no such organisation."""
        found: Role | None = await self._pool.fetchval(self._query, member_id, organisation_id)
        return found


class Introspection(BaseModel):
    """What an owner answers about a token; the rest is there when it is active. Without a scope it is good for all."""

    active: bool
    kind: TokenKind | None = None
    id: str | None = None
    scope: Scope | None = None
    operates: bool | None = None


class RemoteAuthenticator:
    """Asks `POST {owner}/internal/v1/introspect`, and caches the answers by hashes of tokens.

    Known and unknown tokens are cached apart, so that a flood of guesses does not evict valid ones.
    """

    owned = False

    def __init__(
        self,
        owner_url: str,
        client: httpx2.AsyncClient,
        kind: TokenKind,
        *,
        ttl_s: float = TTL_S,
        negative_ttl_s: float = NEGATIVE_TTL_S,
        capacity: int = CAPACITY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = owner_url.rstrip("/") + "/internal/v1/introspect"
        self._client, self._kind = client, kind
        self._known: TtlCache[str, Caller] = TtlCache(ttl_s, capacity, clock)
        self._unknown: TtlCache[str, None] = TtlCache(negative_ttl_s, capacity, clock)

    async def find(self, token: str, *, anew: bool = False) -> Caller | None:
        """The caller as the owner knows them. Raises a 503 Problem when the owner gives no usable answer."""
        key = hash_token(token)
        cached = (None if anew else self._known.get(key)) or self._unknown.get(key)
        if cached is not None:
            return cached[0]
        caller = await self._ask_owner(token)
        if caller is None:
            self._known.drop(key)
            self._unknown.set(key, None)
        else:
            self._known.set(key, caller)
        return caller

    async def _ask_owner(self, token: str) -> Caller | None:
        try:
            answer = await self._client.post(self._url, json={"token": token})
            answer.raise_for_status()
            found = Introspection.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("introspection_failed", owner=self._url, error=error)
            raise unavailable(f"{self._kind}s' tokens cannot be looked up at the moment; try again") from error
        if not found.active or found.kind != self._kind or not found.id:
            return None
        return Caller(self._kind, found.id, found.scope or "all", operates=found.operates or False)


class Authenticator:
    """All kinds of caller: by the stack's secrets, by operators' own tokens, by a source for each other kind."""

    def __init__(self, settings: ServiceSettings, **sources: Source) -> None:
        """`sources`: `member=…`, `recruiter=…`; a kind without one is unknown here."""
        if unknown := set(sources) - set(_PREFIXES):
            raise ValueError(f"no such kind of token: {sorted(unknown)}")
        kinds: tuple[Kind, Kind] = ("service", "operator")
        accepted = zip(kinds, settings.accepted(), strict=True)
        self._fixed = [
            (Caller(kind, kind), _digest(value.get_secret_value())) for kind, values in accepted for value in values
        ]
        self._fixed += [(Caller("operator", name), kept.encode()) for name, kept in settings.named_operators().items()]
        self._sources = {_PREFIXES[kind]: sources[kind] for kind in get_args(TokenKind) if kind in sources}

    async def authenticate(self, token: str, *, anew: bool = False) -> Caller | None:
        """Whose token this is; None for an unknown one. Raises a 503 Problem when its owner does not answer.

        `anew`: its owner is asked now, whatever was answered a moment ago.
        """
        if len(token) > _LONGEST_TOKEN:
            return None
        digest = _digest(token)
        for caller, expected in self._fixed:
            if hmac.compare_digest(digest, expected):
                return caller
        source = self._sources.get(token[:4])
        return await source.find(token, anew=anew) if source else None

    async def introspect(self, token: str) -> Caller | None:
        """As `authenticate`, but only for tokens of this service's own table, so that a lookup is never passed on."""
        source = self._sources.get(token[:4])
        return await source.find(token) if source and source.owned and len(token) <= _LONGEST_TOKEN else None


def _digest(token: str) -> bytes:
    return hash_token(token).encode()


def _token_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    key = request.headers.get("x-api-key", "").strip()
    return key if key.startswith(_PREFIXES["recruiter"]) else None


def token_hash_of(request: Request) -> str:
    """The hash of the token that the request came with, as it is stored."""
    return hash_token(_token_of(request) or "")


async def establish(request: Request) -> Caller:
    """Identify the caller. Raises a 401 Problem without a known token, a 503 when the token's owner does not answer."""
    token = _token_of(request)
    if token is None:
        raise unauthorized("send a token: Authorization: Bearer …")
    changes = request.method not in _READING
    found: Caller | None = await request.app.state.authenticator.authenticate(token, anew=changes)
    if found is None:
        raise unauthorized("this token is unknown", 'Bearer error="invalid_token"')
    request.state.caller = found
    _current.set(found)
    return found


async def is_still_valid(request: Request) -> bool:
    """Whether the request's token still names the caller it named: asked now and then by answers that do not end.

    A revoked token is noticed within `TTL_S` of its revocation, a role that was taken away likewise. While the token's
    owner does not answer, nothing has changed as far as is known.
    """
    try:
        found = await request.app.state.authenticator.authenticate(_token_of(request) or "")
    except Problem:
        return True
    return bool(found == request.state.caller)


def current_caller() -> Caller | None:
    """The caller of the request that the current task handles; None outside a request."""
    return _current.get()


def require(*kinds: Kind) -> Callable[..., Awaitable[Caller]]:
    """A dependency that gives the caller, who must be of one of these kinds: else 401 without a known token, or 403.

    `caller: Annotated[Caller, Depends(require("member", "operator"))]`
    """
    if not kinds:
        raise ValueError("name the kinds of caller that are allowed")

    async def caller(
        request: Request, _bearer: Annotated[object, Security(_bearer)], _key: Annotated[object, Security(_api_key)]
    ) -> Caller:
        found = await establish(request)
        if "operator" in kinds and found.kind not in kinds and found.operates:
            found = _as_operator(request, found)
        if found.kind not in kinds:
            raise forbidden(f"for {' or '.join(kinds)} only; this token is of kind {found.kind}")
        if found.scope == "read" and request.method not in _READING:
            raise forbidden("this token may only read")
        request.app.state.described.check_query(request)  # only once the caller is known
        return found

    return caller


def _as_operator(request: Request, member: Caller) -> Caller:
    """The same person as an operator, whom the audit knows by the digest of their id."""
    found = Caller("operator", person_digest(member.id), member.scope)
    request.state.caller = found
    _current.set(found)
    return found


def acting_member(caller: Caller, member: str | None) -> str:
    """The member on whose behalf a request acts: the caller (any other id is a 404), or whom an operator names."""
    if caller.kind == "operator":
        if not member:
            raise invalid("member", "an operator must name the member")
        return member
    if caller.kind != "member":
        raise forbidden("this is for a member")
    if member and member != caller.id:
        raise not_found("member")
    return caller.id


async def acting_for(request: Request, caller: Caller, organisation: str | None, roles: Collection[Role]) -> Acting:
    """The organisation on whose behalf a request acts, which a key has and a member names.

    404 for an organisation in which the member has no role, whether or not it exists; 403 where theirs is not enough.
    """
    if caller.kind == "recruiter":
        if organisation and organisation != caller.id:
            raise not_found("organisation")
        return Acting(caller, caller.id, "viewer" if caller.scope == "read" else "recruiter")
    if not organisation:
        raise invalid("organisation", "a member must name the organisation")
    held: Role | None = await request.app.state.roles.find(caller.id, organisation)
    if held is None:
        raise not_found("organisation")
    if held not in roles:
        raise forbidden(f"this takes the role {' or '.join(sorted(roles))} in the organisation; yours is {held}")
    return Acting(caller, organisation, held)


class _IntrospectionRequest(BaseModel):
    token: str


def introspection_router() -> APIRouter:
    """`POST /internal/v1/introspect`, for the services that own tokens: the others ask whose a token is."""
    router = APIRouter(tags=["internal"])

    @router.post("/internal/v1/introspect", response_model_exclude_none=True)
    async def introspect(
        asked: _IntrospectionRequest, request: Request, _caller: Annotated[Caller, Depends(require("service"))]
    ) -> Introspection:
        authenticator: Authenticator = request.app.state.authenticator
        found = await authenticator.introspect(asked.token)
        if found is None or found.kind not in ("member", "recruiter"):
            return Introspection(active=False)
        return Introspection(
            active=True, kind=found.kind, id=found.id, scope=found.scope, operates=found.operates or None
        )

    return router
