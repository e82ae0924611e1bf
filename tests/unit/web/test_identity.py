"""Callers: opaque tokens, looked up by their owner, remembered briefly by the others."""

from types import SimpleNamespace

import httpx2
import pytest
from pydantic import SecretStr, ValidationError
from starlette.requests import Request

from shared.config import ServiceSettings
from shared.tokens import hash_token
from shared.web.identity import (
    Authenticator,
    Caller,
    RemoteAuthenticator,
    TableAuthenticator,
    acting_member,
    establish,
    new_token,
    require,
)
from shared.web.problems import Problem

SETTINGS = ServiceSettings(service_token="service-secret-of-a-test", operator_token="operator-secret-of-a-test")


class Table:
    """Stands for a pool: a row by hash."""

    def __init__(self, rows):
        self.rows, self.asked = rows, []

    async def fetchrow(self, query, token_hash):
        self.asked.append((query, token_hash))
        return self.rows.get(token_hash)


class Owner:
    """Stands for the owner's endpoint."""

    def __init__(self, answer):
        self.answer, self.asked = answer, 0

    def __call__(self, _request):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def remote(owner, now=lambda: 0.0, **options):
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(owner))
    return RemoteAuthenticator("http://profiles.test/", client, "member", clock=now, **options)


def known(identity="m-1", kind="member"):
    return httpx2.Response(200, json={"active": True, "kind": kind, "id": identity})


def test_tokens_are_long_random_prefixed_and_kept_as_hashes():
    (first, kept), (second, _) = new_token("member"), new_token("member")
    assert first != second
    assert first.startswith("wpm_")
    assert new_token("recruiter")[0].startswith("wpr_")
    assert len(first) >= 4 + 43
    assert kept == hash_token(first)
    assert len(kept) == 64
    assert first not in kept


async def test_the_two_secrets_are_known_and_nothing_near_them():
    authenticator = Authenticator(SETTINGS)
    assert await authenticator.authenticate("service-secret-of-a-test") == Caller("service", "service")
    assert await authenticator.authenticate("operator-secret-of-a-test") == Caller("operator", "operator")
    for wrong in ("", "x", "service-secret-of-a-tes", "Service-secret-of-a-test", "é", "\udcff", "x" * 100_000):
        assert await authenticator.authenticate(wrong) is None


async def test_while_a_secret_changes_two_are_known():
    also = {"service_token_also": "service-secret-that-is-new", "operator_token_also": "operator-secret-that-was"}
    authenticator = Authenticator(SETTINGS.model_copy(update={key: SecretStr(value) for key, value in also.items()}))
    for kind in ("service", "operator"):
        for token in (getattr(SETTINGS, f"{kind}_token").get_secret_value(), also[f"{kind}_token_also"]):
            assert await authenticator.authenticate(token) == Caller(kind, kind)
    assert await authenticator.authenticate("") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_token_also": "too short"},
        {"service_token_also": "operator-secret-of-a-test"},
        {"operator_token_also": "service-secret-of-a-test"},
    ],
    ids=["short", "the operator's", "the services'"],
)
def test_a_second_secret_is_held_to_the_same_rules(wrong):
    given = {kind: getattr(SETTINGS, kind).get_secret_value() for kind in ("service_token", "operator_token")}
    with pytest.raises(ValidationError) as refused:
        ServiceSettings(**given, **wrong)
    assert not any(secret in str(refused.value) for secret in (*given.values(), *wrong.values()))


async def test_an_operator_with_a_token_of_their_own_is_known_by_name():
    tokens = {"ada": "a-token-of-adas-own", "ben.b": "a-token-of-bens-own"}
    named = ", ".join(f"{name}={hash_token(token)}" for name, token in tokens.items())
    authenticator = Authenticator(SETTINGS.model_copy(update={"operators": named}))
    for name, token in tokens.items():
        assert await authenticator.authenticate(token) == Caller("operator", name)
        assert await authenticator.authenticate(hash_token(token)) is None, "the digest opens nothing"
    assert await authenticator.authenticate("operator-secret-of-a-test") == Caller("operator", "operator")


async def test_the_owner_looks_the_hash_up():
    token, kept = new_token("member")
    table = Table({kept: {0: "m-1"}})
    authenticator = Authenticator(SETTINGS, member=TableAuthenticator(table, "SELECT …", "member"))
    assert await authenticator.authenticate(token) == Caller("member", "m-1")
    assert await authenticator.authenticate(new_token("member")[0]) is None
    assert table.asked[0] == ("SELECT …", kept)
    assert await authenticator.authenticate(new_token("recruiter")[0]) is None, "no source for that kind here"


async def test_what_a_token_is_good_for_comes_from_the_table_and_through_its_owner():
    token, kept = new_token("member")
    table = Table({kept: {0: "m-1", "scope": "read"}})
    expected = Caller("member", "m-1", "read")
    assert await TableAuthenticator(table, "SELECT …", "member").find(token) == expected
    answer = {"active": True, "kind": "member", "id": "m-1"}
    assert await remote(Owner(httpx2.Response(200, json=answer | {"scope": "read"}))).find(token) == expected
    assert await remote(Owner(httpx2.Response(200, json=answer))).find(token) == Caller("member", "m-1", "all")


