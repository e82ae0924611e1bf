"""Answering without an account, for the console, which shows the page; and the links by which that is done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from services.introductions import api, commands, departures, disclosure, domain, drafts, links, showing, working
from services.introductions.dependencies import Dependencies, Deps
from services.introductions.disclosure import Shown
from services.introductions.domain import Case, NotPossibleError
from services.introductions.forms import Contact, Form
from services.introductions.introduction import Introduction
from services.introductions.links import Link, Standing
from services.introductions.store import About
from services.introductions.transitions import Origin, State, Who
from services.introductions.views import IntroductionView, PersonView
from shared.events.base import Id
from shared.storage.pool import Connection
from shared.web import audit
from shared.web.callers import Member, Service
from shared.web.documents import problems
from shared.web.ids import PathId
from shared.web.problems import conflict, invalid, not_found

router = APIRouter(tags=["introductions"], responses=problems(404))

Opaque = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OpenForm(Form):
    """Where a link is opened: the client's address, against guessing."""

    source: Opaque | None = None


class LinkAnswerForm(OpenForm):
    """An answer, with the token that the opened form holds."""

    form_token: Opaque
    answer: Literal["yes", "no", "not_now", "not_well", "forget"] = Field(
        description="an introducer: yes, not_now, not_well; a target: yes, no; either, if they are no member: forget"
    )
    tell: Literal["now", "quietly"] = Field(
        default="quietly", description="of an introducer's no: tell them now, or let them think that nobody answered"
    )
    contact: Contact | None = Field(default=None, description="with yes, of who works there: how they may be reached")


class MailedForm(Form):
    """The member in whose e-mail the link is to stand."""

    member_id: Id


class OpenedLink(BaseModel):
    """What a link opens: the introduction as this part may see it, without ids of people; and what its form holds."""

    view: IntroductionView
    form_token: str


class Answered(BaseModel):
    """What an answer led to, in words."""

    says: str


class NewLink(BaseModel):
    """A new link. It is shown once: only its hash is stored."""

    url: str


class NewDraft(NewLink):
    """A new link in texts to copy: a short message, and a mail."""

    short: str
    mail: str


CLOSED: Mapping[Standing, str] = {
    "used": "This link was used: the answer is yes, and nothing is left to do here.",
    "over": "The time to answer by this link is over.",
}
SAYS = {
    "yes": "We tell them.",
    "no": "They are not told who said no.",
    "forget": "You are taken out of this address book, and nobody is told.",
}


@router.post(
    "/v1/answers/{token}/open", summary="Open a link", response_model_exclude_none=True, responses=problems(409, 429)
)
async def open_link(token: PathId, _caller: Service, deps: Deps, form: OpenForm | None = None) -> OpenedLink:
    """Who asks, for what, and why. Opening changes nothing. 409 where yes was said, or its time is over."""
    link, one = await links.find(deps, token, form.source if form else None)
    standing = links.standing(link, one, deps.now())
    if standing != "open":
        raise conflict(CLOSED[standing])
    shown = await showing.view(deps, replace(one, sealed=()), link.who)
    forget = ["forget"] if await _may_forget(deps, link, one) else []
    view = shown.model_copy(
        update={
            "seeker": _nameless(shown.seeker),
            "introducer": _nameless(shown.introducer),
            "target": _nameless(shown.target) if link.counts else None,
            "why": shown.why if link.counts or one.path.direct else list(one.path.reasons),
            "possible": [*commands.ANSWERS[link.who], *forget],
        }
    )
    return OpenedLink(view=view, form_token=links.form_token(deps, token))


def _nameless(person: PersonView | None) -> PersonView | None:
    """Somebody by name alone: whoever holds a link has no business with ids."""
    return None if person is None else PersonView(id="", name=person.name)


@router.post("/v1/answers/{token}", summary="Answer by a link", responses=problems(409, 429))
async def answer(token: PathId, form: LinkAnswerForm, _caller: Service, deps: Deps) -> Answered:
    """The first answer by a link counts; the same one again changes nothing. 409 once it was used or is over."""
    link, one = await links.find(deps, token, form.source)
    if not links.right_form_token(deps, token, form.form_token):
        raise invalid("form_token", "is not that of this link: open it first")
    if form.answer == "forget":
        await _forget(deps, link, one)
        return Answered(says=SAYS["forget"])
    if form.answer not in commands.ANSWERS[link.who]:
        raise invalid("answer", f"is one of {', '.join(commands.ANSWERS[link.who])} by this link")
    await links.answer(deps, link, one, form.answer, quietly=form.tell == "quietly", contact=form.contact)
    return Answered(says=SAYS["yes" if form.answer == "yes" else "no"])


