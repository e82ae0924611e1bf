"""Errors as pages that say what to do."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console.backend import ServiceError
from services.console.browser import sign_out
from services.console.dependencies import SignInNeeded, Visitor, dependencies, visitor
from services.console.faults import fault
from services.console.rendering import page
from shared.observability.logs import get_logger
from shared.web.problems import Problem, problem_of, respond

log = get_logger(__name__)

FOR_PROGRAMS = {"/live", "/ready", "/metrics"}
"""Every service has these: their errors are problem details here as well."""

SAYS = {
    403: ("You may not do this", "You are signed in, but this is not yours to see or change."),
    404: (
        "This is no longer here",
        "An opening may have been closed, somebody may have left, or the link is incomplete.",
    ),
    408: ("That took too long", "The connection was too slow for it. Try again, or choose a smaller file."),
    413: ("The file is too large", "Choose a smaller one: the connections alone, instead of the whole export."),
    422: ("Something is not right", "Go back, and look at what you entered."),
    429: ("That was a lot at once", "Wait a little, and try again."),
    503: ("A part of Warmpath does not answer", "It is being restarted, probably. Try again in a moment."),
}
_MINUTES_FROM = 90
UNFORESEEN = ("Something went wrong", "It is written down with the number below. Try again; nothing was lost.")


def install(app: FastAPI) -> None:
    """Every kind of error becomes a page."""
    for kind in (ServiceError, Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, error_page)
    app.add_exception_handler(SignInNeeded, _to_sign_in)
    app.user_middleware.append(Middleware(Unforeseen))  # innermost: request ids and logs are around it


class Unforeseen:
    """Shows a page also for an error that nobody thought of; `problem_of` logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            raise
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            response = await error_page(Request(scope), error)
            await response(scope, receive, send)


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    target = None
    if request.method == "GET" and request.url.path != "/":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/sign-in" + (f"?next={quote(target, safe='/')}" if target else ""), status_code=303)


async def error_page(request: Request, error: Exception) -> Response:
    """What is shown for an error; to programs, its problem details."""
    if request.url.path in FOR_PROGRAMS:
        return respond(problem_of(error), request.url.path)
    if isinstance(error, ServiceError) and error.status == HTTPStatus.UNAUTHORIZED:
        response = await _to_sign_in(request, error)  # the session is over
        deps = await dependencies(request)
        sign_out(response, secure=deps.settings.secure)
        return response
    status, details, headers = _said(error)
    title, advice = SAYS.get(status, UNFORESEEN)
    if headers.get("Retry-After", "").isdigit():
        advice = f"Wait {_in_words(int(headers['Retry-After']))}, and try again."
    shown = details if status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY) else []
    said = {"title": title, "advice": advice, "details": shown}
    return page(request, "error.html.jinja", await _member(request), status=status, headers=headers, **said)


async def _member(request: Request) -> Visitor | None:
    """Whose menu the page keeps; of the cookies alone, because the service to ask may be the one that failed."""
    try:
        return await visitor(request, await dependencies(request))
    except SignInNeeded:
        return None


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < _MINUTES_FROM else f"{-(-seconds // 60)} minutes"


def _said(error: Exception) -> tuple[int, list[str], dict[str, str]]:
    """Status, what is wrong, and headers."""
    if isinstance(error, ServiceError):
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        return error.status, [fault(*each) for each in error.errors] or [error.detail], headers
    problem = problem_of(error)
    wrong = [fault(*each) for each in problem.errors] or ([problem.detail] if problem.detail else [])
    return problem.status, wrong, problem.headers
