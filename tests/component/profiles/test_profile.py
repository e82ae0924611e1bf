"""Who may ask what, and the member's own profile."""

import re
from typing import Any

from shared.web.identity import Caller, RemoteAuthenticator

SERVICE, OPERATOR = "service-" + "s" * 20, "operator-" + "o" * 20
FULL: dict[str, Any] = {
    "name": "Dana Okafor",
    "email": "dana@example.org",
    "profile_url": "https://www.linkedin.com/in/dana-okafor",
    "time_zone": "Africa/Lagos",
    "employments": [{"company": "Initech", "title": "Engineer", "start": "2020-01", "end": None}],
    "skills": ["Python", "SQL"],
    "seeking": {
        "titles": ["Data Engineer"],
        "skills": ["Kafka"],
        "locations": ["Lagos"],
        "workplace": ["remote"],
        "seniority": "senior",
        "salary": {"min": 50000, "currency": "EUR"},
        "blocked_companies": ["Hooli"],
    },
    "introduces": True,
    "discreet": False,
    "hiring_contact_for": ["org-1"],
}
MINE = [
    ("GET", "/v1/me", None),
    ("PUT", "/v1/me", FULL),
    ("PATCH", "/v1/me", {}),
    ("DELETE", "/v1/me", None),
    ("GET", "/v1/me/export", None),
    ("POST", "/v1/contacts/import", None),
    ("POST", "/v1/me/import", None),
    ("GET", "/v1/me/corrections", None),
    ("PUT", "/v1/me/corrections", {"name": "Initech", "company": None}),
    ("DELETE", "/v1/me/corrections?name=Initech", None),
    ("GET", "/v1/contacts", None),
    ("GET", "/v1/contact-sources", None),
    ("DELETE", "/v1/contact-sources/linkedin", None),
    ("GET", "/v1/contacts/named?id=c", None),
    ("GET", "/v1/companies", None),
    ("GET", "/v1/contacts/c", None),
    ("PUT", "/v1/contacts/closeness", {"ratings": [{"contact_id": "c", "value": 3}]}),
    ("PUT", "/v1/contacts/c/closeness", {"value": 3}),
    ("DELETE", "/v1/contacts/c/closeness", None),
    ("PUT", "/v1/contacts/c/worked-together", {"company": "Initech", "months": 5}),
    ("DELETE", "/v1/contacts/c/worked-together", None),
    ("PUT", "/v1/contacts/c/block", None),
    ("DELETE", "/v1/contacts/c/block", None),
    ("PUT", "/v1/contacts/c/may-find-me", None),
    ("DELETE", "/v1/contacts/c/may-find-me", None),
    ("POST", "/v1/contacts/c/confirm", {}),
]
OPERATORS = [
    ("POST", "/internal/v1/members", {"name": "A", "email": "a@example.org"}),
    ("POST", "/internal/v1/members/m/tokens", None),
    ("DELETE", "/internal/v1/members/m/tokens", None),
    ("PUT", "/internal/v1/members/m/verified-email", {"email": "a@example.org"}),
    ("POST", "/internal/v1/members/m/sign-in-links", None),
    ("GET", "/internal/v1/members/m/book", None),
]
MEMBERS = [
    ("POST", "/v1/me/email", {"email": "a@example.org"}),
    ("POST", "/v1/me/email/verify", {"code": "123456"}),
    ("GET", "/v1/sessions", None),
    ("DELETE", "/v1/sessions", None),
    ("DELETE", "/v1/sessions/current", None),
    ("DELETE", "/v1/sessions/00000000-0000-4000-8000-000000000000", None),
    ("GET", "/v1/tokens", None),
    ("POST", "/v1/tokens", {"name": "Mine"}),
    ("DELETE", "/v1/tokens/00000000-0000-4000-8000-000000000000", None),
]
"""What nobody may do for a member, not even an operator."""

