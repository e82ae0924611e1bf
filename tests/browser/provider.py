"""An OpenID provider that runs on this machine."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.responses import HTMLResponse, RedirectResponse

from infra.local.ports import free_port
from shared.testing.wait import until

NAME = "Example University"
CLIENT = {
    "WARMPATH_OIDC_NAME": NAME,
    "WARMPATH_OIDC_CLIENT_ID": "warmpath",
    "WARMPATH_OIDC_CLIENT_SECRET": "of-the-test",
}


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

    @property
    def environment(self) -> dict[str, str]:
        """How the services are told of it."""
        return CLIENT | {"WARMPATH_OIDC_ISSUER": self.url}


@asynccontextmanager
async def local_provider() -> AsyncIterator[LocalProvider]:
    """Runs inside the block."""
    port = free_port()
    made = LocalProvider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_config=None, lifespan="off"))
    server.install_signal_handlers = lambda: None
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the provider is up")
    yield made
    server.should_exit = True
    await running
