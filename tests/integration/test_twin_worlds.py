"""Twin worlds: a person is nobody, then a hidden member, then a busy one, then gone. Whoever may not find them sees one
and the same world throughout: every answer, id, count, e-mail and record is equal byte for byte.
"""

import io
import json
import uuid
import zipfile
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import pytest_asyncio

from infra.documents import app_of
from shared.messaging.topics.catalogue import STATE_TOPICS
from shared.services import SERVICES
from shared.testing.processes import SERVICE_TOKEN
from shared.testing.reading import latest
from shared.testing.wait import until
from tests.integration.whole_stack import WholeStack, whole_stack

LINK = "https://www.linkedin.com/in/"
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
SECRET, EARLIER, GUESSED = "Secretcorp", "Formerwork", "Lumenforge"
"""Where the person works, where they did, and where an address book says that they do."""

ADDRESS, URL = "victim@private.example", f"{LINK}vera-v"
TITLES = {"titles": ["Data Engineer"], "skills": ["Python", "PostgreSQL"]}
STRANGER = [f"x,y,,{ADDRESS},,,", f"V,V,{URL},,{GUESSED},Engineer,", f"Ida,Inside,,ida@s.example,{SECRET},Engineer,"]
HELPER = ["Omar,Osei,,omar@mail.example,,,01 Feb 2021", f"Ida,Inside,,ida@s.example,{SECRET},Engineer,"]
COLLEAGUE = [f"Vera,Victim,{URL},{ADDRESS},{SECRET},Engineer,01 Mar 2022", "Omar,Osei,,omar@mail.example,,,"]
HERS = [
    "Omar,Osei,,omar@mail.example,Initech,Engineer,01 Feb 2021",
    f"Cole,League,{LINK}cole,cole@work.example,{SECRET},Manager,01 Mar 2022",
    "Kai,Keen,,kai@mail.example,Globex,Recruiter,01 Feb 2021",
    f"Ida,Inside,,ida@s.example,{SECRET},Engineer,01 Feb 2021",
    f"Gus,Guess,,gus@l.example,{GUESSED},Engineer,01 Feb 2021",
]

READ_ELSEWHERE = {"/v1/inbox/stream"}
"""Answers that do not end; what this one tells stands in the inbox and in the e-mails."""


@dataclass(frozen=True)
class Member:
    """A member and their token."""

    id: str
    token: str


@dataclass
class World:
    """The stack, those who look, and the openings."""

    stack: WholeStack
    observers: dict[str, Member]
    key: str
    openings: list[str]

    async def rest(self) -> None:
        """Everything that was said has arrived."""
        await self.stack.rest()


async def join(stack: WholeStack, name: str, email: str, **more: Any) -> Member:
    person = {"name": name, "email": email, "verified": True} | more
    made = await stack.ok("profiles", "POST", "/internal/v1/members", json=person)
    return Member(made["member_id"], made["token"])


async def bring(stack: WholeStack, who: Member, rows: list[str]) -> Any:
    content = "\n".join([HEADER, *rows])
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    path = "/v1/contacts/import?source=linkedin"
    return await stack.ok("profiles", "POST", path, who.token, content=content, headers=headers)