ONLY_SERVICES = [
    ("POST", "/internal/v1/sign-ins", {"email": "a@example.org", "browser": "b", "source": "s"}),
    ("POST", "/internal/v1/sign-ins/finish", {"link": "l", "browser": "b"}),
    ("GET", "/internal/v1/sign-ins/provider", None),
    ("POST", "/internal/v1/sign-ins/provider", {"browser": "b", "source": "s"}),
    ("POST", "/internal/v1/sign-ins/provider/finish", {"state": "s", "code": "c"}),
    ("POST", "/internal/v1/entries/now", {"ids": ["c"]}),
    ("POST", "/internal/v1/entries/c/answered", {"owner_id": "m", "member_id": "n"}),
    ("POST", "/internal/v1/entries/c/forget", None),
    ("POST", "/internal/v1/forgetting", {"email": "a@example.org", "source": "s"}),
    (
        "POST",
        "/internal/v1/forgetting/finish",
        {"forgetting_id": "00000000-0000-4000-8000-000000000000", "code": "123456"},
    ),
]
NOBODY_ELSES = [("GET", "/v1/vocabulary?kind=titles&q=data", None)]
"""For members and operators alike, and about nobody."""

SERVICES = [
    ("POST", "/internal/v1/cards", {"ids": [], "viewer": "m"}),
    ("POST", "/internal/v1/introspect", {"token": "x"}),
]
EVERY = [*MINE, *MEMBERS, *OPERATORS, *SERVICES, *ONLY_SERVICES, *NOBODY_ELSES]
OF_EVERY_SERVICE = {
    "/live",
    "/ready",
    "/metrics",
    "/internal/v1/audit",
    "/internal/v1/audit/letters",
    "/internal/v1/reconcile",
    "/internal/v1/lag",
    "/internal/v1/dead-letters",
    "/internal/v1/dead-letters/{letter}",
    "/internal/v1/dead-letters/resolve",
}
"""Tested with the parts that all services share."""

ON_A_CONTACT = [route for route in MINE if f"{route[1]}/".startswith("/v1/contacts/c/")]


def options(body: Any) -> dict[str, Any]:
    return {} if body is None else {"json": body}


async def test_no_known_token_is_401(service):
    for method, path, body in EVERY:
        for token in (None, "wpm_nobody", "nonsense"):
            answer = await service.call(method, path, token, **options(body))
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_another_kind_of_caller_is_403(service, dana):
    of_services = [*SERVICES, *ONLY_SERVICES]
    for routes, token in (
        ([*MINE, *MEMBERS, *NOBODY_ELSES], SERVICE),
        ([*MEMBERS, *ONLY_SERVICES], OPERATOR),
        ([*OPERATORS, *of_services], dana),
        (OPERATORS, SERVICE),
    ):
        for method, path, body in routes:
            assert (await service.call(method, path, token, **options(body))).status_code == 403, path


def test_every_endpoint_is_in_these_lists(service):
    listed = {(method, path.split("?")[0]) for method, path, _ in EVERY}
    unknown = []
    for path, methods in service.app.openapi()["paths"].items():
        pattern = re.compile(re.sub(r"\{\w+\}", r"[^/]+", path))
        unknown += [(m, path) for m in methods if not any(m.upper() == o and pattern.fullmatch(p) for o, p in listed)]
    assert {path for _, path in unknown} <= OF_EVERY_SERVICE


async def test_a_recruiters_key_is_403_and_not_unknown(service, monkeypatch):
    async def find(_self: RemoteAuthenticator, _token: str, **_: bool) -> Caller:
        return Caller("recruiter", "r")

    monkeypatch.setattr(RemoteAuthenticator, "find", find)
    assert (await service.call("GET", "/v1/me", "wpr_" + "x" * 43)).status_code == 403


async def test_an_operator_must_say_for_which_member(service):
    for method, path, body in MINE:
        answer = await service.call(method, path, OPERATOR, **options(body))
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["field"] == "member"


async def test_somebody_elses_contact_is_404(service, dana):
    eve = await service.member("Eve Stone", "eve@example.org")
    await service.bring(eve, "Ana,Silva,,,Initech,,")
    before = await service.contacts(eve)
    for contact_id in (before["Ana Silva"]["id"], eve.id, "unknown"):
        for method, path, body in ON_A_CONTACT:
            theirs = path.replace("contacts/c", f"contacts/{contact_id}")
            assert (await service.call(method, theirs, dana, **options(body))).status_code == 404, path
    assert await service.contacts(eve) == before


