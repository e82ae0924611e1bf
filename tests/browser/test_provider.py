"""Signing in through another provider, in a browser, against an OpenID provider that runs on this machine."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

import pytest
import pytest_asyncio
import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from playwright.async_api import Page, expect
from starlette.responses import HTMLResponse, RedirectResponse

from infra.local.ports import free_port
from shared.testing.wait import until
from tests.browser.conftest import Site, open_site

pytestmark = [pytest.mark.timeout(180), pytest.mark.kafka, pytest.mark.postgres]

NAME = "Example University"
CLIENT = {"WARMPATH_OIDC_CLIENT_ID": "warmpath", "WARMPATH_OIDC_CLIENT_SECRET": "of-the-test"}


@dataclass
class LocalProvider:
    """Asks who one is by a form, and signs its answer with a key pair. `verified`: whether it vouches for addresses."""

    url: str
    verified: bool = True
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    agreed: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """Its pages."""
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.description)
        app.get("/keys")(self.keys)
        app.get("/authorize")(self.ask)
        app.post("/authorize")(self.agree)
        app.post("/token")(self.token)
        app.get("/favicon.ico")(self.icon)
        return app

    async def description(self) -> dict[str, str]:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.url} | {name: f"{self.url}/{path}" for name, path in paths.items()}

    async def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    async def icon(self) -> Response:
        return Response(status_code=204)

    async def ask(self, request: Request) -> Response:
        form = f'<form method="post" action="/authorize?{request.url.query.replace("&", "&amp;")}">'
        return HTMLResponse(f'<title>P</title>{form}<label>Address <input name="email"></label><button>Agree</button>')

    async def agree(self, request: Request, email: Annotated[str, Form()]) -> Response:
        code = secrets.token_urlsafe(16)
        self.agreed[code] = dict(request.query_params) | {"email": email}
        back = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{back}", 303)

    async def token(self, request: Request) -> Any:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.agreed.pop(sent["code"], None)
        if asked is None or asked["code_challenge"] != create_s256_code_challenge(sent["code_verifier"]):
            return Response('{"error": "invalid_grant"}', 400, media_type="application/json")
        now = int(time.time())
        claims = {"iss": self.url, "sub": asked["email"], "aud": "warmpath", "iat": now, "exp": now + 60}
        claims |= {"nonce": asked["nonce"], "email": asked["email"], "email_verified": self.verified}
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key, algorithms=["ES256"])
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def provider() -> AsyncIterator[LocalProvider]:
    port = free_port()
    made = LocalProvider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_config=None, lifespan="off"))
    server.install_signal_handlers = lambda: None
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the provider is up")
    yield made
    server.should_exit = True
    await running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(provider: LocalProvider, postgres, tmp_path_factory) -> AsyncIterator[Site]:
    more = CLIENT | {"WARMPATH_OIDC_ISSUER": provider.url, "WARMPATH_OIDC_NAME": NAME}
    async with open_site(postgres, tmp_path_factory.mktemp("site"), **more) as made:
        yield made


async def agree(page: Page, email: str, wanted: str = "/sign-in") -> None:
    """Through the provider, where the browser goes by itself, as somebody with this address."""
    await page.goto(wanted)
    await page.get_by_role("button", name=f"Sign in with {NAME}").click()
    await page.get_by_label("Address").fill(email)
    await page.get_by_role("button", name="Agree").click()


@pytest.fixture(autouse=True)
def only_the_provider_is_elsewhere(request: pytest.FixtureRequest, provider: LocalProvider) -> Any:
    """Pages of ours ask nobody else; the browser goes to the provider, which is another site."""
    yield
    site: Site = request.node.funcargs["site"]
    site.strange[:] = [each for each in site.strange if not each.startswith(provider.url)]


@pytest.mark.parametrize(
    ("width", "scripts"), [pytest.param(360, True, id="phone"), pytest.param(1280, False, id="plain")]
)
async def test_whose_address_the_provider_verified_gets_in_and_is_the_same_the_next_time(site: Site, width, scripts):
    email = f"{secrets.token_hex(6)}@university.example"
    async with site.visitor(width=width, scripts=scripts) as page:
        await agree(page, email)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email)
        await page.wait_for_url("**/suggestions")
        await page.goto("/settings")
        await expect(page.locator("#profile")).to_contain_text(email)


async def test_the_page_that_was_wanted_is_shown_after_the_provider(site: Site):
    email = f"{secrets.token_hex(6)}@university.example"
    async with site.visitor() as page:
        await agree(page, email, "/paths?company=Caf%C3%A9%20%26%20Co")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email, "/paths?company=Caf%C3%A9%20%26%20Co")
        await page.wait_for_url("**/paths?company=Caf%C3%A9%20%26%20Co")
        await page.get_by_role("button", name="Sign out").click()
        await agree(page, email)
        await page.wait_for_url("**/suggestions")


async def test_an_answer_counts_once_and_in_the_browser_that_asked(site: Site):
    async with site.visitor() as page, site.visitor() as elsewhere:
        brought: list[str] = []
        page.on("request", lambda request: "/sign-in/provider?" in request.url and brought.append(request.url))
        await agree(page, f"{secrets.token_hex(6)}@university.example")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bring the people you know")
        for each in (elsewhere, page):
            await each.goto(brought[0])
            await expect(each.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    site.strange.clear()  # the 403s above


async def test_an_address_that_the_provider_has_not_verified_opens_nothing(site: Site, provider: LocalProvider):
    provider.verified = False
    try:
        async with site.visitor() as page:
            await agree(page, f"{secrets.token_hex(6)}@university.example")
            await expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    finally:
        provider.verified = True
    site.strange.clear()  # the 403 above
