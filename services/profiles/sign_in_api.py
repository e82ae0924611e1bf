"""Signing in, for the console, which calls this for people who are not known yet. And links that operators make."""

from uuid import UUID

from fastapi import APIRouter

from services.profiles import sign_in
from services.profiles.dependencies import Deps
from services.profiles.proof_sender import LINK_PATH
from services.profiles.sign_in_forms import (
    Finished,
    FinishForm,
    LinkMade,
    ProviderBegun,
    ProviderForm,
    ProviderView,
    ReturnForm,
    SignInBegun,
    SignInForm,
)
from shared.web import audit
from shared.web.callers import Operator, Service
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import not_found, unavailable

router = APIRouter(prefix="/internal/v1", tags=["internal"])


@router.post("/sign-ins", status_code=202, summary="Send a link and a code", responses=problems(429))
async def ask(form: SignInForm, _caller: Service, deps: Deps) -> SignInBegun:
    """An e-mail with both is sent to the address, with or without an account; only so many an hour, whoever asks."""
    if deps.proof_sender is None:
        raise unavailable("nobody can sign in by e-mail: no mail server is configured")
    sign_in_id = await sign_in.ask(deps.pool, deps.rules, form.email, form.browser, form.source)
    deps.proof_sender.wake()
    return SignInBegun(sign_in_id=sign_in_id)


@router.post("/sign-ins/finish", summary="Begin a session", responses=problems(403))
async def finish(form: FinishForm, _caller: Service, deps: Deps) -> Finished:
    """With the link, in the browser that asked for it, or with the code, in any. 403 whatever is wrong with either.

    Whoever has the address verified is signed in; where nobody has, an account is made, with everything off.
    """
    if form.link is not None:
        proof = await sign_in.finish_by_link(deps.pool, form.link, form.browser)
    else:
        proof = await sign_in.finish_by_code(
            deps.pool, deps.rules, form.code or "", "lock_proof_of_sign_in", _uuid(form.sign_in_id)
        )
    begun = await sign_in.begin_session(deps.pool, proof, deps.today(), form.about)
    return Finished(token=begun.token, member_id=begun.member_id, new=begun.new)


@router.get("/sign-ins/provider", summary="Another provider that signs people in")
async def provider(_caller: Service, deps: Deps) -> ProviderView:
    """For the console's button."""
    return ProviderView(name=deps.provider.name if deps.provider else None)


@router.post(
    "/sign-ins/provider", status_code=201, summary="Sign in through the provider", responses=problems(404, 429)
)
async def ask_provider(form: ProviderForm, _caller: Service, deps: Deps) -> ProviderBegun:
    """Send the browser there; it comes back to the console with `state` and `code`."""
    if deps.provider is None:
        raise not_found("provider")
    state = await sign_in.ask_provider(deps.pool, deps.rules, form.browser, form.source)
    return ProviderBegun(url=await deps.provider.url(state))


@router.post("/sign-ins/provider/finish", summary="Begin a session after the provider", responses=problems(403, 404))
async def finish_with_provider(form: ReturnForm, _caller: Service, deps: Deps) -> Finished:
    """As `finish`, for the address that the provider has verified."""
    if deps.provider is None:
        raise not_found("provider")
    await sign_in.finish_by_link(deps.pool, form.state, form.browser, provider=True)
    proven = {
        "purpose": "sign_in", "member_id": None, "email": await deps.provider.address(form.state, form.code),
    }  # fmt: skip
    begun = await sign_in.begin_session(deps.pool, proven, deps.today(), form.about)
    return Finished(token=begun.token, member_id=begun.member_id, new=begun.new)


@router.post(
    "/members/{member_id}/sign-in-links", status_code=201, summary="A link that signs in", responses=problems(404)
)
async def add_link(member_id: PathId, _caller: Operator, deps: Deps) -> LinkMade:
    """Works once, in any browser, for a day: hand it to the member only."""
    async with deps.pool.acquire() as conn, conn.transaction():
        link = await sign_in.operators_link(conn, member_id)
        if link is None:
            raise not_found("member")
        await audit.note(conn, "sign_in_link.added", audit.person(member_id))
    return LinkMade(link=link, url=f"{deps.console}{LINK_PATH}{link}" if deps.console else None)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        raise sign_in.failed() from None