async def test_an_unknown_or_other_member_is_404(service, dana):
    eve = await service.member("Eve Stone", "eve@example.org")
    for method, path, body in MINE[:4]:
        assert (await service.call(method, f"{path}?member=unknown", OPERATOR, **options(body))).status_code == 404
        assert (await service.call(method, f"{path}?member={eve.id}", dana, **options(body))).status_code == 404


async def test_tokens_of_an_unknown_member_are_404(service):
    for method in ("POST", "DELETE"):
        assert (await service.call(method, "/internal/v1/members/unknown/tokens", OPERATOR)).status_code == 404


BAD = [
    ({"name": ""}, "name"),
    ({"name": "\u200b"}, "name"),
    ({"name": None}, "name"),
    ({"email": "nobody"}, "email"),
    ({"profile_url": "javascript:alert(1)"}, "profile_url"),
    ({"profile_url": "https://example.org/in/dana"}, "profile_url"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "../etc/passwd"}, "time_zone"),
    ({"skills": "Python"}, "skills"),
    ({"skills": [""]}, "skills.0"),
    ({"introduces": "perhaps"}, "introduces"),
    ({"employments": [{"title": "Engineer"}]}, "employments.0.company"),
    ({"employments": [{"company": "A", "start": "2021-02-30"}]}, "employments.0.start"),
    ({"employments": [{"company": "A", "start": "2021-01", "end": "2020-01"}]}, "employments.0"),
    ({"seeking": {"seniority": "wizard"}}, "seeking.seniority"),
    ({"seeking": {"workplace": ["moon"]}}, "seeking.workplace.0"),
    ({"seeking": {"salary": {"min": -1, "currency": "EUR"}}}, "seeking.salary.min"),
    ({"seeking": {"salary": {"min": 1, "currency": "euro"}}}, "seeking.salary.currency"),
    ({"seeking": {"salary": {"min": 1, "currency": "XXX"}}}, "seeking.salary.currency"),
    ({"seeking": {"salary": {"min": 1e12, "currency": "EUR"}}}, "seeking.salary.min"),
    ({"seeking": {"title": ["misspelt"]}}, "seeking.title"),
    ({"seeking": {"discreet": False}}, "seeking.discreet"),
    ({"findable": "everybody"}, "findable"),
    ({"nickname": "D"}, "nickname"),
]


async def test_a_bad_profile_is_422_and_names_the_field(service, dana):
    for changes, field in BAD:
        for method, body in (("PUT", FULL | changes), ("PATCH", changes)):
            answer = await service.call(method, "/v1/me", dana, json=body)
            assert answer.status_code == 422, changes
            assert answer.headers["content-type"] == "application/problem+json"
            assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_currency_is_understood_in_lower_case(service, dana):
    me = await service.ok("PATCH", "/v1/me", dana, json={"seeking": {"salary": {"min": 1, "currency": "eur"}}})
    assert me["seeking"]["salary"]["currency"] == "EUR"


