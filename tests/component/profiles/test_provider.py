"""Sign-in through another provider, against one that runs here: its word counts only where it is whole and for us."""

import time
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pydantic import ValidationError

from services.profiles.provider import Provider
from services.profiles.settings import Settings
from tests.component.profiles.conftest import CONSOLE, SERVICE

ISSUER = "https://id.example.org"
BROWSER, OTHER = "b" * 43, "o" * 43
TOKENS = {"service_token": SERVICE, "operator_token": "operator-" + "o" * 20}
OIDC = {"oidc_issuer": ISSUER, "oidc_client_id": "warmpath", "oidc_client_secret": "s", "console_url": CONSOLE}


@dataclass
class OtherProvider:
    """An OpenID provider with one user. What it says can be changed before it says it."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    issuer: str = ISSUER
    claims: dict[str, Any] = field(default_factory=dict)
    published: Any = None
    signs_with: Any = None
    algorithm: str = "ES256"
    down: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, url: str) -> dict[str, str]:
        """The user agrees; what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == f"{CONSOLE}/sign-in/provider"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"state": asked["state"], "code": code}

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def description() -> Any:
            if self.down:
                return Response(status_code=503)
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer} | {name: f"{ISSUER}/{path}" for name, path in paths.items()}

        @app.get("/keys")
        async def keys() -> Any:
            return {"keys": [self.published or self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request) -> Any:
            sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            agreed = self.codes.pop(sent["code"], None)
            right = agreed and agreed["code_challenge"] == create_s256_code_challenge(sent["code_verifier"])
            client = request.headers["authorization"] == "Basic " + b64encode(b"warmpath:s").decode()
            if not right or not client or sent["redirect_uri"] != agreed["redirect_uri"]:
                return Response('{"error": "invalid_grant"}', 400, media_type="application/json")
            now = int(time.time())
            claims = {"iss": ISSUER, "sub": "u-1", "aud": "warmpath", "iat": now, "exp": now + 60}
            claims |= {"nonce": agreed["nonce"], "email": "Dana@example.org", "email_verified": True} | self.claims
            header = {"alg": self.algorithm, "kid": "one"}
            told = {name: value for name, value in claims.items() if value is not None}
            signed = jwt.encode(header, told, self.signs_with or self.key, algorithms=[self.algorithm])
            return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

        return app


@pytest.fixture
def other(service):
    """The other provider, which profiles is configured for."""
    provider = OtherProvider()
    configured = Provider.of(Settings(**TOKENS, **OIDC), b"k")
    reached = replace(configured, transport=httpx2.ASGITransport(provider.app()))
    with service.instead(provider=reached):
        yield provider


async def asked(service, browser=BROWSER):
    body = {"browser": browser, "source": "192.0.2.1"}
    return await service.call("POST", "/internal/v1/sign-ins/provider", SERVICE, json=body)


async def returned(service, brought, browser=BROWSER, **more):
    body = {**brought, "browser": browser, **more}
    return await service.call("POST", "/internal/v1/sign-ins/provider/finish", SERVICE, json=body)


async def through(service, other):
    """All of it, as a browser goes."""
    answer = await asked(service)
    assert answer.status_code == 201, answer.text
    return await returned(service, other.authorize(answer.json()["url"]))


async def test_whose_address_the_provider_verified_is_signed_in(service, other, dana):
    answer = await through(service, other)
    assert (answer.status_code, answer.json()["member_id"], answer.json()["new"]) == (200, dana.id, False)
    assert (await service.ok("GET", "/v1/me", answer.json()["token"]))["name"] == "Dana Okafor"


async def test_somebody_new_gets_an_account(service, other):
    first, second = await through(service, other), await through(service, other)
    assert (first.json()["new"], second.json()["new"]) == (True, False)
    me = await service.ok("GET", "/v1/me", first.json()["token"])
    assert (me["email"], me["email_verified"], me["introduces"]) == ("dana@example.org", True, False)


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": "nobody"},
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["warmpath", "another"]},
        {"aud": "another client", "azp": "warmpath"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": None},
    ],
    ids=str,
)
async def test_what_it_says_must_be_whole_and_for_this_sign_in(service, other, claims):
    other.claims = claims
    answer = await through(service, other)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/sign-in-failed")
    assert await service.pool.fetchval("SELECT count(*) FROM members") == 0


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(ECKey.generate_key("P-256", {"kid": "one"}), "ES256"), (OctKey.import_key("s" * 32), "HS256")],
    ids=["another key", "a shared secret"],
)
async def test_what_it_did_not_sign_does_not_count(service, other, key, algorithm):
    other.signs_with, other.algorithm = key, algorithm
    assert (await through(service, other)).status_code == 403


