"""OpenID Connect: the code flow with PKCE. What comes back counts once, and in the browser that went."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboards.access.files import AccountsFile
from dashboards.access.settings import OidcSettings
from runtime.errors import UserError
from runtime.language import Text

_LASTS_MS = 10 * 60_000
_TIMEOUT_S = 10
_LEEWAY_S = 60
# Signatures by a key of the provider's; never none, and never one that the client's secret could make.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LONGEST_NAME = 100


class SignOnError(UserError):
    """A sign-on that came to nothing, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the browser goes, and what it holds meanwhile."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn:
    """Who the provider says it is, their groups and schools, and where they were going."""

    name: str
    values: tuple[str, ...]
    schools: tuple[str, ...]
    next: str


class SignOn:
    """One provider."""

    def __init__(self, settings: OidcSettings, file: AccountsFile, secret: str | None) -> None:
        self._settings = settings
        self._file = file
        self._secret = secret

    def begin(self, back: str, next_path: str, *, now_ms: int) -> Begun:
        """`back` is where the provider sends the browser. Raises SignOnError."""
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        endpoint = str(self._metadata()["authorization_endpoint"])
        with self._session(back) as session:
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        with self._file.change() as connection:
            connection.execute("DELETE FROM sign_on WHERE expires_ms < ?", (now_ms,))
            connection.execute(
                "INSERT INTO sign_on VALUES (?, ?, ?, ?, ?, ?)",
                (_hash(state), nonce, verifier, next_path, _hash(browser), now_ms + _LASTS_MS),
            )
        return Begun(url=url, browser=browser)

    def finish(self, brought: Mapping[str, str], browser: str, back: str, *, now_ms: int) -> SignedOn:
        """What the browser brought back from the provider. Raises SignOnError."""
        row = self._taken(brought.get("state", ""), browser, now_ms)
        if "error" in brought or "code" not in brought:
            raise _failed("认证服务没有放行", "the provider refused")
        claims = self._claims(brought["code"], row["verifier"], row["nonce"], back, now_ms)
        name = claims.get(self._settings.name_claim) or claims.get("sub")
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise _failed("认证服务没有给出账号名", "the provider names nobody")
        return SignedOn(
            name=name.strip()[:_LONGEST_NAME],
            values=texts_at(claims, self._settings.claim),
            schools=texts_at(claims, self._settings.school_claim or ""),
            next=row["next"],
        )

    def _taken(self, state: str, browser: str, now_ms: int) -> Any:
        """What was begun; once, and by this browser."""
        with self._file.change() as connection:
            row = connection.execute(
                "SELECT * FROM sign_on WHERE state = ? AND expires_ms >= ?", (_hash(state), now_ms)
            ).fetchone()
            connection.execute("DELETE FROM sign_on WHERE state = ?", (_hash(state),))
        if row is None or not secrets.compare_digest(row["browser"], _hash(browser)):
            raise _failed("登录已过期，请重试", "this sign-on is over; try again")
        return row

    def _claims(self, code: str, verifier: str, nonce: str, back: str, now_ms: int) -> dict[str, Any]:
        metadata = self._metadata()
        try:
            with self._session(back) as session:
                answer = session.fetch_token(
                    str(metadata["token_endpoint"]), code=code, code_verifier=verifier, timeout=_TIMEOUT_S
                )
            keys = KeySet.import_key_set(_json(str(metadata["jwks_uri"])))
            token = jwt.decode(str(answer.get("id_token", "")), keys, algorithms=_ALGORITHMS)
            asked = jwt.JWTClaimsRegistry(
                now=now_ms // 1000,
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            asked.validate(token.claims)
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError) as error:
            raise _failed("认证服务的答复无法采信", "what the provider says cannot be believed") from error
        party = token.claims.get("azp", self._settings.client_id)
        if party != self._settings.client_id:
            raise _failed("认证服务的答复是给别人的", "what the provider says is for somebody else")
        return dict(token.claims)

    def _session(self, back: str) -> OAuth2Session:
        return OAuth2Session(
            self._settings.client_id,
            self._secret,
            scope=" ".join(self._settings.scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself; it must be the one that the settings name."""
        try:
            found: dict[str, Any] = _json(f"{self._settings.issuer}/.well-known/openid-configuration")
        except (requests.RequestException, ValueError) as error:
            raise _failed("认证服务没有应答", "the provider does not answer") from error
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if str(found.get("issuer", "")).rstrip("/") != self._settings.issuer or not all(
            name in found for name in wanted
        ):
            raise _failed("认证服务不是设置中的那一个", "the provider is not the one of the settings")
        return found


def texts_at(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """A claim as texts, `realm_access.roles` inside another; what is no text is left out."""
    found: Any = claims
    for part in path.split(".") if path else ():
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return (found,)
    if not path or not isinstance(found, Sequence):
        return ()
    return tuple(text for text in found if isinstance(text, str))


def _json(url: str) -> Any:
    answer = requests.get(url, timeout=_TIMEOUT_S, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError(f"{url} is no object")
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _failed(zh: str, en: str) -> SignOnError:
    return SignOnError(Text(zh, en))