async def test_a_bad_new_member_is_422(service):
    for body, field in (({"name": "A"}, "email"), ({"name": "A", "email": "a@b.example", "admin": True}, "admin")):
        answer = await service.call("POST", "/internal/v1/members", OPERATOR, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


async def test_a_profile_is_kept_and_published_without_name_and_address(service, dana):
    me = await service.ok("PUT", "/v1/me", dana, json=FULL)
    assert me == await service.ok("GET", "/v1/me", dana)
    assert me["employments"] == [{"company": "Initech", "title": "Engineer", "start": "2020-01-01", "end": None}]
    assert (me["member_id"], me["email_verified"], me["profile_verified"], me["contacts"]) == (dana.id, True, False, 0)
    event = (await service.said("people.v1"))[dana.id]
    assert event.pop("version") > 1_700_000_000_000
    assert event == {
        "person_id": dana.id,
        "member": True,
        "employments": [{"company": "Initech", "title": "Engineer", "start": "2020-01-01"}],
        "skills": ["Python", "SQL"],
        "seeking": FULL["seeking"]
        | {"salary": {"min": 50000.0, "currency": "EUR", "period": "year"}, "discreet": False, "since": "2026-03-10"},
        "introduces": True,
        "hiring_contact_for": ["org-1"],
    }


async def test_introducing_is_off_until_somebody_agrees(service, dana):
    assert (await service.said("people.v1"))[dana.id]["introduces"] is False


async def test_a_patch_changes_what_it_names(service, dana):
    before = await service.ok("PUT", "/v1/me", dana, json=FULL)
    after = await service.ok("PATCH", "/v1/me", dana, json={"introduces": False, "seeking": None})
    assert after == before | {"introduces": False, "seeking": None}
    event = (await service.said("people.v1"))[dana.id]
    assert event["introduces"] is False
    assert "seeking" not in event


async def test_only_what_topics_can_see_is_published(service, dana):
    await service.ok("PUT", "/v1/me", dana, json=FULL)
    before = await service.outbox()
    await service.ok("PUT", "/v1/me", dana, json=FULL | {"name": "D. Okafor", "time_zone": "UTC"})
    await service.ok("PATCH", "/v1/me", dana, json={"email": "d@example.org"})
    assert await service.outbox() == before


async def test_versions_grow(service, dana):
    first = (await service.said("people.v1"))[dana.id]["version"]
    await service.ok("PATCH", "/v1/me", dana, json={"skills": ["Python"]})
    assert (await service.said("people.v1"))[dana.id]["version"] > first


async def _mailed_to(service, member: Any) -> str | None:
    """The address that a message to the member would go to."""
    asked = {"ids": [member.id], "viewer": member.id}
    answer = await service.ok("POST", "/internal/v1/cards", SERVICE, json=asked)
    return answer["cards"][0]["email"]


async def _verify(service, member: Any, email: str) -> int:
    path = f"/internal/v1/members/{member.id}/verified-email"
    return (await service.call("PUT", path, OPERATOR, json={"email": email})).status_code


async def test_a_changed_address_counts_once_it_is_verified_and_the_old_one_until_then(service, dana):
    me = await service.ok("PATCH", "/v1/me", dana, json={"email": "new@example.org"})
    assert (me["email"], me["email_verified"], me["verified_email"]) == ("new@example.org", False, "dana@example.org")
    assert await _mailed_to(service, dana) == "dana@example.org"
    await service.ok("PATCH", "/v1/me", dana, json={"skills": ["Python"]})
    assert await service.ok("PUT", "/v1/me", dana, json=FULL | {"email": "new@example.org"})
    assert await _mailed_to(service, dana) == "dana@example.org"
    assert await _verify(service, dana, "new@example.org") == 204
    me = await service.ok("GET", "/v1/me", dana)
    assert (me["email"], me["email_verified"], me["verified_email"]) == ("new@example.org", True, "new@example.org")
    assert await _mailed_to(service, dana) == "new@example.org"


async def test_an_address_that_was_never_verified_is_replaced_and_gets_nothing(service):
    eve = await service.member("Eve Stone", "eve@example.org")
    me = await service.ok("PATCH", "/v1/me", eve, json={"email": "other@example.org"})
    assert (me["email"], me["email_verified"], me["verified_email"]) == ("other@example.org", False, None)
    assert await _mailed_to(service, eve) is None
    assert await _verify(service, eve, "eve@example.org") == 422, "they gave another one since"
    assert await _verify(service, eve, "other@example.org") == 204
    assert await _mailed_to(service, eve) == "other@example.org"


async def test_giving_the_old_address_again_forgets_the_new_one(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"email": "new@example.org"})
    me = await service.ok("PATCH", "/v1/me", dana, json={"email": "dana@example.org"})
    assert (me["email"], me["email_verified"]) == ("dana@example.org", True)
    assert await _verify(service, dana, "new@example.org") == 422


