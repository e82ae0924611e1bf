"""The HTTP side: who may ask what, and what they may see. The engine is real; only Kafka is left out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.matching import api
from services.matching.answers import RULES
from services.matching.engine.engine import Engine, Event
from services.matching.quota import CompaniesADay
from shared.resolution import Vocabulary
from shared.testing.processes import OPERATOR_TOKEN, SERVICE_TOKEN
from shared.web.app import create_app
from shared.web.identity import Authenticator, Caller
from tests.component.matching.world import settings
from tests.records import address, closeness, contact, event_of, job, opening, person, tie

RECORDS = [
    {"day": "2026-03-01"},
    person("ann", skills=["python", "sql", "rust"], seeking={}),
    person("bob", introduces=True),
    person("sue"),
    person("eve", job(), member=False),
    *(tie(*ends, closeness(5)) for ends in (("ann", "bob"), ("bob", "ann"), ("bob", "eve"))),
    opening("job", title="x", skills=["python", "sql", "rust"]),
]


class Members:
    """Each member's token is `wpm_` and their id."""

    owned = False

    async def find(self, token: str, **_: bool) -> Caller | None:
        return Caller("member", token[4:])


class Answering:
    """Stands in for the loop between Kafka and the engine."""

    def __init__(self) -> None:
        self.answers = True
        self.at = datetime(2026, 3, 1, 22, 59, 59, 500_000, tzinfo=UTC)
        self.companies_a_day = CompaniesADay(3, lambda: self.at)
        self.engine = Engine(Vocabulary.of({"owners": {"globex labs": "globex"}}))
        for number, value in enumerate(RECORDS):
            self.engine.apply(event_of(value, number))

    async def ask(self, question: Any) -> Any:
        return question(self.engine)


@pytest.fixture
def matcher() -> Answering:
    return Answering()


@pytest_asyncio.fixture(loop_scope="session")
async def http(matcher: Answering) -> AsyncIterator[httpx2.AsyncClient]:
    chosen = settings("nowhere:1")
    app = create_app(chosen, service="matching", routers=[api.router])
    app.state.authenticator = Authenticator(chosen, member=Members())
    app.state.dependencies = matcher
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://matching.test") as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


ANN, SUE, OPERATOR, SERVICE = map(bearer, ("wpm_ann", "wpm_sue", OPERATOR_TOKEN, SERVICE_TOKEN))
PATHS, EXPLAIN, REACH = "/v1/paths?company=Initech", "/v1/explain?posting_id=job", "/internal/v1/openings/job/reach"
TAPS, SUGGESTIONS = "/v1/ask-next", "/internal/v1/openings/job/suggestions"
BOOK = "/internal/v1/members/ann/book"


@pytest.mark.parametrize("url", [PATHS, EXPLAIN, TAPS, REACH, SUGGESTIONS, BOOK])
async def test_without_a_token_401(http, url):
    answer = await http.get(url)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("url", "caller"),
    [
        *((url, SERVICE) for url in (PATHS, EXPLAIN, TAPS, SUGGESTIONS, BOOK)),
        *((url, ANN) for url in (REACH, SUGGESTIONS, BOOK)),
    ],
)
async def test_another_kind_of_caller_403(http, url, caller):
    assert (await http.get(url, headers=caller)).status_code == 403


@pytest.mark.parametrize("url", [f"{PATHS}&member=ann", f"{EXPLAIN}&member=ann", f"{TAPS}?member=ann"])
async def test_somebody_elses_404(http, url):
    assert (await http.get(url, headers=SUE)).status_code == 404


@pytest.mark.parametrize(
    ("url", "caller"),
    [
        ("/v1/explain?posting_id=none", ANN),
        (f"{EXPLAIN}&member=nobody", OPERATOR),
        (f"{PATHS}&member=eve", OPERATOR),
        (f"{TAPS}?member=eve", OPERATOR),
        (f"{TAPS}?member=nobody", OPERATOR),
        ("/internal/v1/openings/none/reach", SERVICE),
        ("/internal/v1/openings/none/suggestions", OPERATOR),
    ],
)
async def test_what_is_not_there_404(http, url, caller):
    assert (await http.get(url, headers=caller)).status_code == 404


@pytest.mark.parametrize(
    ("url", "caller", "field"),
    [
        ("/v1/paths", ANN, "company"),
        ("/v1/paths?company=", ANN, "company"),
        ("/v1/explain", ANN, "posting_id"),
        (PATHS, OPERATOR, "member"),
        (EXPLAIN, OPERATOR, "member"),
        (TAPS, OPERATOR, "member"),
        (f"{TAPS}?n=0", ANN, "n"),
        (f"{TAPS}?n=51", ANN, "n"),
    ],
)
async def test_a_bad_question_422_names_the_field(http, url, caller, field):
    answer = await http.get(url, headers=caller)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_seeker_sees_the_introducer_and_a_band(http):
    [path] = (await http.get(PATHS, headers=ANN)).json()["paths"]
    assert path == {
        "introducer_id": "bob",
        "direct": False,
        "band": "good",  # 0.5 x 0.95 x 0.75 x 0.5 x 0.30
        "label": "warm",
        "ask": "app",
        "reasons": ["you said you know them very well"],
    }
    answer = (await http.get(EXPLAIN, headers=ANN)).text
    assert "eve" not in answer
    assert '"reason":null' in answer


