"""Examples for the description of the API: what a seeker reads in each state, made by the rules from the table."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.introductions.introduction import Introduction, Opening, Path
from services.introductions.transitions import DEADLINES, Origin, State, Who, deadline_of
from services.introductions.views import Facts, view

_START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
_STEP: Final = timedelta(days=1)
_NAMES: Final = {"s": "Amara Obi", "i": "Mei Chen", "t": "Ida Berg"}


def _begun() -> Introduction:
    opening = Opening("opening:p", "Initech", "initech", "p", "Data Engineer")
    return Introduction(
        id="7f3c", origin=Origin.ASK, seeker_id="s", opening=opening, path=Path("i", "t"), note="I build pipelines."
    ).moved(State.REQUESTED, _START)  # fmt: skip


def seeker_views() -> dict[str, dict[str, Any]]:
    """An example for each state, by its name: through the states that have a deadline, then at its end."""
    one, made = _begun(), {}
    now = _START
    for each in (None, *(deadline.state for deadline in DEADLINES if deadline.state != State.REQUESTED)):
        if each is not None:
            now += _STEP
            one = one.moved(each, now)
        made[one.state.value] = _example(one, now)
    ended = _begun().moved(State.ASKED, _START)
    deadline = deadline_of(State.ASKED, Origin.ASK)
    assert deadline is not None and ended.due_at is not None  # noqa: S101, PT018 - it is in the table
    made[deadline.to.value] = _example(ended.moved(deadline.to, ended.due_at), ended.due_at)
    return made


def _example(one: Introduction, now: datetime) -> dict[str, Any]:
    shown = view(one, Who.SEEKER, Facts(_NAMES), now).model_dump(mode="json", exclude_none=True)
    return {"summary": f"the seeker's, {one.state.value}", "value": shown}
