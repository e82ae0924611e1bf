"""Invented people for the console's benchmark: each seeks, knows thousands, and has some dozens of suggestions."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cli.demo.load import call
from cli.demo.services import Services
from shared.testing.wait import until

COMPANIES, AT_EACH = 400, 40
OPENINGS = 60
SKILLS = ("Python", "PostgreSQL", "Kafka")
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
TITLES = ("Data Engineer", "Engineering Manager", "Recruiter", "Product Manager", "Account Executive", "Designer")


@dataclass(frozen=True, slots=True)
class Person:
    """A member with their token, one of their suggestions and one of their contacts."""

    id: str
    token: str
    item: str = ""
    contact: str = ""

    def own(self, path: str) -> str:
        """The address of a page of theirs."""
        return path.format(item=self.item, contact=self.contact)


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, and the key that openings are posted with."""

    people: list[Person]
    key: str

    async def post(self, to: Services, title: str, company: int = 1) -> Any:
        """Post an opening that fits everybody."""
        opening = {
            "external_id": title,
            "company": {"name": f"Company {company}"},
            "title": title,
            "skills": SKILLS,
            "workplace": "remote",
            "locations": ["Lisbon, Portugal"],
            "salary": {"min": 60_000, "max": 70_000, "currency": "EUR"},
            "url": "https://jobs.example/1",
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        return await call(to.postings, "POST", "/v1/postings", json=opening, headers=headers)


async def make(to: Services, people: int, contacts: int) -> World:
    """Load everybody and the openings, and wait until each has suggestions."""
    organisation = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    world = World([await _person(to, number, contacts) for number in range(people)], organisation["api_key"])
    for number in range(OPENINGS):
        await world.post(to, f"Data Engineer {number}", number % COMPANIES)
    return World([await _whole(to, person) for person in world.people], world.key)


async def _person(to: Services, number: int, contacts: int) -> Person:
    seeking = {"titles": ["Data Engineer"], "skills": list(SKILLS)}
    person = {"name": f"Seeker {number}", "email": f"seeker{number}@mail.example", "verified": True, "seeking": seeking}
    made = await call(to.profiles, "POST", "/internal/v1/members", json=person)
    headers = {"Authorization": f"Bearer {made['token']}", "Content-Type": "text/csv; charset=utf-8"}
    book = "\n".join(_book(number, contacts)).encode()
    await call(to.profiles, "POST", "/v1/contacts/import?source=linkedin", content=book, headers=headers)
    return Person(made["member_id"], made["token"])


def _book(number: int, contacts: int) -> Iterator[str]:
    drawn = random.Random(number)
    yield HEADER
    for each in range(contacts):
        company = drawn.randrange(COMPANIES) if each >= COMPANIES else each
        link = f"https://www.linkedin.com/in/p{number}-{each}"
        yield f"Contact{each},Of{number},{link},,Company {company},{drawn.choice(TITLES)},01 Feb 2021"


async def _whole(to: Services, person: Person) -> Person:
    """The person once they have suggestions."""
    found: list[Any] = []

    async def has_some() -> bool:
        answer = await to.notifications.get("/v1/inbox", params={"member": person.id, "limit": 50})
        found[:] = answer.json()["items"] if answer.is_success else []
        return len(found) >= OPENINGS // 2

    await until(has_some, timeout=600, what="everybody has suggestions")
    contacts = await call(to.profiles, "GET", "/v1/contacts", params={"member": person.id, "limit": 1})
    return replace(person, item=found[0]["id"], contact=contacts["items"][0]["id"])
