"""What introductions asks the matcher: paths as they are now, and how a member knows people. The engine is real."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from services.matching import introductions_api
from shared.web.app import create_app
from shared.web.identity import Authenticator
from tests.component.matching.test_api import ANN, OPERATOR, SERVICE, Answering, Members
from tests.component.matching.world import settings
from tests.records import blocked, closeness, event, event_of, messages, person, tie, worked

PATHS = "/internal/v1/introduction-paths?seeker_id=ann"
KNOWN = "/internal/v1/acquaintances"
HELPING = "/internal/v1/could-introduce?helper_id=bob"


@pytest.fixture
def matcher() -> Answering:
    matcher = Answering()
    together = worked(30, company="Globex", ended="2020-01-31")
    more = [person(name, member=False) for name in ("old", "new", "far", "bad")] + [
        tie("ann", "old", together, messages(9, 9, "2021-05-01")),
        tie("ann", "new", together, messages(9, 9, "2026-01-01")),
        tie("ann", "far", closeness(3)),
        tie("ann", "bad", together, blocked()),
    ]
    for number, value in enumerate(more, 100):
        matcher.engine.apply(event_of(value, number))
    return matcher


@pytest_asyncio.fixture(loop_scope="session")
async def http(matcher: Answering) -> AsyncIterator[httpx2.AsyncClient]:
    chosen = settings("nowhere:1")
    app = create_app(chosen, service="matching", routers=[introductions_api.router])
    app.state.authenticator = Authenticator(chosen, member=Members())
    app.state.dependencies = matcher
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://matching.test") as client:
        yield client


async def test_the_paths_of_a_live_suggestion_and_into_a_company(http):
    for about, fit in (("posting_id=job", None), ("company=Initech", 100)):
        answer = (await http.get(f"{PATHS}&{about}", headers=SERVICE)).json()
        assert answer["fit"] == fit or (fit is None and 50 <= answer["fit"] <= 100)
        [path] = answer["paths"]
        assert (path["introducer_id"], path["insider_id"], path["ask"], path["target_ask"]) == (
            "bob", "eve", "app", "hand",
        )  # fmt: skip
        assert path["score"] > 0
        assert path["firmness"] == 0.95  # Bob states that he knows Ann very well
        assert path["target_firmness"] == 0.0  # Eve has said nothing, and what Bob states is his own side's


async def test_what_a_seeker_asks_to_see_counts_among_the_companies_of_their_day(http):
    async def status(company, asked):
        answer = await http.get(f"{PATHS}&company={company}&asked={asked}", headers=SERVICE)
        return answer.status_code, answer.headers.get("retry-after")

    for number in range(5):
        assert await status(f"Company{number}", "false") == (200, None), "a deadline is no question of theirs"
    for company in ("Initech", "Globex", "Hooli", "Initech"):
        assert await status(company, "true") == (200, None)
    assert (await status("Umbrella", "true"))[0] == 429
    assert (await status("Umbrella", "true"))[1] is not None


@pytest.mark.parametrize("gone", ["bob", "eve"])
async def test_no_path_through_or_to_somebody_who_is_gone_since_the_last_update(http, matcher, gone):
    matcher.engine.ingest((event("people.v1", gone, None, 200),))
    assert matcher.engine.suggestion("ann", "job") is not None, "it is as of the last update"
    answer = await http.get(f"{PATHS}&posting_id=job", headers=SERVICE)
    assert (answer.status_code, answer.json()["paths"]) == (200, [])


async def test_no_paths_where_there_are_none(http):
    for about in ("posting_id=none", "company=Nowhere", "company=%20"):
        assert (await http.get(f"{PATHS}&{about}", headers=SERVICE)).json()["paths"] == []
    somebody = PATHS.replace("ann", "eve")
    assert (await http.get(f"{somebody}&company=Initech", headers=SERVICE)).json()["paths"] == []


async def test_for_services_alone_and_about_one_thing(http):
    for caller in (ANN, OPERATOR):
        assert (await http.get(f"{PATHS}&posting_id=job", headers=caller)).status_code == 403
        assert (await http.get(HELPING, headers=caller)).status_code == 403
        assert (await http.post(KNOWN, headers=caller, json={"member_id": "ann", "people": []})).status_code == 403
    for about in ("", "&posting_id=job&company=Initech"):
        assert (await http.get(PATHS + about, headers=SERVICE)).status_code == 422


async def test_nobody_could_be_helped_who_does_not_look_openly(http):
    assert (await http.get(HELPING, headers=SERVICE)).json() == {"found": []}


async def test_how_a_member_knows_people_and_who_is_out_of_sight(http):
    form = {"member_id": "ann", "people": ["new", "bob", "eve", "nobody", "bad"]}
    answer = (await http.post(KNOWN, headers=SERVICE, json=form)).json()
    assert answer["named"] == [
        {"person_id": "new", "last_sign": "2026-01-01", "months_together": 30, "closeness": None},
        {"person_id": "bob", "last_sign": None, "months_together": 0, "closeness": 5},
    ]
    assert [each["person_id"] for each in answer["asleep"]] == ["bob", "far", "old"]
    nobody = (await http.post(KNOWN, headers=SERVICE, json={"member_id": "nobody", "people": ["new"]})).json()
    assert nobody == {"named": [], "asleep": []}
