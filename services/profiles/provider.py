"""Sign-in through another provider by OpenID Connect: where the browser is sent, and which address comes back.

Kept true: an answer counts once, and only in the browser that asked (the `state` is a proof like a link). The ID token
must be signed by the provider with a key pair, be meant for us and for this very sign-in (`nonce`), and hold an address
that the provider says it has verified. The provider is configured by whoever runs the stack, and is trusted in that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from services.profiles.addresses import email_of
from services.profiles.settings import Settings
from services.profiles.sign_in import failed
from shared.observability.logs import get_logger
from shared.tokens import keyed_digest
from shared.web.problems import Problem, unavailable

log = get_logger(__name__)

RETURN_PATH = "/sign-in/provider"
"""Of the console: where the provider sends the browser back to."""

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Key pairs only: with a shared secret, or none, whoever knows our public settings could sign."""

_LEEWAY_S = 60
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that is configured. `key` is the secret of digests."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    return_to: str
    key: bytes
    transport: httpx2.AsyncBaseTransport | None = None

    @classmethod
    def of(cls, settings: Settings, key: bytes) -> "Provider | None":
        """As configured; None where there is none."""
        if settings.oidc_issuer is None or settings.oidc_client_secret is None or settings.oidc_client_id is None:
            return None
        return cls(
            settings.oidc_name,
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            f"{settings.console}{RETURN_PATH}",
            key,
        )

    async def url(self, state: str) -> str:
        """Where to send the browser. 503 while the provider does not answer."""
        async with self._client() as client:
            found = await self._metadata(client)
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=state,
                nonce=self._secret("nonce", state),
                code_verifier=self._secret("verifier", state),
            )
        return str(url)

    async def address(self, state: str, code: str) -> str:
        """The verified address of whoever came back with this code. 403 where there is none, 503 as for `url`."""
        async with self._client() as client:
            found = await self._metadata(client)
            try:
                token = await client.fetch_token(
                    found["token_endpoint"], code=code, code_verifier=self._secret("verifier", state)
                )
                keys = await self._json(client, found["jwks_uri"])
                claims = self._claims(token, keys, self._secret("nonce", state))
            except httpx2.HTTPError as error:
                raise self._away(error) from error
            except (OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
                log.warning("provider_answer_refused", reason=type(error).__name__)
                raise failed() from error
        email = email_of(str(claims.get("email") or ""))
        if email is None or claims.get("email_verified") is not True:
            log.warning("provider_answer_refused", reason="no verified address")
            raise failed()
        return email

    def _claims(self, token: Mapping[str, Any], keys: Any, nonce: str) -> Mapping[str, Any]:
        """The claims of the ID token, once all that they must agree with was checked."""
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), registry=registry)
        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        facts = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, facts)
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret,
            scope="openid email",
            redirect_uri=self.return_to,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            follow_redirects=False,
            transport=self.transport,
        )

    async def _metadata(self, client: AsyncOAuth2Client) -> dict[str, str]:
        try:
            found = await self._json(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        except (httpx2.HTTPError, ValueError) as error:
            raise self._away(error) from error
        wanted = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"}
        if not isinstance(found, dict) or not wanted <= found.keys() or found["issuer"] != self.issuer:
            raise self._away(None)
        return {name: str(found[name]) for name in wanted}

    async def _json(self, client: AsyncOAuth2Client, url: str) -> Any:
        answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        return answer.json()

    def _away(self, error: Exception | None) -> Problem:
        log.warning("provider_unavailable", reason=type(error).__name__ if error else "its description is not ours")
        return unavailable("the other provider does not answer at the moment; try again")

    def _secret(self, what: str, state: str) -> str:
        """A secret of one sign-in, which therefore need not be stored."""
        return keyed_digest(self.key, what, state)
