"""For introductions: a seeker's paths as they are now, whether somebody may be asked, and how a member knows people."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.matching.api import Ready
from services.matching.engine import helping
from services.matching.engine.acquaintances import Acquaintance, asleep, find_acquaintances
from services.matching.engine.engines import Engine
from services.matching.rules.numbers import two_digits, whole_percent
from services.matching.rules.paths import Ask, Path
from services.matching.rules.suggestions import Introducer
from shared.events.base import Id
from shared.web.callers import Service
from shared.web.documents import problems
from shared.web.ids import PRINTABLE, QueryId
from shared.web.problems import invalid

router = APIRouter(prefix="/internal/v1", tags=["internal"])

PostingId = Annotated[str | None, Query(min_length=1, max_length=200, pattern=PRINTABLE)]
SeekerId = Annotated[str | None, Query(min_length=1, max_length=200, pattern=PRINTABLE, description="of one alone")]
Company = Annotated[str | None, Query(min_length=1, max_length=300, description="where it is about no single opening")]


Asked = Annotated[bool, Query(description="whether it is the seeker who asks to see them")]


class LivePath(BaseModel):
    """A path. `ask` and `target_ask`: how introducer and insider are reached.

    `firmness` is that of the introducer's tie towards the seeker, `target_firmness` of the insider's towards the
    introducer, 0 where there is no tie from that side; on a direct path both are the first.
    """

    introducer_id: str
    insider_id: str
    score: float
    ask: Ask
    target_ask: Ask
    firmness: float
    target_firmness: float


class LivePaths(BaseModel):
    """Fit in percent (of a company, 100) and paths, best first; none where there is nothing to ask for."""

    fit: int
    paths: list[LivePath]


class HelpView(BaseModel):
    """An opening that fits a seeker who looks openly, in percent, and the path through the helper."""

    seeker_id: str
    posting_id: str
    fit: int
    path: LivePath


class CouldIntroduce(BaseModel):
    """The best fit first."""

    found: list[HelpView]


class AcquaintancesForm(BaseModel):
    """Whose acquaintances: those named, and some who have been out of sight for long."""

    model_config = ConfigDict(extra="forbid")

    member_id: Id
    people: list[Id] = Field(max_length=200)


class Acquaintances(BaseModel):
    """Those named, in their order, without people whom the member does not know; and whom it may be worth waking."""

    named: list[Acquaintance]
    asleep: list[Acquaintance]


@router.post("/acquaintances", summary="How a member knows some people, and who has been out of sight for long")
async def acquaintances(_caller: Service, matcher: Ready, form: AcquaintancesForm) -> Acquaintances:
    """Asleep: a year of work together or closeness of 3 or more, and no sign of life for three years; closest first."""
    search = await find_acquaintances(matcher.ask, form.member_id)
    if search is None:
        return Acquaintances(named=[], asleep=[])
    named = [search.found[one] for one in form.people if one in search.found]
    return Acquaintances(named=named, asleep=asleep(search))


@router.get(
    "/introduction-paths", summary="A seeker's paths to an opening or into a company, as they are now",
    responses=problems(429),
)  # fmt: skip
async def introduction_paths(
    _caller: Service, matcher: Ready, seeker_id: QueryId, posting_id: PostingId = None, company: Company = None,
    asked: Asked = False,
) -> LivePaths:  # fmt: skip
    """To an opening, those of the live suggestion; into a company, all of them.

    The company counts among those that the seeker asks about in a day, if it is they who ask.
    """
    if (posting_id is None) == (company is None):
        raise invalid("posting_id", "name either an opening or a company")

    def answer(engine: Engine) -> LivePaths:
        if posting_id is not None:
            made = engine.suggestion(seeker_id, posting_id)
            return _live(engine, seeker_id, whole_percent(made.fit), made.paths) if made else LivePaths(fit=0, paths=[])
        person = engine.state.people.get(seeker_id)
        if person is None or not person.member:
            return LivePaths(fit=0, paths=[])
        number = engine.company(company or "", None)
        if asked:
            matcher.companies_a_day.take(seeker_id, engine.family(number))
        found, _ = engine.paths(seeker_id, number)
        return _live(engine, seeker_id, 100, found)

    return await matcher.ask(answer)


@router.get("/could-introduce", summary="Openings to which a member could introduce people who look openly")
async def could_introduce(
    _caller: Service, matcher: Ready, helper_id: QueryId, seeker_id: SeekerId = None, posting_id: PostingId = None
) -> CouldIntroduce:
    """Of people who know the helper and for whom they would be one of the best three introducers.

    Without what only a seeker may know (least pay, blocked companies): whether the seeker has such a path themself is
    another question.
    """
    found = await helping.could_introduce(matcher.ask, helper_id, seeker_id, posting_id)

    def answer(engine: Engine) -> CouldIntroduce:
        there = [one for one in found if one.path.insider in engine.state.people]
        return CouldIntroduce(
            found=[
                HelpView(
                    seeker_id=one.seeker, posting_id=one.posting, fit=whole_percent(one.fit),
                    path=_path(engine, one.seeker, one.path),
                )
                for one in there
            ]
        )  # fmt: skip

    return await matcher.ask(answer)


def _live(engine: Engine, seeker_id: str, fit: int, paths: Iterable[Path | Introducer]) -> LivePaths:
    people = engine.state.people  # a suggestion is as of the last update: somebody may be gone since
    there = [path for path in paths if path.introducer in people and path.insider in people]
    return LivePaths(fit=fit, paths=[_path(engine, seeker_id, path) for path in there])


def _path(engine: Engine, seeker_id: str, path: Path | Introducer) -> LivePath:
    direct, insider = path.introducer == path.insider, engine.state.people[path.insider]
    target_ask: Ask = "app" if insider.member and insider.introduces else "hand"
    firmness = _firmness(engine, path.introducer, seeker_id)
    return LivePath(
        introducer_id=path.introducer,
        insider_id=path.insider,
        score=two_digits(path.score),
        ask=path.ask,
        target_ask=path.ask if direct else target_ask,
        firmness=firmness,
        target_firmness=firmness if direct else _firmness(engine, path.insider, path.introducer),
    )


def _firmness(engine: Engine, asked: str, asking: str) -> float:
    tie = engine.network.tie(asked, asking)
    return 0.0 if tie is None else tie.firmness
