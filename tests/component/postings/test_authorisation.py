"""Who may ask postings for what: every endpoint by kind of caller, own and foreign, as a table that is walked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.web.identity import new_token
from tests.component.postings.conftest import OPERATOR, SERVICE, member
from tests.component.postings.test_api import OPENING

CALLERS = ("owner", "recruiter", "viewer", "stranger", "key", "reading key", "service", "operator", "nobody", "unknown")
READERS = {"owner", "recruiter", "viewer", "key", "reading key"}
POSTERS = {"owner", "recruiter", "key"}
COLLEAGUES = {"owner", "recruiter", "viewer"}
MEMBERS = COLLEAGUES | {"stranger"}
OPERATORS, SERVICES = {"operator"}, {"service"}
ORGANISATION, MINE = "/v1/organisations/{organisation_id}", "?organisation={organisation_id}"
INTERNAL = "/internal/v1/organisations/{organisation_id}"

TABLE: Mapping[tuple[str, str], set[str]] = {
    ("GET", f"/v1/postings{MINE}"): READERS,
    ("POST", f"/v1/postings{MINE}"): POSTERS,
    ("POST", f"/v1/postings/bulk{MINE}"): POSTERS,
    ("GET", f"/v1/postings/{{posting_id}}{MINE}"): READERS,
    ("GET", f"/v1/postings/{{posting_id}}/reach{MINE}"): READERS,
    ("PUT", f"/v1/postings/{{posting_id}}{MINE}"): POSTERS,
    ("PATCH", f"/v1/postings/{{posting_id}}{MINE}"): POSTERS,
    ("POST", f"/v1/postings/{{posting_id}}/close{MINE}"): POSTERS,
    ("DELETE", f"/v1/postings/{{posting_id}}{MINE}"): POSTERS,
    ("POST", "/v1/seen-openings"): MEMBERS,
    ("GET", "/v1/organisations"): MEMBERS | OPERATORS,
    ("POST", "/v1/organisations"): MEMBERS,
    ("GET", ORGANISATION): COLLEAGUES,
    ("PATCH", ORGANISATION): {"owner"},
    ("POST", f"{ORGANISATION}/domain"): {"owner"},
    ("POST", f"{ORGANISATION}/domain/verify"): {"owner"},
    ("POST", f"{ORGANISATION}/domain/record"): {"owner"},
    ("DELETE", f"{ORGANISATION}/domain"): {"owner"},
    ("GET", f"{ORGANISATION}/members"): COLLEAGUES,
    ("PUT", f"{ORGANISATION}/members/{{member_id}}"): {"owner"},
    ("DELETE", f"{ORGANISATION}/members/{{member_id}}"): {"owner"},
    ("GET", f"{ORGANISATION}/invitations"): {"owner"},
    ("POST", f"{ORGANISATION}/invitations"): {"owner"},
    ("DELETE", f"{ORGANISATION}/invitations/{{invitation_id}}"): {"owner"},
    ("POST", "/v1/invitations/look"): MEMBERS,
    ("POST", "/v1/invitations/accept"): MEMBERS,
    ("GET", f"{ORGANISATION}/keys"): {"owner"},
    ("POST", f"{ORGANISATION}/keys"): {"owner"},
    ("POST", f"{ORGANISATION}/keys/{{key_id}}/rotate"): {"owner"},
    ("DELETE", f"{ORGANISATION}/keys/{{key_id}}"): {"owner"},
    ("POST", "/internal/v1/organisations"): OPERATORS,
    ("PUT", f"{INTERNAL}/vouched"): OPERATORS,
    ("GET", f"{INTERNAL}/keys"): OPERATORS,
    ("POST", f"{INTERNAL}/keys"): OPERATORS,
    ("DELETE", f"{INTERNAL}/keys/{{key_id}}"): OPERATORS,
    ("PUT", f"{INTERNAL}/members/{{member_id}}"): OPERATORS,
    ("GET", "/internal/v1/members/{member_id}/organisations"): OPERATORS | SERVICES,
    ("GET", "/internal/v1/audit"): OPERATORS,
    ("POST", "/internal/v1/audit/letters"): OPERATORS,
    ("GET", "/internal/v1/dead-letters"): OPERATORS,
    ("GET", "/internal/v1/dead-letters/{letter}"): OPERATORS,
    ("POST", "/internal/v1/dead-letters/resolve"): OPERATORS,
    ("GET", "/internal/v1/lag"): OPERATORS,
    ("POST", "/internal/v1/reconcile?topic=none"): OPERATORS,
    ("POST", "/internal/v1/introspect"): SERVICES,
}
"""Who is let in. What belongs to others is a 404 to every member, whether or not it exists."""

BODIES: Mapping[str, Any] = {
    "/v1/postings": OPENING,
    "/v1/postings/bulk": [OPENING],
    "/v1/postings/{posting_id}": OPENING,
    "/v1/seen-openings": {"text": "Data Engineer"},
    "/v1/organisations": {"name": "Another"},
    ORGANISATION: {"name": "Initech"},
    f"{ORGANISATION}/domain": {"email": "ada@initech.example"},
    f"{ORGANISATION}/domain/verify": {"code": "000000"},
    f"{ORGANISATION}/domain/record": {"domain": "initech.example"},
    f"{ORGANISATION}/members/{{member_id}}": {"role": "viewer"},
    f"{ORGANISATION}/invitations": {"email": "ben@initech.example", "role": "viewer"},
    "/v1/invitations/look": {"link": "none"},
    "/v1/invitations/accept": {"link": "none"},
    f"{ORGANISATION}/keys": {"name": "ours", "scope": "post"},
    f"{ORGANISATION}/keys/{{key_id}}/rotate": {"overlap_hours": 1},
    "/internal/v1/organisations": {"name": "Made by an operator"},
    f"{INTERNAL}/vouched": {"vouched": True},
    f"{INTERNAL}/members/{{member_id}}": {"role": "viewer"},
    "/internal/v1/audit/letters": {"step": "replaying", "letters": ["0:1"]},
    "/internal/v1/dead-letters/resolve": {"outcome": "dropped", "letters": ["0:1"]},
    "/internal/v1/introspect": {"token": "wpr_none"},
}


@dataclass
class World:
    """An organisation with somebody in each role and its keys, and another one of which they are no part."""

    ids: dict[str, str]
    tokens: dict[str, str]
    foreign: dict[str, str] = field(default_factory=dict)


async def world(service) -> World:
    tokens = {name: member(name) for name in MEMBERS} | {"service": SERVICE, "operator": OPERATOR}
    tokens |= {"nobody": "", "unknown": new_token("recruiter")[0]}
    ours = await an_organisation(service, tokens["owner"], "owner")
    await service.ok("PUT", INTERNAL.format(**ours) + "/vouched", OPERATOR, json={"vouched": True})
    for role in ("recruiter", "viewer"):
        await service.ok("PUT", f"{INTERNAL.format(**ours)}/members/{role}", OPERATOR, json={"role": role})
    await service.ok("PUT", f"{INTERNAL.format(**ours)}/members/somebody", OPERATOR, json={"role": "viewer"})
    for name, scope in (("key", "post"), ("reading key", "read")):
        keys = f"{ORGANISATION.format(**ours)}/keys"
        tokens[name] = (await service.ok("POST", keys, tokens["owner"], json={"name": name, "scope": scope}))["api_key"]
    theirs = await an_organisation(service, member("other"), "other")
    return World(ours, tokens, theirs)


async def an_organisation(service, token: str, who: str) -> dict[str, str]:
    await service.pool.execute("DELETE FROM limits")
    made = await service.ok("POST", "/v1/organisations", token, json={"name": f"Made by {who}"})
    organisation = made["organisation_id"]
    of = f"?organisation={organisation}"
    posting = (await service.ok("POST", f"/v1/postings{of}", token, json=OPENING))["posting_id"]
    key = (await service.ok("POST", f"/v1/organisations/{organisation}/keys", token, json={"name": "one"}))["key_id"]
    invitation = "11111111-1111-4111-8111-111111111111"
    return {
        "organisation_id": organisation, "posting_id": posting, "key_id": key, "member_id": "somebody",
        "invitation_id": invitation, "letter": "0:1",
    }  # fmt: skip


async def ask(service, method: str, path: str, token: str | None, ids: Mapping[str, str]) -> int:
    body = BODIES.get(path.partition("?")[0])
    options = {"json": body} if body is not None and method in ("POST", "PUT", "PATCH") else {}
    return (await service.call(method, path.format(**ids), token, **options)).status_code


def test_every_endpoint_is_in_the_table(service):
    described = {
        (method.upper(), path)
        for path, methods in service.app.openapi()["paths"].items()
        for method in methods
        if path not in ("/live", "/ready", "/metrics")
    }
    assert {(method, path.partition("?")[0]) for method, path in TABLE} == described


@pytest.mark.parametrize("caller", CALLERS)
async def test_each_kind_of_caller_is_let_in_where_the_table_says(service, caller):
    made = None
    for (method, path), allowed in TABLE.items():
        if made is None or method == "DELETE" or "rotate" in path:
            made = await world(service)  # what the one before may have deleted is there again
        status = await ask(service, method, path, made.tokens[caller], made.ids)
        if caller in allowed:
            assert status != 401, f"{caller} may {method} {path}"
            assert status != 403 or path.endswith("/verify"), f"{caller} may {method} {path}: {status}"
        else:
            expected = (401,) if caller in ("nobody", "unknown") else (403, 404)
            assert status in expected, f"{caller} must not {method} {path}: {status}"


@pytest.mark.parametrize("caller", [*sorted(MEMBERS), "key", "reading key"])
async def test_what_belongs_to_others_is_not_there_whether_or_not_it_exists(service, caller):
    made = await world(service)
    nobody = dict.fromkeys(made.foreign, new_token("member")[0]) | {"invitation_id": made.foreign["invitation_id"]}
    for method, path in TABLE:
        if "{organisation_id}" not in path or "internal" in path:
            continue
        foreign = await ask(service, method, path, made.tokens[caller], made.foreign)
        missing = await ask(service, method, path, made.tokens[caller], nobody)
        assert foreign == missing, f"{method} {path}"
        assert foreign in (404, 403), f"{method} {path}: {foreign}"
        for one in ("posting_id", "key_id"):
            if one in path:
                mixed = made.ids | {one: made.foreign[one]}
                assert await ask(service, method, path, made.tokens[caller], mixed) in (404, 403), f"{method} {path}"
    after = await service.ok(
        "GET", f"/v1/postings/{made.foreign['posting_id']}{MINE.format(**made.foreign)}", member("other")
    )
    assert (after["status"], after["version"] > 0) == ("open", True)
