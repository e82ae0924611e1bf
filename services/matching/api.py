"""The HTTP API of matching: questions about paths, answered from memory. Read only."""

from collections.abc import Callable
from typing import Annotated, TypeVar, cast

from fastapi import APIRouter, Depends, Query, Request

from services.matching.answers import (
    AskNextView,
    BookView,
    ExplanationView,
    PathsView,
    ReachView,
    SuggestionsCountView,
    ask_next_view,
    explanation_view,
    paths_view,
)
from services.matching.domain import Person
from services.matching.engine.book import count_book
from services.matching.engine.engines import Engine
from services.matching.engine.reach import count_reach
from services.matching.rules.questions import beside
from services.matching.stream.matcher import Matcher
from shared.messaging.topics.catalogue import POSTINGS
from shared.web.callers import MemberOrOperator, Operator, ServiceOrOperator
from shared.web.documents import problems
from shared.web.identity import acting_member
from shared.web.ids import PathId, QueryId, WhichMember
from shared.web.problems import not_found, unavailable

T = TypeVar("T")

router = APIRouter(tags=["matching"], responses=problems(404))


async def _matcher(request: Request) -> Matcher:
    matcher = cast("Matcher", request.app.state.dependencies)
    if not matcher.answers:
        raise unavailable("the matcher has not caught up yet; try again")
    return matcher


Ready = Annotated[Matcher, Depends(_matcher)]


async def _ask_about(matcher: Matcher, member: str, answer: Callable[[Engine, Person], T]) -> T:
    """The engine's answer about a member; 404 if there is no such member."""

    def question(engine: Engine) -> T | None:
        person = engine.state.people.get(member)
        return None if person is None or not person.member else answer(engine, person)

    found = await matcher.ask(question)
    if found is None:
        raise not_found("member")
    return found


@router.get(
    "/v1/paths",
    summary="Who could introduce a member into a company",
    response_model_exclude_none=True,
    responses=problems(429),
)
async def paths(
    caller: MemberOrOperator,
    matcher: Ready,
    company: Annotated[str, Query(min_length=1, max_length=300, description="the company's name")],
    domain: Annotated[str | None, Query(max_length=253, description="its web domain, which settles it")] = None,
    member: WhichMember = None,
) -> PathsView:
    """Paths, warm or possible, one per introducer, best first; without any, whom they know who left.

    A member may ask about so many different companies a day; those of one owner are one.
    """
    whose, numbers = acting_member(caller, member), caller.kind == "operator"

    def answer(engine: Engine, _member: Person) -> PathsView:
        number = engine.company(company, domain)
        if caller.kind == "member":
            matcher.companies_a_day.take(whose, engine.family(number))
        found = engine.paths(whose, number)
        return paths_view(engine.network, whose, company, found, numbers=numbers)

    return await _ask_about(matcher, whose, answer)


@router.get("/v1/explain", summary="Why a member hears of an opening, or why not")
async def explain(
    caller: MemberOrOperator, matcher: Ready, posting_id: QueryId, member: WhichMember = None
) -> ExplanationView:
    """The suggestion, or the first rule that ruled it out; and what the opening asks for beside what is sought."""
    whose, numbers = acting_member(caller, member), caller.kind == "operator"
    found, seen = await matcher.ask(
        lambda engine: (engine.explain(whose, posting_id), beside(engine.network, whose, posting_id))
    )
    if found.rule == "unknown_opening":
        raise not_found("posting")
    if found.rule == "unknown_member":
        raise not_found("member")
    return explanation_view(whose, posting_id, found, seen, numbers=numbers)


@router.get("/v1/ask-next", summary="Whose closeness is most worth asking about", response_model_exclude_none=True)
async def ask_next(
    caller: MemberOrOperator, matcher: Ready, n: Annotated[int, Query(ge=1, le=50)] = 10, member: WhichMember = None
) -> AskNextView:
    """People not rated yet, most useful first: knowing them well would help most with the openings that fit now."""
    whose, numbers = acting_member(caller, member), caller.kind == "operator"

    def answer(engine: Engine, member: Person) -> AskNextView:
        return ask_next_view(engine.ask_next(whose, n), seeks=member.seeks, numbers=numbers)

    return await _ask_about(matcher, whose, answer)


@router.get(
    "/internal/v1/openings/{posting_id}/suggestions", summary="How many seekers have a suggestion for an opening"
)
async def count_suggestions(posting_id: PathId, _caller: Operator, matcher: Ready) -> SuggestionsCountView:
    """As they are now, to the last one: only for operators, since differences tell what seekers keep to themselves."""
    suggestions, version = await matcher.ask(
        lambda engine: (engine.reach(posting_id), engine.version(POSTINGS.name, posting_id))
    )
    if suggestions is None:
        raise not_found("posting")
    return SuggestionsCountView(posting_id=posting_id, suggestions=suggestions, version=version or 0)


@router.get("/internal/v1/openings/{posting_id}/reach", summary="How many seekers an opening reaches")
async def reach(
    posting_id: PathId,
    _caller: ServiceOrOperator,
    matcher: Ready,
    seeking_days: Annotated[int, Query(ge=0, le=365, description="only those who have been seeking for so long")] = 7,
) -> ReachView:
    """Without what only seekers may know (least pay, blocked companies). Whoever shows it keeps it, and shows steps."""
    seekers = await count_reach(matcher.ask, posting_id, seeking_days)
    if seekers is None:
        raise not_found("posting")
    return ReachView(posting_id=posting_id, seekers=seekers)


@router.get("/internal/v1/members/{member_id}/book", summary="What was read of a member's address book")
async def book(member_id: PathId, _caller: Operator, matcher: Ready) -> BookView:
    """Equal to what profiles says it published once all of it was read; nothing yet is nothing, not an error."""
    found = await count_book(matcher.ask, member_id)
    return BookView(member_id=member_id, ties=found.ties, people=found.people, versions=found.versions, day=found.day)