async def test_an_address_that_waits_finds_nobody_and_is_found_by_nobody(service, dana):
    eve = await service.member("Eve Stone", "eve@example.org", verified=True, findable="anyone")
    await service.bring(dana, "E,S,,other@example.org,,,")
    await service.ok("PATCH", "/v1/me", eve, json={"email": "other@example.org"})
    assert [one["member"] for one in (await service.contacts(dana)).values()] == [False]
    assert await _verify(service, eve, "other@example.org") == 204
    assert [one["member"] for one in (await service.contacts(dana)).values()] == [True]


async def test_an_address_that_another_member_verified_meanwhile_is_a_409(service, dana):
    await service.ok("PATCH", "/v1/me", dana, json={"email": "wanted@example.org"})
    await service.member("Eve Stone", "wanted@example.org", verified=True)
    assert await _verify(service, dana, "wanted@example.org") == 409
    assert await _mailed_to(service, dana) == "dana@example.org"
    assert await _verify(service, type(dana)("unknown", ""), "wanted@example.org") == 404


async def test_a_verified_address_belongs_to_one_member(service):
    await service.member("Dana Okafor", "dana@example.org", verified=True)
    body = {"name": "Not Dana", "email": "DANA@example.org", "verified": True}
    assert (await service.call("POST", "/internal/v1/members", OPERATOR, json=body)).status_code == 409
    await service.ok("POST", "/internal/v1/members", OPERATOR, json=body | {"verified": False})


async def test_a_profile_too_long_for_a_record_is_422(service, dana):
    jobs = [{"company": "\u4f1a" * 290 + str(n), "title": "\u4f1a" * 50} for n in range(200)]
    await service.ok("PATCH", "/v1/me", dana, json={"employments": jobs})
    skills = ["\u4f1a" * 190 + str(n) for n in range(200)]
    answer = await service.call("PATCH", "/v1/me", dana, json={"skills": skills})
    assert answer.status_code == 422, "each part was short enough to be sent"


async def test_tokens_can_be_added_and_revoked(service, dana):
    more = await service.ok("POST", f"/internal/v1/members/{dana.id}/tokens", OPERATOR)
    assert (await service.ok("GET", "/v1/me", more["token"]))["member_id"] == dana.id
    told = await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": more["token"]})
    assert told == {"active": True, "kind": "member", "id": dana.id, "scope": "all"}
    await service.ok("DELETE", f"/internal/v1/members/{dana.id}/tokens", OPERATOR)
    for token in (more["token"], dana.token):
        assert (await service.call("GET", "/v1/me", token)).status_code == 401
        assert await service.ok("POST", "/internal/v1/introspect", SERVICE, json={"token": token}) == {"active": False}


async def test_tokens_are_stored_as_hashes(service, dana):
    stored = await service.pool.fetchval("SELECT string_agg(token_hash, ',') FROM tokens")
    assert dana.token not in stored


async def test_what_was_published_of_a_book(service, dana):
    async def book() -> dict[str, int]:
        found = await service.ok("GET", f"/internal/v1/members/{dana.id}/book", OPERATOR)
        assert found.pop("member_id") == dana.id
        return dict(found)

    assert await book() == {"ties": 0, "people": 0, "versions": 0}
    eve = await service.member("Eve Stone", "eve@example.org", verified=True, findable="anyone")
    await service.bring(dana, "Ana,Silva,,,Globex,,", "E,S,,eve@example.org,,,")
    first = await book()
    assert (first["ties"], first["people"]) == (2, 1), f"{eve.id} speaks for herself"
    sums = "SELECT sum(tie_version) + sum(person_version) FILTER (WHERE member_id IS NULL) FROM contacts"
    assert first["versions"] == await service.pool.fetchval(sums)
    await service.bring(dana, "Ana,Silva,,,Globex,Designer,", "E,S,,eve@example.org,,,")
    assert (await book())["versions"] > first["versions"]
    assert (await service.call("GET", "/internal/v1/members/nobody/book", OPERATOR)).status_code == 404


async def test_an_operator_acts_for_a_member(service, dana):
    assert (await service.ok("GET", f"/v1/me?member={dana.id}", OPERATOR))["name"] == "Dana Okafor"