def employed(company: str, title: str = "Data Engineer", **more: str) -> dict[str, str]:
    return {"company": company, "title": title} | more


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(module_kafka, module_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("twins")
    at_once = {"WARMPATH_REACH_AFTER_SECONDS": "0", "WARMPATH_REACH_SEEKING_DAYS": "0"}
    async with whole_stack(module_kafka.bootstrap, module_database, folder, **at_once) as stack:
        stranger = await join(stack, "Omar Osei", "omar@mail.example", seeking=TITLES, introduces=True)
        colleague = await join(
            stack, "Cole League", "cole@work.example", seeking=TITLES, employments=[employed(SECRET)]
        )
        helper = await join(stack, "Kai Keen", "kai@mail.example", introduces=True)
        for who, rows in ((stranger, [*STRANGER, "Kai,Keen,,kai@mail.example,,,01 Feb 2021"]), (colleague, COLLEAGUE)):
            await bring(stack, who, rows)
        await bring(stack, helper, [*HELPER, *COLLEAGUE[:1]])
        made = await stack.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
        key = made["api_key"]
        openings = [
            (await stack.ok("postings", "POST", "/v1/postings", key, json=opening(company)))["posting_id"]
            for company in (SECRET, EARLIER, GUESSED)
        ]
        observers = {"stranger": stranger, "colleague": colleague, "helper": helper}
        yield World(stack, observers, key, openings)


def opening(company: str, **more: Any) -> dict[str, Any]:
    return {
        "external_id": f"{company}-1",
        "company": {"name": company},
        "title": "Data Engineer",
        "skills": ["Python", "PostgreSQL"],
        "workplace": "remote",
    } | more


async def seen_by_members(world: World, person: str) -> dict[str, str]:
    """Each answer that a member can have by reading, for each observer. `person` is a member's id, or nobody's."""
    found = {}
    for name, who in world.observers.items():
        book = (await world.stack.ok("profiles", "GET", "/v1/contacts", who.token))["items"]
        inbox = (await world.stack.ok("notifications", "GET", "/v1/inbox", who.token))["items"]
        known = {
            "contact_id": [*(each["id"] for each in book), person],
            "item_id": [each["id"] for each in inbox] or [str(uuid.UUID(int=1))],
            "posting_id": world.openings,
            "company": [SECRET, EARLIER, GUESSED],
            "kind": ["titles", "skills", "places", "companies"],
            "introduction_id": [str(uuid.UUID(int=1))],
        }
        known |= dict.fromkeys(("id", "introducer", "introducer_id"), known["contact_id"])
        for service, path, parameters in readable():
            for values in product(*(known[parameter] for parameter in parameters)):
                filled, query = fill(path, parameters, values)
                answer = await world.stack.call(service, "GET", filled, who.token, params=query)
                found[f"{name} {service} {filled} {query}".replace(person, "PERSON")] = stable(answer, person)
        for item in inbox:
            for path in item.get("paths", ()):
                query = {"introducer": path["introducer_id"]}
                draft = f"/v1/inbox/{item['id']}/draft"
                answer = await world.stack.call("notifications", "GET", draft, who.token, params=query)
                found[f"{name} draft {item['id']} {query}"] = stable(answer, person)
    return found


@cache
def readable() -> list[tuple[str, str, tuple[str, ...]]]:
    """(service, path, parameters to fill) of each endpoint that members read, from the services' own descriptions."""
    found = []
    for service in SERVICES:
        if service == "postings":  # members do not call it
            continue
        for path, methods in app_of(service).openapi()["paths"].items():
            if path.startswith("/v1/") and "get" in methods and path not in READ_ELSEWHERE:
                wanted = [one["name"] for one in methods["get"].get("parameters", ()) if one["required"]]
                found.append((service, path, tuple(wanted)))
    return found


def fill(path: str, parameters: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The path, and what is asked after it."""
    query = {}
    for name, value in zip(parameters, values, strict=True):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", value)
        else:
            query[name] = value
    return path, query


def stable(answer: Any, person: str) -> str:
    """Status and body. The id that was asked for stands in an error's `instance`, and request ids are drawn."""
    if answer.headers.get("content-type") == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:  # the others tell of the reader's own doings
            body = {name: json.loads(archive.read(name)) for name in ("profile.json", "contacts.json")}
    else:
        body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body.pop("request_id", None)
        for told in (body, *body.get("items", ())):
            told.pop("counted_at", None)  # of a reach
    return f"{answer.status_code} {json.dumps(body, sort_keys=True)}".replace(person, "PERSON")


async def said_again(world: World, person: str) -> dict[str, str]:
    """What answers to a change say: each observer says again what they said, and tries what needs the person's yes."""
    found, call = {}, world.stack.call
    for name, who in world.observers.items():
        rows = {"stranger": STRANGER, "colleague": COLLEAGUE, "helper": [*HELPER, *COLLEAGUE[:1]]}[name]
        extra = ["Kai,Keen,,kai@mail.example,,,01 Feb 2021"] if name == "stranger" else []
        found[f"{name} import"] = json.dumps(await bring(world.stack, who, [*rows, *extra]))
        book = (await world.stack.ok("profiles", "GET", "/v1/contacts", who.token))["items"]
        for contact in [*book, {"id": person, "name": "the person"}]:
            where = f"/v1/contacts/{contact['id']}"
            for method, path, body in (
                ("PUT", "closeness", {"value": 4}),
                ("PUT", "worked-together", {"company": SECRET, "months": 20}),
                ("DELETE", "block", None),
                ("POST", "confirm", {"member_id": person}),
                ("POST", "confirm", {}),
            ):
                answer = await call("profiles", method, f"{where}/{path}", who.token, json=body)
                found[f"{name} {method} {where} {path} {body}".replace(person, "PERSON")] = stable(answer, person)
    return found


async def reach_again(world: World) -> None:
    """A week later: the reach of every opening is worked out again."""
    admin = world.stack.admin
    await admin.execute("UPDATE postings.postings SET reach_due_at = now() - interval '1 second' WHERE status = 'open'")
    waiting = "SELECT count(*) FROM postings.postings WHERE status = 'open' AND reach_due_at < now() + interval '1 day'"
    await until(lambda: _is_zero(admin, waiting), timeout=90, every=0.2, what="every reach is worked out")


async def _is_zero(admin: Any, count: str) -> bool:
    return bool(await admin.fetchval(count) == 0)


async def seen_by_the_recruiter(world: World, person: str) -> dict[str, str]:
    """What an organisation can read or provoke, with the person named as hiring contact."""
    found, call = {}, world.stack.call
    for posting in world.openings:
        for path in ("", "/reach"):
            answer = await call("postings", "GET", f"/v1/postings/{posting}{path}", world.key)
            found[f"recruiter {posting}{path}"] = stable(answer, person)
        assert '"seekers": "<10"' in found[f"recruiter {posting}/reach"]
    named = opening("Invented", external_id="guess", hiring_contact=person)
    found["recruiter names"] = stable(await call("postings", "POST", "/v1/postings", world.key, json=named), person)
    found["recruiter list"] = stable(await call("postings", "GET", "/v1/postings", world.key), person)
    return found


async def records_about(world: World) -> dict[str, str]:
    """The records of the observers, their books and their suggestions, versions aside: nobody reads these."""
    found = {}
    for topic in STATE_TOPICS:
        for key, (_, value) in (await latest(world.stack.bootstrap, topic.name, topic.partitions)).items():
            mine = [name for name, who in world.observers.items() if key.startswith(who.id)]
            book = value is not None and value.get("imported_by") in {who.id for who in world.observers.values()}
            if mine or book or topic.name == "postings.v1":
                found[f"{topic.name} {key}"] = json.dumps(value, sort_keys=True)
    return found


async def everything(world: World, person: str | None) -> dict[str, str]:
    """All that others can see now."""
    one = person or str(uuid.uuid4())
    changes = await said_again(world, one)
    await world.stack.rest()
    await reach_again(world)
    answers = await seen_by_members(world, one) | await seen_by_the_recruiter(world, one)
    mails = {f"mail {number}": mail for number, mail in enumerate(sorted(world.stack.mails()))}
    return answers | changes | await records_about(world) | mails


async def hide(world: World) -> Member:
    """She joins with a verified address and a link that she claims, and agrees to nothing."""
    jobs = [employed(SECRET), employed(EARLIER, start="2020-01", end="2023-01")]
    person = await join(world.stack, "Vera Victim", ADDRESS, employments=jobs)
    await world.stack.ok("profiles", "PATCH", "/v1/me", person.token, json={"profile_url": URL})
    return person


async def live(world: World, person: Member) -> None:
    """All that she can do without letting anybody find her: seek, bring a book, rate, block, change work and name."""
    stack = world.stack
    await bring(stack, person, HERS)
    change = {"name": "Vera V.", "seeking": TITLES | {"blocked_companies": ["Initech"]}, "skills": ["Python"]}
    await stack.ok("profiles", "PATCH", "/v1/me", person.token, json=change | {"looks_openly": True})
    book = (await stack.ok("profiles", "GET", "/v1/contacts", person.token))["items"]
    for number, contact in enumerate(book):
        where = f"/v1/contacts/{contact['id']}"
        await stack.ok("profiles", "PUT", f"{where}/closeness", person.token, json={"value": 1 + number % 5})
        worked = {"company": EARLIER, "months": 30}
        await stack.ok("profiles", "PUT", f"{where}/worked-together", person.token, json=worked)
    await stack.rest()


async def yes_by_hand(world: World, rows: list[str]) -> tuple[Member, str, str]:
    """A writer who asked by a link somebody of these rows, whom they list: the writer, the introduction, the token."""
    stack = world.stack
    writer = await join(stack, "Wren Write", "wren@mail.example", seeking=TITLES)
    await bring(stack, writer, rows)
    await stack.rest()
    [contact] = (await stack.ok("profiles", "GET", "/v1/contacts", writer.token))["items"]
    asked = {"company": GUESSED, "introducer_ids": [contact["id"]], "known_as_looking": True}
    one = (await stack.ok("introductions", "POST", "/v1/introductions", writer.token, json=asked))["id"]
    made = await stack.ok("introductions", "POST", f"/v1/introductions/{one}/link", writer.token)
    token = made["url"].rpartition("/")[2]
    as_console = {"token": SERVICE_TOKEN, "json": {"source": "192.0.2.1"}}
    opened = await stack.ok("introductions", "POST", f"/v1/answers/{token}/open", **as_console)
    as_console["json"] |= {"form_token": opened["form_token"], "answer": "yes"}
    await stack.ok("introductions", "POST", f"/v1/answers/{token}", **as_console)
    await stack.rest()
    return writer, one, token


async def seen_by_the_writer(world: World, writer: Member, one: str, person: str) -> dict[str, str]:
    """All that the writer of a link can read, with the introduction."""
    theirs = World(world.stack, {"writer": writer}, world.key, world.openings)
    await world.stack.rest()
    found = await seen_by_members(theirs, person)
    told = await world.stack.call("introductions", "GET", f"/v1/introductions/{one}", writer.token)
    return found | {"introduction": stable(told, person)} | await records_about(theirs)


async def says_mine(world: World, token: str, who: Member) -> int:
    answer = await world.stack.call("introductions", "POST", f"/v1/answers/{token}/mine", who.token)
    return answer.status_code


def differences(one: dict[str, str], other: dict[str, str]) -> str:
    """What differs, readable; empty if nothing does."""
    keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return "\n".join(f"{key}\n  was {one.get(key)}\n  is  {other.get(key)}" for key in keys)


async def test_nobody_a_hidden_member_a_busy_one_and_one_who_left_look_the_same(world):
    await world.stack.rest()
    await everything(world, None)
    nobody = await everything(world, None)
    assert sum(key.startswith("stranger matching /v1/paths") for key in nobody) == 3
    assert any('"paths": [{' in value for key, value in nobody.items() if key.startswith("stranger notifications"))
    person = await hide(world)
    assert differences(nobody, await everything(world, person.id)) == ""
    await live(world, person)
    assert differences(nobody, await everything(world, person.id)) == ""
    await world.stack.ok("profiles", "DELETE", "/v1/me", person.token)
    await world.stack.rest()
    assert differences(nobody, await everything(world, person.id)) == ""
    assert differences(nobody, await everything(world, None)) == ""


async def test_a_yes_by_a_link_tells_its_writer_of_no_member_before_that_one_says_it_was_theirs(world):
    """The address is of nobody, then of a hidden member; and then it counts, and the writer finds them by their yes."""
    stack, nobody = world.stack, str(uuid.uuid4())
    address = "vale@private.example"
    writer, one, token = await yes_by_hand(world, [f"Vale,Victim,,{address},{GUESSED},Engineer,01 Mar 2021"])
    before = await seen_by_the_writer(world, writer, one, nobody)
    person = await join(stack, "Vale Victim", address, employments=[employed(GUESSED)])
    other = await join(stack, "Omar Other", "other@private.example")
    await bring(stack, person, HERS[:1])
    assert differences(before, await seen_by_the_writer(world, writer, one, person.id)) == ""
    for carrier in (writer, other):
        assert await says_mine(world, token, carrier) == 404
    assert differences(before, await seen_by_the_writer(world, writer, one, person.id)) == ""
    assert await says_mine(world, token, person) == 204
    await stack.rest()
    await until(lambda: _goes_by(world, writer, one, person), what="the introduction goes by the member's id")
    [contact] = (await stack.ok("profiles", "GET", "/v1/contacts", writer.token))["items"]
    assert (contact["member"], contact["id"]) == (True, person.id)


async def _goes_by(world: World, writer: Member, one: str, person: Member) -> bool:
    told = await world.stack.ok("introductions", "GET", f"/v1/introductions/{one}", writer.token)
    assert told["given"] == {"to_you": 1, "by_you": 0}
    return bool(told["introducer"]["id"] == person.id)
