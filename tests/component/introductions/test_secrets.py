"""Twin worlds that differ in what a seeker keeps to themself: whoever could help them sees one and the same.

The engine is real. In every world Mei looks openly, and Amara could introduce her.
"""

import re
from typing import Any

import httpx2
import pytest_asyncio

from services.matching import introductions_api
from services.matching.engine.engines import PlainEngine
from shared.resolution import Vocabulary
from shared.testing.database import empty
from shared.testing.processes import SERVICE_TOKEN
from shared.web.app import create_app
from shared.web.identity import Authenticator
from tests.component.introductions.conftest import START
from tests.component.matching.world import settings
from tests.records import Json, closeness, events_of, opening, person, tie

SECRETS: list[dict[str, Any]] = [
    {},
    {"salary": {"min": 60_000, "currency": "EUR"}},
    {"blocked_companies": ["Initech"]},
    {"blocked_companies": ["Hooli"]},
]
SKILLS = ["python", "sql", "rust"]
KNOWS_WELL, KNOWS = closeness(5), closeness(4)
PEOPLE: dict[str, dict[str, Any]] = {
    "amara": {"seeking": {"discreet": False}},
    "mei": {"seeking": {"discreet": False, "openly": True}},
    "ron": {"employments": [{"company": "Hooli"}]},
    "sam": {"employments": [{"company": "Hooli"}]},
    "zoe": {"employments": [{"company": "Hooli"}]},
    "tom": {"employments": [{"company": "Initech"}]},
    "ida": {"employments": [{"company": "Globex"}, {"company": "Hooli"}]},
    "una": {"employments": [{"company": "Umbrella"}]},
    "kit": {"employments": [{"company": "Globex"}]},
    "pat": {"employments": [{"company": "Soylent"}]},
}
MEMBERS = {"amara", "mei", "ron", "sam", "zoe", "pat"}
TIES = [
    ("amara", "mei", KNOWS_WELL), ("mei", "amara", KNOWS), ("mei", "pat", KNOWS_WELL), ("pat", "mei", KNOWS),
    ("amara", "tom", KNOWS_WELL), ("amara", "ida", KNOWS_WELL), ("amara", "kit", KNOWS), ("amara", "una", KNOWS),
    *(
        (one, other, KNOWS_WELL)
        for rival in ("ron", "sam", "zoe")
        for one, other in (("mei", rival), (rival, "mei"), (rival, "una"))
    ),
]  # fmt: skip
OPENINGS = {"o1": "Soylent", "o2": "Initech", "o3": "Globex", "o4": "Umbrella"}


class Answering:
    """Stands in for the loop between Kafka and the engine."""

    def __init__(self) -> None:
        self.answers, self.engine = True, PlainEngine(Vocabulary.of({}))

    async def ask(self, question: Any) -> Any:
        return question(self.engine)

    def begin(self, secret: dict[str, Any]) -> None:
        """A world in which Mei has this secret."""
        self.engine = PlainEngine(Vocabulary.of({}))
        records: list[Json] = [{"day": "2026-03-01"}]
        for name, facts in PEOPLE.items():
            more = {"seeking": facts["seeking"] | secret} if name == "mei" else {}
            about = {"member": name in MEMBERS, "introduces": name in MEMBERS, "skills": SKILLS}
            records.append(person(name, **about | facts | more))
        records += [tie(*one) for one in TIES]
        for posting, company in OPENINGS.items():
            pay = {"salary": {"max": 50_000, "currency": "EUR"}} if posting == "o2" else {}
            records.append(opening(posting, company, title="Data Engineer", skills=SKILLS, **pay))
        self.engine.apply_all(events_of(*records))


@pytest_asyncio.fixture(loop_scope="session")
async def matcher(world, monkeypatch):
    """The real one, behind the service's client."""
    matching, chosen = Answering(), settings("nowhere:1")
    app = create_app(chosen, service="matching", routers=[introductions_api.router])
    app.state.authenticator, app.state.dependencies = Authenticator(chosen, member=None), matching
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), headers=headers) as client:
        monkeypatch.setattr(world.deps.matcher, "_client", client)
        yield matching


async def begin(world: Any, matching: Answering, database: Any, secret: dict[str, Any]) -> None:
    """The world as the topics tell of it."""
    await empty(database)
    world.clock.moment = START
    matching.begin(secret)
    await world.member(*MEMBERS)
    await world.member("mei", looks_openly=True)
    for posting, company in OPENINGS.items():
        await world.opening(posting, company)
    for (seeker, posting), made in matching.engine.suggestions().items():
        paths = [
            {"introducer_id": one.introducer, "insider_id": one.insider, "score": one.score, "ask": one.ask}
            for one in made.paths
        ]
        await world.pool.execute(
            "INSERT INTO suggestions (suggestion_id, version, seeker_id, posting_id, fit, paths, introducers)"
            " VALUES ($1, 1, $2, $3, $4, $5, $6)",
            f"{seeker}/{posting}", seeker, posting, round(made.fit * 100), paths,
            [one["introducer_id"] for one in paths],
        )  # fmt: skip


