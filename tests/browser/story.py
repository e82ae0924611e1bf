"""An invented seeker, whom they know, and an opening that fits; used by the journeys."""

from uuid import uuid4

from tests.browser.conftest import Site

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
HOSTILE = "<img src=x onerror=alert(1)>"
BOOK = [
    HEADER,
    "Ida,Inside,https://www.linkedin.com/in/ida-i,,Lumenforge,Engineer,01 Feb 2021",
    "Gus,Guest,https://www.linkedin.com/in/gus-g,,Lumenforge,Technical Recruiter,01 Feb 2022",
    "Wei,Zhao,https://www.linkedin.com/in/wei-z,,Koru Energy,Data Engineer,01 Feb 2020",
    f"Max,{HOSTILE},https://www.linkedin.com/in/max-m,,{HOSTILE},Boss,",
]
OPENING = {
    "company": {"name": "Lumenforge"},
    "title": "Data Engineer",
    "skills": ["Python", "PostgreSQL"],
    "workplace": "remote",
    "url": "https://jobs.example/1",
}


async def post(site: Site, **more: object) -> None:
    made = await site.stack.ok("postings", "POST", "/internal/v1/organisations", json={"name": "Anybody"})
    opening = OPENING | {"external_id": str(uuid4())} | more
    await site.stack.ok("postings", "POST", "/v1/postings", made["api_key"], json=opening)


async def member(site: Site, book: list[str]) -> str:
    """A member who seeks, with this address book."""
    person = {"name": "Amara Okafor", "email": f"{uuid4()}@mail.example", "verified": True}
    person["seeking"] = {"titles": ["Data Engineer"], "skills": ["Python", "PostgreSQL"]}
    made = await site.stack.ok("profiles", "POST", "/internal/v1/members", json=person)
    if len(book) == 1:
        return str(made["member_id"])
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    await site.stack.ok(
        "profiles", "POST", "/v1/contacts/import?source=linkedin", made["token"], content="\n".join(book),
        headers=headers,
    )  # fmt: skip
    return str(made["member_id"])
