"""Another address: it counts once its member has read an e-mail that was sent to it; until then the old one stays."""

from fastapi import APIRouter
from starlette.responses import Response

from services.profiles import network, sign_in, store
from services.profiles.dependencies import Deps
from services.profiles.forms import Me
from services.profiles.sign_in_forms import CodeForm, EmailForm
from services.profiles.store import SQL, TakenError
from shared.web.callers import Member
from shared.web.documents import problems
from shared.web.problems import conflict, not_found, unavailable

router = APIRouter(prefix="/v1/me/email", tags=["profile"], responses=problems(404))


@router.post(
    "", status_code=202, summary="Begin to use another address", response_class=Response, responses=problems(429)
)
async def begin(form: EmailForm, caller: Member, deps: Deps) -> Response:
    """Sends a code to it, whoever else may use it: the only e-mail it gets before it is verified."""
    if deps.proof_sender is None:
        raise unavailable("no address can be verified: no mail server is configured")
    await sign_in.ask_for_new_address(deps.pool, deps.rules, caller.id, form.email)
    deps.proof_sender.wake()
    return Response(status_code=202)


@router.post("/verify", summary="Use it from now on", responses=problems(403, 409))
async def verify(form: CodeForm, caller: Member, deps: Deps) -> Me:
    """With the code. 403 whatever is wrong with it, 409 where another member has the address verified."""
    proof = await sign_in.finish_by_code(deps.pool, deps.rules, form.code, "lock_proof_of_new_address", caller.id)
    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await conn.execute(SQL["lock_network"])
            before = await store.find_member(conn, caller.id, "lock_member")
            if before is None:
                raise not_found("member")
            after = await network.verify_email(conn, before, proof["email"], deps.today())
            return Me.of(after, await conn.fetchval(SQL["count_contacts"], caller.id))
    except TakenError as error:
        raise conflict("another member has that address, verified") from error
