"""The introductions service in this process on a real database, with stand-ins for profiles and the matcher."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from services.introductions import timers
from services.introductions.app import make_app
from services.introductions.settings import Settings
from shared.testing.database import Database, empty
from tests.component.notifications.conftest import OPERATOR, SERVICE, Profiles, served, token

__all__ = ["OPERATOR", "SERVICE", "token"]

NAMES = {"amara": "Amara Obi", "mei": "Mei Chen", "kai": "Kai Lund", "ida": "IDA THE SECRET", "tom": "TOM THE SECRET"}
EMAILS = {"amara": "amara@mail.example"}
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that tests move."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def day(self, number: float) -> None:
        """Day 1 begins at the start."""
        self.moment = START + timedelta(days=number - 1)


@dataclass
class Matcher:
    """Stands in for the matcher: paths by seeker and (opening or company).

    `kept_away`: seekers and openings of whom least pay or blocked companies leave no path.
    """

    paths: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    known: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"named": [], "asleep": []})
    kept_away: set[tuple[str, str]] = field(default_factory=set)
    away: bool = False
    tired: bool = False
    """Whether the seeker has asked about too many companies today."""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/internal/v1/could-introduce")
        async def could_introduce(request: Request) -> Any:
            if self.away:
                return Response(status_code=503)
            helper, *about = map(request.query_params.get, ("helper_id", "seeker_id", "posting_id"))
            found = [
                {"seeker_id": seeker, "posting_id": posting, "fit": 80, "path": path}
                for (seeker, posting), paths in self.paths.items()
                for path in paths
                if path["introducer_id"] == helper and path["ask"] == "app"
                if all(wanted in {None, one} for wanted, one in zip(about, (seeker, posting), strict=True))
            ]
            return {"found": found}

        @app.get("/internal/v1/introduction-paths")
        async def find(request: Request) -> Any:
            if self.away:
                return Response(status_code=503)
            asked = request.query_params
            if self.tired and asked["asked"] == "true":
                problem = {"title": "Too many companies", "detail": "paths into 30 companies a day"}
                return JSONResponse(problem, 429, {"Retry-After": "60"})
            about = asked.get("posting_id") or asked["company"]
            if (asked["seeker_id"], about) in self.kept_away:
                return {"fit": 0, "paths": []}
            return {"fit": 80, "paths": self.paths.get((asked["seeker_id"], about), [])}

        @app.post("/internal/v1/acquaintances")
        async def acquaintances(request: Request) -> Any:
            asked = (await request.json())["people"]
            named = [one for one in self.known["named"] if one["person_id"] in asked]
            return {"named": named, "asleep": self.known["asleep"]}

        return app


@dataclass
class Entries:
    """Stands in for what profiles knows of entries of address books: whoever is not in `now` is gone.

    `verified`: (entry, its owner, the member who has verified an address of it); `asked`: of whom that was asked.
    """

    now: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    verified: set[tuple[str, str, str]] = field(default_factory=set)
    hidden: dict[str, list[str]] = field(default_factory=lambda: {"suggestions": [], "people": []})
    """What notifications says that anybody hid."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)
    away: bool = False

    def add_to(self, app: FastAPI) -> FastAPI:
        @app.get("/internal/v1/hidden")
        async def hidden() -> Any:
            return Response(status_code=503) if self.away else self.hidden

        @app.post("/internal/v1/entries/now")
        async def find(request: Request) -> Any:
            if self.away:
                return Response(status_code=503)
            asked = (await request.json())["ids"]
            return {"entries": [{"id": each, "now": self.now[each]} for each in asked if each in self.now]}

        @app.post("/internal/v1/entries/{contact_id}/answered")
        async def answered(contact_id: str, request: Request) -> Any:
            if self.away:
                return Response(status_code=503)
            said = await request.json()
            self.asked.append((contact_id, said["owner_id"], said["member_id"]))
            return {"theirs": self.asked[-1] in self.verified}

        @app.post("/internal/v1/entries/{contact_id}/forget")
        async def forget(contact_id: str) -> Response:
            if self.now.get(contact_id, contact_id) != contact_id:
                return Response(status_code=409)
            self.forgotten.append(contact_id)
            self.now.pop(contact_id, None)
            return Response(status_code=204)

        return app