async def test_the_operator_sees_the_numbers(http):
    answer = (await http.get(f"{EXPLAIN}&member=ann", headers=OPERATOR)).json()
    [path] = answer["suggestion"]["paths"]
    assert (path["insider_id"], path["score"]) == ("eve", 0.5 * 0.95 * 0.75 * 0.5 * (0.3 * 0.6))
    assert (answer["suggestion"]["fit"], answer["suggestion"]["exact_fit"]) == (100, 1.0)


async def test_an_explanation_says_how_the_fit_comes_about(http):
    answer = (await http.get(EXPLAIN, headers=ANN)).json()
    assert answer["fit_parts"] == [
        {"name": "skills", "weight": 0.6, "value": 1.0, "says": "3 of the 3 skills it names: python, rust, sql"}
    ]
    assert (await http.get(EXPLAIN, headers=SUE)).json()["fit_parts"] == []


async def test_the_operator_sees_what_was_read_of_a_book(http, matcher):
    async def book(member: str) -> dict[str, Any]:
        answer = await http.get(f"/internal/v1/members/{member}/book", headers=OPERATOR)
        return {name: value for name, value in answer.json().items() if name != "member_id"}

    assert await book("ann") == {"ties": 1, "people": 0, "versions": 5, "day": "2026-03-01"}  # of the tie ann:bob
    assert await book("bob") == {"ties": 2, "people": 1, "versions": 6 + 7 + 4, "day": "2026-03-01"}  # and of eve
    assert await book("nobody") == {"ties": 0, "people": 0, "versions": 0, "day": "2026-03-01"}
    matcher.engine.apply(Event("ties.v1", "bob:eve", None, 90))
    assert await book("bob") == {"ties": 1, "people": 0, "versions": 6, "day": "2026-03-01"}


async def test_without_a_path_it_says_so(http):
    answer = (await http.get(PATHS, headers=SUE)).json()
    assert answer["paths"] == answer["left_there"] == []
    assert answer["reason"] == "There is no path to anybody there yet."
    assert (await http.get(EXPLAIN, headers=SUE)).json()["rule"] == "not_seeking"


async def test_a_member_asks_about_so_many_companies_a_day(http, matcher):
    async def asked(company: str, whom: dict[str, str] = ANN, **more: str) -> httpx2.Response:
        return await http.get("/v1/paths", params={"company": company, **more}, headers=whom)

    for company in ("Initech", "Globex", "Hooli", "initech ", "GLOBEX"):
        assert (await asked(company)).status_code == 200
    refused = await asked("Umbrella")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3601")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "3 companies a day" in refused.json()["detail"]
    assert (await asked("Hooli")).status_code == 200  # one of today's
    assert (await asked("Globex Labs")).status_code == 200  # of the family of one of them
    assert (await asked("Umbrella", SUE)).status_code == 200  # the limit is each member's own
    for number in range(5):
        assert (await asked(f"Company {number}", OPERATOR, member="ann")).status_code == 200
    assert (await asked("Umbrella")).status_code == 429
    matcher.at += timedelta(seconds=3600)
    assert (await asked("Umbrella")).headers["retry-after"] == "1"
    matcher.at += timedelta(seconds=1)
    assert (await asked("Umbrella")).status_code == 200


def test_a_limit_of_0_is_none():
    unlimited = CompaniesADay(0)
    for number in range(100):
        unlimited.take("ann", f"company {number}")


async def test_whom_to_ask_about_next_in_words_and_the_gain_for_the_operator(http, matcher):
    nobody = (await http.get(TAPS, headers=ANN)).json()
    assert nobody == {"says": "Rating one more contact would not help with any opening that fits you now.", "taps": []}
    for name in ("fay", "gus"):
        there = job(seen="2026-03-01" if name == "gus" else "2025-01-01")
        for value in (contact(name, there, of="ann"), tie("ann", name, address())):
            matcher.engine.apply(event_of(value, 99))
    answer = (await http.get(TAPS, headers=ANN)).json()
    assert answer["says"].startswith("Saying how well you know these people")
    assert answer["taps"] == [{"person_id": "gus"}, {"person_id": "fay"}]
    [first] = (await http.get(f"{TAPS}?member=ann&n=1", headers=OPERATOR)).json()["taps"]
    assert first == {"person_id": "gus", "gain": 0.75 * 0.75 * 0.5 * 0.6 - 0.5 * 0.95 * 0.75 * 0.5 * (0.3 * 0.6)}
    assert (await http.get(TAPS, headers=SUE)).json() == {"says": RULES["not_seeking"], "taps": []}


async def test_reach_is_a_count_of_those_who_have_sought_for_so_many_days(http, matcher):
    counted = {"posting_id": "job", "seekers": 1}
    assert (await http.get(REACH, headers=SERVICE)).json() == counted
    ann = person("ann", skills=["python", "sql", "rust"], seeking={"since": "2026-02-27"})
    matcher.engine.apply(event_of(ann, 99))
    assert (await http.get(REACH, headers=SERVICE)).json() == counted | {"seekers": 0}
    assert (await http.get(f"{REACH}?seeking_days=2", headers=SERVICE)).json() == counted
    assert (await http.get(f"{REACH}?seeking_days=-1", headers=SERVICE)).status_code == 422


async def test_suggestions_are_counted_for_operators(http):
    answer = await http.get(SUGGESTIONS, headers=OPERATOR)
    assert answer.json() == {"posting_id": "job", "suggestions": 1, "version": len(RECORDS) - 1}


async def test_before_it_has_caught_up_503(http, matcher):
    matcher.answers = False
    for url, caller in ((PATHS, ANN), (EXPLAIN, ANN), (TAPS, ANN), (REACH, SERVICE), (SUGGESTIONS, OPERATOR)):
        assert (await http.get(url, headers=caller)).status_code == 503