async def helper_sees(world: Any) -> tuple[str, list[str]]:
    """All that Amara is answered from the first look to the end of her offers, ids aside; and the ids of these."""
    one = await world.ask("amara", "mei")
    await world.answer(one, "mei", "yes")
    await world.agrees(one, "pat")
    said, offers = [await world.call("GET", "/v1/give", "amara")], list[str]()
    said.append(await world.call("GET", "/v1/introductions/preview?introducer_id=mei&company=Soylent", "amara"))
    for number, posting in enumerate((*OPENINGS, "o2")):
        world.clock.day(1 + number / 24)
        body = {"posting_id": posting, "seeker_id": "mei", "contact": "at work"}
        said.append(await world.call("POST", "/v1/offers", "amara", json=body))
        if said[-1].status_code == 201:
            offers.append(said[-1].json()["id"])
    for day in (2, 8, 16):
        await world.tick(day)
        said += [await world.call("GET", f"/v1/introductions/{each}", "amara") for each in offers]
        said.append(await world.call("GET", "/v1/introductions?role=introducer", "amara"))
        said.append(await world.call("GET", "/v1/give", "amara"))
    text = "\n".join(f"{each.status_code} {each.text}" for each in said)
    for number, each in enumerate(dict.fromkeys([one["id"], *offers])):
        text = text.replace(each, f"id {number}")
    text = re.sub(r'"request_id": "[0-9a-f]+"', "", text)
    return text, list(dict.fromkeys(offers))


async def test_least_pay_and_blocked_companies_are_seen_in_nothing_a_helper_is_answered(
    world, matcher, module_database
):
    seen, offered = [], []
    for secret in SECRETS:
        await begin(world, matcher, module_database, secret)
        text, offers = await helper_sees(world)
        seen.append(text)
        records = await world.records()
        assert [records[each]["history"][-1]["outcome"] for each in offers] == ["no_answer"] * len(offers)
        theirs = (await world.get("/v1/introductions", "mei"))["items"]
        offered.append({each["id"]: each for each in theirs if each["origin"] == "offer"}.keys() & set(offers))
        for each in offers:
            status = (await world.call("GET", f"/v1/introductions/{each}", "mei")).status_code
            assert status == (200 if each in offered[-1] else 404)
    assert seen == [seen[0]] * len(SECRETS)
    assert seen[0].count('"posting_id":"o2"') > 3
    assert "o4" not in seen[0], "three others would be asked before her, wherever they work"
    assert [len(each) for each in offered] == [2, 1, 1, 1], "the seeker sees those that they have a path for"


async def test_nobody_is_told_of_a_hidden_offer_but_who_made_it(world):
    await world.member("amara", "tom")
    await world.member("mei", looks_openly=True)
    await world.path("mei", "amara", "tom", posting_id="o2")
    world.matcher.kept_away.add(("mei", "o2"))
    body = {"posting_id": "o2", "seeker_id": "mei"}
    made = await world.post("/v1/offers", "amara", body, 201)
    assert (made["state"], made["possible"]) == ("offered", ["withdraw"])
    assert await world.post("/v1/offers", "amara", body, 201) == made
    for member in ("mei", "tom"):
        assert (await world.get("/v1/introductions", member))["items"] == []
        answer = await world.call("POST", f"/v1/introductions/{made['id']}/answer", member, json={"answer": "yes"})
        assert answer.status_code == 404
    message = f"/internal/v1/introductions/{made['id']}/message?member=mei&kind=offer"
    token = world.deps.settings.service_token.get_secret_value()
    answer = await world.call("GET", message, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
    await world.tick(16)
    assert (await world.records())[made["id"]]["history"][-1]["outcome"] == "no_answer"
    assert (await world.get("/v1/introductions", "mei"))["items"] == []


async def test_a_hidden_offer_lets_no_ask_of_the_seekers_go_on(world):
    await world.member("amara", "tom")
    await world.member("mei", looks_openly=True)
    await world.path("mei", "amara", "tom", posting_id="o2")
    await world.call("PUT", "/v1/limits", "amara", json={"asks_a_month": 0})
    asked = await world.ask("mei", "amara", posting_id="o2")
    world.matcher.kept_away.add(("mei", "o2"))
    await world.call("PUT", "/v1/limits", "amara", json={"asks_a_month": 4})
    await world.post("/v1/offers", "amara", {"posting_id": "o2", "seeker_id": "mei"}, 201)
    history = (await world.records())[asked["id"]]["history"]
    assert [step["status"] for step in history] == ["requested", "closed"]
