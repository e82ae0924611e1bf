"""The smallest world in which an opening is told to somebody: one member, one contact, one opening, all by HTTP."""

from typing import Any

import httpx2

from shared.testing.processes import OPERATOR_TOKEN

SEEKER, EMAIL, PROFILE = "Zorabel Quillfeather", "zorabel.quillfeather@example.org", "linkedin.com/in/zorabel-q"
INSIDER, INSIDER_EMAIL = ("Thaddeus", "Brambleworth"), "thaddeus.brambleworth@example.org"
BOOK = (
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    f"{INSIDER[0]},{INSIDER[1]},https://www.linkedin.com/in/thaddeus-b,{INSIDER_EMAIL},Lumenforge,Engineer,01 Feb 2021"
)
OPENING = {
    "company": {"name": "Lumenforge"},
    "title": "Data Engineer",
    "skills": ["Python", "PostgreSQL"],
    "locations": ["Bergen, Norway"],
    "workplace": "remote",
}


def client(url: str, token: str = OPERATOR_TOKEN) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)


async def call(url: str, method: str, path: str, token: str = OPERATOR_TOKEN, **options: Any) -> Any:
    async with client(url, token) as http:
        return (await http.request(method, path, **options)).raise_for_status().json()


async def member_with_a_contact(profiles: str) -> str:
    person = {
        "name": SEEKER,
        "email": EMAIL,
        "profile_url": f"https://www.{PROFILE}",
        "verified": True,
        "skills": ["Python", "PostgreSQL"],
        "seeking": {"titles": ["Data Engineer"], "skills": ["Python"]},
    }
    made = await call(profiles, "POST", "/internal/v1/members", json=person)
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    await call(profiles, "POST", "/v1/contacts/import?source=linkedin", made["token"], content=BOOK, headers=headers)
    return str(made["token"])


async def a_path(matching: str, token: str) -> bool:
    """Whether the matcher has read enough to find the path."""
    async with client(matching, token) as http:
        answer = await http.get("/v1/paths?company=Lumenforge")
    return answer.is_success and bool(answer.json()["paths"])


async def post(postings: str, key: str, number: int, traceparent: str | None = None) -> None:
    """Post the opening, as the recruiter's `number`-th."""
    opening = OPENING | {"external_id": f"REQ-{number}"}
    headers = {"traceparent": traceparent} if traceparent else {}
    await call(postings, "POST", "/v1/postings", key, json=opening, headers=headers)