async def _may_forget(deps: Dependencies, link: Link, one: Introduction) -> bool:
    """Whether whoever answers is no member: members have a page of their own for that."""
    return not link.counts and not await links.is_member(deps.pool, one.person(link.who))


async def _forget(deps: Dependencies, link: Link, one: Introduction) -> None:
    """Take a contact out of the address book they stand in, at once, and end what they have a part in."""
    person_id = one.person(link.who)
    open_to_them = links.standing(link, one, deps.now()) == "open" and await _may_forget(deps, link, one)
    if not open_to_them or not await deps.profiles.forget(person_id):
        raise conflict("this link was used, its time is over, or it is about a member, who signs in to leave")
    async with deps.pool.acquire() as conn, conn.transaction():
        await audit.note(conn, "person.forgotten", audit.person(person_id))
    await departures.erase(deps, person_id)


@router.post(
    "/v1/answers/{token}/mine", status_code=204, summary="It was I who answered by a link", response_class=Response
)
async def mine(token: PathId, caller: Member, deps: Deps) -> Response:
    """A yes by a link that we did not mail counts only once whom it was for has signed in and says this.

    That is who is known here by that id, or who has verified an address that the writer of the link holds for them; the
    writer finds such a member from then on.
    """
    link, one = await links.find(deps, token, caller.id)
    if not await links.is_theirs(deps, link, one, caller.id):
        raise not_found("link")
    paths = await working.paths_of(deps, one.seeker_id)

    def step(case: Case) -> Introduction:
        return commands.verified(case, one.id, link.who)

    try:
        async with deps.pool.acquire() as conn, conn.transaction():
            await working.run(conn, deps, one.seeker_id, paths, step, About(one.id))
            await audit.note(conn, "introduction.answer_verified", one.id)
    except domain.UnknownError as error:
        raise not_found("link") from error
    return Response(status_code=204)


@router.post(
    "/v1/introductions/{introduction_id}/link", status_code=201, summary="A draft to send myself, with a new link",
    responses=problems(409),
)  # fmt: skip
async def draft(introduction_id: PathId, caller: Member, deps: Deps) -> NewDraft:
    """By hand: whoever gets it answers without an account. Links that were made before go on working."""
    one, who = await api.part(deps, introduction_id, caller.id)
    if Shown.DRAFT not in disclosure.shown(one, who) or one.leg != "hand":
        raise api.refused(
            NotPossibleError("there is nothing to send yourself", commands.possible(one, who, deps.now()))
        )
    receiver = Who.TARGET if one.state == State.ACCEPTED else Who.INTRODUCER
    async with deps.pool.acquire() as conn, conn.transaction():
        url = await _make(deps, conn, one, receiver)
    shown = await showing.view(deps, one, who)
    to = shown.target if receiver == Who.TARGET else shown.introducer
    own = {} if who == Who.INTRODUCER else await deps.profiles.names(one.seeker_id, [one.seeker_id])
    seeker = shown.seeker.name if shown.seeker else own.get(one.seeker_id)
    called = await deps.profiles.called(caller.id, [to.id]) if to else {}
    about = drafts.About(
        called.get(to.id, to.name) if to else None, seeker, one.opening.title, one.opening.company,
        one.note if one.origin == Origin.ASK else None,
        one.path.direct,
    )  # fmt: skip
    made = (drafts.forward if receiver == Who.TARGET else drafts.ask)(about, url)
    return NewDraft(url=url, short=made.short, mail=made.mail)


@router.post(
    "/internal/v1/introductions/{introduction_id}/links", status_code=201, summary="A link for a member's e-mail"
)
async def mailed(introduction_id: PathId, form: MailedForm, _caller: Service, deps: Deps) -> NewLink:
    """For an e-mail to their verified address only: an answer by it counts as theirs. 404 if nothing waits for them."""
    one, who = await api.part(deps, introduction_id, form.member_id)
    answered = who in one.answers or one.sealed_by(who)
    if who == Who.SEEKER or answered or not links.can_answer(one, who, deps.now()):
        raise not_found("introduction that waits for their answer")
    async with deps.pool.acquire() as conn, conn.transaction():
        return NewLink(url=await _make(deps, conn, one, who, form.member_id))


async def _make(deps: Dependencies, conn: Connection, one: Introduction, who: Who, mailed_to: str | None = None) -> str:
    return deps.settings.console + links.PATH + await links.make(conn, one, who, mailed_to)