@dataclass
class World:
    """A running service, a client of it, and what its outbox would publish."""

    app: FastAPI
    http: httpx2.AsyncClient
    clock: Clock
    profiles: Profiles
    matcher: Matcher
    entries: Entries

    @property
    def pool(self) -> Any:
        return self.app.state.pool

    @property
    def deps(self) -> Any:
        return self.app.state.dependencies

    async def call(self, method: str, path: str, member: str | None = None, **options: Any) -> httpx2.Response:
        headers = dict(options.pop("headers", {}))
        if member:
            headers["Authorization"] = f"Bearer {token(member)}"
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, member: str, **options: Any) -> Any:
        answer = await self.call("GET", path, member, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, member: str, body: Any = None, expected: int = 200) -> Any:
        answer = await self.call("POST", path, member, json=body)
        assert answer.status_code == expected, answer.text
        return answer.json()

    async def opening(self, posting_id: str = "o1", company: str = "Initech") -> None:
        """An open opening, as postings.v1 says."""
        await self.pool.execute(
            "INSERT INTO openings (posting_id, version, company, title) VALUES ($1, 1, $2, 'Data Engineer')"
            " ON CONFLICT DO NOTHING",
            posting_id, company,
        )  # fmt: skip

    async def member(self, *people: str, introduces: bool = True, looks_openly: bool = False) -> None:
        """Members, as people.v1 says."""
        for person in people:
            await self.pool.execute(
                "INSERT INTO people (person_id, version, introduces, looks_openly) VALUES ($1, 1, $2, $3)"
                " ON CONFLICT (person_id) DO UPDATE SET introduces = $2, looks_openly = $3",
                person, introduces, looks_openly,
            )  # fmt: skip

    async def path(
        self, seeker: str, introducer: str, target: str = "ida", posting_id: str = "o1", **facts: Any
    ) -> str:
        """A path of a seeker to an opening, in the matcher and in a live suggestion; returns the suggestion's id."""
        await self.opening(posting_id)
        live = {
            "introducer_id": introducer, "insider_id": target, "score": 0.2, "ask": "app", "target_ask": "app",
            "firmness": 0.5, "target_firmness": 0.5,
        } | facts  # fmt: skip
        paths = self.matcher.paths.setdefault((seeker, posting_id), [])
        paths.append(live)
        kept = [{key: each[key] for key in ("introducer_id", "insider_id", "score", "ask")} for each in paths]
        await self.pool.execute(
            "INSERT INTO suggestions (suggestion_id, version, seeker_id, posting_id, fit, paths, introducers)"
            " VALUES ($1, 1, $2, $3, 80, $4, $5)"
            " ON CONFLICT (suggestion_id) DO UPDATE SET paths = $4, introducers = $5",
            f"{seeker}/{posting_id}", seeker, posting_id, kept, [each["introducer_id"] for each in paths],
        )  # fmt: skip
        return f"{seeker}/{posting_id}"

    async def ask(
        self, seeker: str, *introducers: str, posting_id: str = "o1", expected: int = 201, note: str | None = None
    ) -> Any:
        body = {
            "suggestion_id": f"{seeker}/{posting_id}",
            "introducer_ids": list(introducers),
            "known_as_looking": True,
        } | ({"note": note} if note else {})
        return await self.post("/v1/introductions", seeker, body, expected)

    async def answer(self, one: Any, member: str, said: str, expected: int = 200, **more: Any) -> Any:
        return await self.post(f"/v1/introductions/{one['id']}/answer", member, {"answer": said} | more, expected)

    async def agrees(self, one: Any, target: str, said: str = "yes", expected: int = 200, **more: Any) -> Any:
        """The target's answer."""
        body = {"answer": said} | more
        return await self.post(f"/v1/introductions/{one['id']}/target-answer", target, body, expected)

    async def tick(self, day: float | None = None) -> None:
        """What happens by the clock, until nothing is left to do."""
        if day is not None:
            self.clock.day(day)
        await timers.carry_out(self.deps)

    async def records(self) -> dict[str, Any]:
        """What waits in the outbox, by id: the newest record of each introduction."""
        rows = await self.pool.fetch("SELECT key, value FROM outbox WHERE topic = 'introductions.v1' ORDER BY seq")
        return {
            row["key"]: None if row["value"] is None else httpx2.Response(200, content=row["value"]).json()
            for row in rows
        }


def settings(database: Database, profiles: str, matching: str) -> Settings:
    nowhere = dict.fromkeys(("postings", "console"), "http://127.0.0.1:1")
    return Settings(
        database_url=SecretStr(database.dsn("introductions")),
        service_token=SecretStr(SERVICE),
        operator_token=SecretStr(OPERATOR),
        urls=nowhere | {"profiles": profiles, "postings": profiles, "notifications": profiles, "matching": matching},
        kafka_bootstrap_servers="127.0.0.1:1",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _started(module_database: Database) -> AsyncIterator[World]:
    clock, profiles, matcher, entries = Clock(), Profiles(), Matcher(), Entries()
    async with served(entries.add_to(profiles.app())) as profiles_url, served(matcher.app()) as matching_url:
        app = make_app(settings(module_database, profiles_url, matching_url), clock, background=False)
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://introductions.test") as http,
        ):
            yield World(app, http, clock, profiles, matcher, entries)


@pytest_asyncio.fixture(loop_scope="session")
async def world(_started: World, module_database: Database) -> AsyncIterator[World]:
    """The HTTP API with an empty database; tests carry out what is due, and read the records in the outbox."""
    await empty(module_database)
    _started.clock.moment = START
    _started.profiles.names = dict(NAMES)
    _started.profiles.emails = dict(EMAILS)
    _started.matcher.paths.clear()
    _started.matcher.kept_away.clear()
    vars(_started.entries).update(vars(Entries()))
    _started.matcher.known = {"named": [], "asleep": []}
    _started.matcher.away = _started.matcher.tired = False
    yield _started