async def test_a_shared_secret_signs_nothing_even_if_it_is_published(service, other):
    secret = OctKey.import_key("s" * 32, {"kid": "one"})
    other.signs_with, other.algorithm, other.published = secret, "HS256", secret.as_dict(private=True)
    assert (await through(service, other)).status_code == 403


async def test_an_answer_counts_once_and_in_the_browser_that_asked(service, other):
    brought = other.authorize((await asked(service)).json()["url"])
    kept = dict(other.codes)
    assert (await returned(service, brought, OTHER)).status_code == 403
    assert (await returned(service, brought, "")).status_code == 403
    assert (await returned(service, brought)).status_code == 200
    other.codes = kept
    assert (await returned(service, brought)).status_code == 403


async def test_the_code_of_another_sign_in_does_not_count(service, other):
    """A stranger's code in my browser would sign me in as the stranger."""
    mine = other.authorize((await asked(service)).json()["url"])
    theirs = other.authorize((await asked(service, OTHER)).json()["url"])
    assert (await returned(service, mine | {"code": theirs["code"]})).status_code == 403


async def test_a_state_is_no_link_and_a_link_no_state(service, other):
    brought = other.authorize((await asked(service)).json()["url"])
    assert (await service.finish(link=brought["state"], browser=BROWSER)).status_code == 403
    await service.ask("dana@example.org", BROWSER)
    [letter] = await service.letters()
    assert (await returned(service, brought | {"state": letter.link})).status_code == 403
    assert (await returned(service, brought)).status_code == 200


async def test_it_waits_a_quarter_of_an_hour(service, other):
    brought = other.authorize((await asked(service)).json()["url"])
    await service.pool.execute("UPDATE proofs SET expires_at = expires_at - interval '15 minutes'")
    assert (await returned(service, brought)).status_code == 403


@pytest.mark.parametrize("change", [{"down": True}, {"issuer": "https://evil.example"}], ids=str)
async def test_a_provider_that_does_not_answer_as_itself_is_503(service, other, change):
    vars(other).update(change)
    assert (await asked(service)).status_code == 503


@pytest.mark.usefixtures("other")
async def test_one_source_may_ask_thirty_times(service):
    assert [(await asked(service)).status_code for _ in range(31)] == [201] * 30 + [429]


@pytest.mark.usefixtures("other")
async def test_the_console_asks_whether_there_is_one(service):
    path = "/internal/v1/sign-ins/provider"
    assert await service.ok("GET", path, SERVICE) == {"name": "your organisation"}
    with service.instead(provider=None):
        assert await service.ok("GET", path, SERVICE) == {"name": None}
        assert (await asked(service)).status_code == 404
        assert (await returned(service, {"state": "s", "code": "c"})).status_code == 404


@pytest.mark.parametrize("missing", OIDC)
def test_it_is_configured_whole_or_not_at_all(missing):
    with pytest.raises(ValidationError, match="WARMPATH_OIDC_ISSUER"):
        Settings(**TOKENS, **{name: value for name, value in OIDC.items() if name != missing})