async def test_the_owner_answers_others_for_its_own_table_only():
    token, kept = new_token("recruiter")
    mine = TableAuthenticator(Table({kept: {0: "o-1"}}), "SELECT …", "recruiter")
    owner = Owner(known())
    authenticator = Authenticator(SETTINGS, recruiter=mine, member=remote(owner))
    assert await authenticator.introspect(token) == Caller("recruiter", "o-1")
    assert await authenticator.introspect(new_token("member")[0]) is None
    assert await authenticator.introspect("service-secret-of-a-test") is None
    assert owner.asked == 0


async def test_an_answer_is_remembered_for_its_time_and_no_longer():
    now = [0.0]
    owner = Owner(known())
    authenticator = remote(owner, lambda: now[0], ttl_s=30)
    token, _ = new_token("member")
    for now[0] in (0.0, 10.0, 29.9):
        assert await authenticator.find(token) == Caller("member", "m-1")
    assert owner.asked == 1
    owner.answer, now[0] = httpx2.Response(200, json={"active": False}), 30.0
    assert await authenticator.find(token) is None, "a revoked token ends when the memory does"


async def test_whoever_is_gone_is_known_to_be_when_they_would_change_something():
    owner = Owner(known())
    authenticator = remote(owner)
    token, _ = new_token("member")
    assert await authenticator.find(token, anew=True) == await authenticator.find(token) == Caller("member", "m-1")
    assert owner.asked == 1, "what was found is remembered for reading"
    owner.answer = httpx2.Response(200, json={"active": False})
    assert await authenticator.find(token) == Caller("member", "m-1")
    assert await authenticator.find(token, anew=True) is None
    assert await authenticator.find(token) is None, "and from then on for reading, too"


@pytest.mark.parametrize(
    ("method", "anew"),
    [("GET", False), ("HEAD", False), *((each, True) for each in ("POST", "PUT", "PATCH", "DELETE"))],
)
async def test_before_anything_is_changed_it_is_asked_anew_who_this_is(method, anew):
    asked = []

    class Asked:
        async def authenticate(self, token: str, **how: bool) -> Caller:
            asked.append((token, how))
            return Caller("member", "m-1")

    app = SimpleNamespace(state=SimpleNamespace(authenticator=Asked()))
    headers = [(b"authorization", b"Bearer wpm_x")]
    await establish(Request({"type": "http", "method": method, "app": app, "headers": headers, "state": {}}))
    assert asked == [("wpm_x", {"anew": anew})]


async def test_an_unknown_token_is_remembered_more_briefly():
    now = [0.0]
    owner = Owner(httpx2.Response(200, json={"active": False}))
    authenticator = remote(owner, lambda: now[0], negative_ttl_s=5)
    token, _ = new_token("member")
    for now[0] in (0.0, 4.9):
        assert await authenticator.find(token) is None
    assert owner.asked == 1
    owner.answer, now[0] = known(), 5.0
    assert await authenticator.find(token) == Caller("member", "m-1")


async def test_a_flood_of_guesses_fills_a_bounded_memory_and_pushes_no_good_token_out():
    owner = Owner(known())
    authenticator = remote(owner, capacity=3)
    good, _ = new_token("member")
    await authenticator.find(good)
    owner.answer = httpx2.Response(200, json={"active": False})
    for _ in range(20):
        await authenticator.find(new_token("member")[0])
    asked = owner.asked
    assert await authenticator.find(good) == Caller("member", "m-1")
    assert owner.asked == asked
    assert len(authenticator._unknown._entries) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
        httpx2.Response(500),
        httpx2.Response(401),
        httpx2.Response(302, headers={"location": "http://elsewhere.test"}),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json={"unexpected": 1}),
    ],
    ids=repr,
)
async def test_an_owner_without_a_usable_answer_is_a_503_and_is_asked_again(answer):
    owner = Owner(answer)
    authenticator = remote(owner)
    token, _ = new_token("member")
    with pytest.raises(Problem) as caught:
        await authenticator.find(token)
    assert caught.value.status == 503
    owner.answer = known()
    assert await authenticator.find(token) == Caller("member", "m-1")


@pytest.mark.parametrize("kind", ["recruiter", "member"])
async def test_an_owner_can_name_callers_of_its_own_kind_only(kind):
    found = await remote(Owner(known(kind=kind))).find(new_token("member")[0])
    assert (found is None) is (kind == "recruiter")


def test_a_member_acts_for_themself_and_an_operator_says_for_whom():
    member, operator = Caller("member", "m-1"), Caller("operator", "operator")
    assert acting_member(member, None) == "m-1"
    assert acting_member(member, "m-1") == "m-1"
    assert acting_member(operator, "m-2") == "m-2"
    for caller, named, status in ((member, "m-2", 404), (operator, None, 422), (Caller("recruiter", "o"), None, 403)):
        with pytest.raises(Problem) as caught:
            acting_member(caller, named)
        assert caught.value.status == status


def test_require_must_be_told_whom():
    with pytest.raises(ValueError, match="kinds of caller"):
        require()


def test_a_misspelt_kind_of_source_is_refused():
    with pytest.raises(ValueError, match="members"):
        Authenticator(SETTINGS, members=remote(Owner(known())))
