"""Who else there is in the demo: somebody who recruits, and somebody who operates the stack."""

from cli.demo.load import call
from cli.demo.services import Services

OPERATOR_ADDRESS = "olu.bello@operators.example"
"""Whoever has it verified is an operator: a setting of the demo says so."""

RECRUITER, OPERATOR = ("Rosa Lindqvist", "rosa.lindqvist@recruiters.example"), ("Olu Bello", OPERATOR_ADDRESS)


async def join(to: Services, organisation_id: str) -> list[tuple[str, str, str]]:
    """Make both members, the recruiter an owner of the organisation. What each is, their id, and their first page."""
    recruiter, operator = [await _add(to, *who) for who in (RECRUITER, OPERATOR)]
    path = f"/internal/v1/organisations/{organisation_id}/members/{recruiter}"
    await call(to.postings, "PUT", path, json={"role": "owner"})
    return [
        (f"{RECRUITER[0]}, who recruits", recruiter, f"/organisations/{organisation_id}"),
        (f"{OPERATOR[0]}, who operates the stack", operator, "/operations"),
    ]


async def _add(to: Services, name: str, email: str) -> str:
    person = {"name": name, "email": email, "verified": True}
    return str((await call(to.profiles, "POST", "/internal/v1/members", json=person))["member_id"])
