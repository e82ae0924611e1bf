"""What the matcher says of a seeker's paths now: which there are, how good, and how well people know each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import httpx2
from pydantic import BaseModel, ValidationError

from services.introductions import words
from services.introductions.introduction import Leg, Opening, Path
from shared.observability.logs import get_logger
from shared.web.problems import Problem, unavailable

log = get_logger(__name__)

TEN_THOUSAND = 10_000
PERCENT = 100


class _LivePath(BaseModel):
    introducer_id: str
    insider_id: str
    score: float
    ask: Leg
    target_ask: Leg
    firmness: float
    target_firmness: float


class _LivePaths(BaseModel):
    fit: int
    paths: list[_LivePath]


class _Help(BaseModel):
    seeker_id: str
    posting_id: str
    fit: int
    path: _LivePath


class _CouldIntroduce(BaseModel):
    found: list[_Help]


@dataclass(frozen=True, slots=True)
class Help:
    """An opening that fits a seeker who looks openly, in percent, and their path to it through a helper.

    Least pay and blocked companies have no part in it: the seeker themself may have no such path.
    """

    seeker_id: str
    posting_id: str
    fit: int
    path: Path


class KnownPerson(BaseModel):
    """What a member's own side shows of knowing somebody."""

    person_id: str
    last_sign: date | None
    months_together: int
    closeness: int | None


class _Acquaintances(BaseModel):
    named: list[KnownPerson]
    asleep: list[KnownPerson]


def _too_many_companies(answer: httpx2.Response) -> Problem:
    told = answer.json()
    return Problem(429, told["title"], told["detail"], headers={"Retry-After": answer.headers["retry-after"]})


class Matcher:
    """Asks matching about one seeker at a time."""

    def __init__(self, client: httpx2.AsyncClient, matching_url: str) -> None:
        self._client = client
        self._url = matching_url.rstrip("/") + "/internal/v1"

    async def paths(self, seeker_id: str, opening: Opening, *, asked: bool = False) -> list[Path]:
        """The seeker's live paths to an opening, or into a company, best first.

        `asked`: the seeker wants to see them, so that a company counts among those they may ask about in a day.

        Raises:
            Problem: 429 when it is one company too many, 503 when the matcher gives no usable answer.
        """
        about = {"posting_id": opening.posting_id} if opening.posting_id else {"company": opening.company}
        about |= {"seeker_id": seeker_id, "asked": str(asked).lower()}
        try:
            answer = await self._client.get(f"{self._url}/introduction-paths", params=about)
            if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
                raise _too_many_companies(answer)
            answer.raise_for_status()
            found = _LivePaths.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValidationError) as error:
            log.warning("matcher_unavailable", error=error)
            raise unavailable("paths cannot be looked up at the moment; try again") from error
        reasons = (words.fit(found.fit),) if opening.posting_id else ()
        return [_path(each, found.fit, reasons) for each in found.paths]

    async def could_introduce(
        self, helper_id: str, seeker_id: str | None = None, posting_id: str | None = None
    ) -> list[Help]:
        """Openings to which somebody could introduce people (or this one) who look openly, the best fit first.

        Raises:
            Problem: 503 when the matcher gives no usable answer.
        """
        about = {"helper_id": helper_id, "seeker_id": seeker_id, "posting_id": posting_id}
        try:
            answer = await self._client.get(
                f"{self._url}/could-introduce", params={key: value for key, value in about.items() if value}
            )
            answer.raise_for_status()
            found = _CouldIntroduce.model_validate_json(answer.content).found
        except (httpx2.HTTPError, ValidationError) as error:
            log.warning("matcher_unavailable", error=error)
            raise unavailable("openings cannot be looked up at the moment; try again") from error
        return [
            Help(one.seeker_id, one.posting_id, one.fit, _path(one.path, one.fit, (words.fit(one.fit),)))
            for one in found
        ]

    async def acquaintances(self, member_id: str, people: Sequence[str]) -> tuple[list[KnownPerson], list[KnownPerson]]:
        """How a member knows these people, and who has been out of sight for long.

        Raises:
            Problem: 503 when the matcher gives no usable answer.
        """
        try:
            answer = await self._client.post(
                f"{self._url}/acquaintances", json={"member_id": member_id, "people": list(people)}
            )
            answer.raise_for_status()
            found = _Acquaintances.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValidationError) as error:
            log.warning("matcher_unavailable", error=error)
            raise unavailable("acquaintances cannot be looked up at the moment; try again") from error
        return found.named, found.asleep


def _path(live: _LivePath, fit: int, reasons: tuple[str, ...]) -> Path:
    return Path(
        introducer_id=live.introducer_id,
        insider_id=live.insider_id,
        leg=live.ask,
        target_leg=live.target_ask,
        value=value(fit, live.score),
        firmness=live.firmness,
        target_firmness=live.target_firmness,
        reasons=reasons,
    )


def value(fit: int, score: float) -> int:
    """What orders waiting asks: round(10,000 · fit · score), half to even; `fit` in percent."""
    return round(TEN_THOUSAND * fit * score / PERCENT)
