"""For introductions: the paths of a seeker as they are now, with what decides whether somebody may be asked."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.matching.api import Ready
from services.matching.engine.engines import Engine
from services.matching.rules.numbers import two_digits, whole_percent
from services.matching.rules.paths import Ask, Path
from services.matching.rules.suggestions import Introducer
from shared.web.callers import Service
from shared.web.ids import PRINTABLE, QueryId
from shared.web.problems import invalid

router = APIRouter(prefix="/internal/v1", tags=["internal"])

PostingId = Annotated[str | None, Query(min_length=1, max_length=200, pattern=PRINTABLE)]
Company = Annotated[str | None, Query(min_length=1, max_length=300, description="where it is about no single opening")]


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


@router.get("/introduction-paths", summary="A seeker's paths to an opening or into a company, as they are now")
async def introduction_paths(
    _caller: Service, matcher: Ready, seeker_id: QueryId, posting_id: PostingId = None, company: Company = None
) -> LivePaths:
    """To an opening, those of the live suggestion; into a company, all of them."""
    if (posting_id is None) == (company is None):
        raise invalid("posting_id", "name either an opening or a company")

    def answer(engine: Engine) -> LivePaths:
        if posting_id is not None:
            made = engine.suggestion(seeker_id, posting_id)
            return _live(engine, seeker_id, whole_percent(made.fit), made.paths) if made else LivePaths(fit=0, paths=[])
        person = engine.state.people.get(seeker_id)
        if person is None or not person.member:
            return LivePaths(fit=0, paths=[])
        found, _ = engine.paths(seeker_id, engine.company(company or "", None))
        return _live(engine, seeker_id, 100, found)

    return await matcher.ask(answer)


def _live(engine: Engine, seeker_id: str, fit: int, paths: Iterable[Path | Introducer]) -> LivePaths:
    return LivePaths(fit=fit, paths=[_path(engine, seeker_id, path) for path in paths])


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
