"""Sign-on by OpenID Connect, at a provider that the test plays over real sockets."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from dashboards.access.granting import RoleRule
from dashboards.access.settings import AccessSettings, OidcSettings
from dashboards.access.sign_on import texts_at
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import JUNIOR, PRIMARY
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.whole import NAMES_OF_ALL, everything
from tests.servers import free_port
from tests.web import Answering, served

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


@dataclass
class Provider:
    """What it says of whoever signs in, and what it does wrong."""

    issuer: str
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    challenges: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)

    def authorize(self, url: str) -> str:
        """What a browser would do there: sign in, and be sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert ("S256", "code") == (asked["code_challenge_method"], asked["response_type"])
        code = f"code-{len(self.challenges)}"
        self.challenges[code], self.nonces[code] = asked["code_challenge"], asked["nonce"]
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, list[str]]) -> dict[str, Any] | None:
        code, verifier = form["code"][0], form["code_verifier"][0]
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if self.challenges.pop(code, None) != digest:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "campus",
            "sub": "42",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonces[code],
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = free_port()
    played = Provider(f"http://127.0.0.1:{port}/realm")

    class Handler(Answering):
        def get(self) -> None:
            issuer = played.issuer
            if self.path.endswith("openid-configuration"):
                endpoints = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
                told = {name: f"{issuer}/{path}" for name, path in endpoints.items()}
                self.tell(200, {"issuer": issuer, **told})
            else:
                self.tell(200, {"keys": [KEY.as_dict(private=False)]})

        def post(self) -> None:
            told = played.token(parse_qs(self.body().decode()))
            self.tell(200 if told else 400, told or {"error": "invalid_grant"})

    with served(Handler, port=port):
        yield played


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[RunningBoard]:
    folder = tmp_path_factory.mktemp("sign-on")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "wang", "operator")
    add_account(accounts, "zhao", "operator", password="a password of their own")
    oidc = OidcSettings(
        issuer=provider.issuer,
        client_id="campus",
        claim="realm.groups",
        school_claim="schools",
        role=(
            RoleRule(value="bureau", role="bureau"),
            RoleRule(value="school", role="school", own_schools=True),
        ),
    )
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=NAMES_OF_ALL,
        access=AccessSettings(accounts=accounts, oidc=oidc),
    ) as board:
        board.store.write(everything(board.now_ms))
        yield board


@pytest.fixture(autouse=True)
def _as_ever(provider: Provider) -> None:
    provider.claims, provider.key = {"preferred_username": "li", "realm": {"groups": ["bureau"]}}, KEY


def back(provider: Provider, reader: Reader) -> httpx.Response:
    left = reader.get("/sign-on?next=/schools")
    assert 303 == left.status_code
    return reader.client.get(provider.authorize(left.headers["location"]))


def test_whom_the_provider_names_gets_the_role_of_the_first_rule(
    signed: RunningBoard, provider: Provider
) -> None:
    reader = Reader(signed.url)
    arrived = back(provider, reader)
    assert (303, "/schools") == (arrived.status_code, arrived.headers["location"])
    assert [200, 200] == [reader.get(path).status_code for path in ("/schools", "/audit")]
    assert "sso:li" in reader.get("/account").text


def test_an_account_without_a_password_is_theirs_and_one_with_a_password_is_not(
    signed: RunningBoard, provider: Provider
) -> None:
    found = {}
    for name in ("wang", "zhao"):
        provider.claims["preferred_username"] = name
        reader = Reader(signed.url)
        back(provider, reader)
        found[name] = reader.get("/metrics").status_code  # an operator may
    assert {"wang": 200, "zhao": 403} == found


def test_a_school_sees_those_that_the_provider_names(signed: RunningBoard, provider: Provider) -> None:
    provider.claims |= {"realm": {"groups": ["school"]}, "schools": [PRIMARY]}
    reader = Reader(signed.url)
    assert 303 == back(provider, reader).status_code
    told = reader.get("/schools").text
    assert (True, False) == (PRIMARY in told, JUNIOR in told)
    provider.claims["schools"] = []
    assert 403 == back(provider, Reader(signed.url)).status_code


@pytest.mark.parametrize(
    "claims",
    [
        {"realm": {"groups": ["nobody"]}},
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_500_000_000},
        {"nonce": "another"},
        {"azp": "another"},
        {"preferred_username": "", "sub": ""},
    ],
)
def test_what_is_not_for_us_or_not_now_signs_nobody_in(
    signed: RunningBoard, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    reader = Reader(signed.url)
    answer = back(provider, reader)
    assert (403, 303) == (answer.status_code, reader.get("/schools").status_code)


def test_a_signature_by_another_key_signs_nobody_in(signed: RunningBoard, provider: Provider) -> None:
    provider.key = OTHER
    assert 403 == back(provider, Reader(signed.url)).status_code


def test_what_was_begun_counts_once_and_in_the_browser_that_went(
    signed: RunningBoard, provider: Provider
) -> None:
    mine, other = Reader(signed.url), Reader(signed.url)
    address = provider.authorize(mine.get("/sign-on").headers["location"])
    assert 403 == other.client.get(address).status_code
    assert 403 == mine.client.get(address).status_code, "somebody tried it in another browser"
    address = provider.authorize(mine.get("/sign-on").headers["location"])
    assert [303, 403] == [mine.client.get(address).status_code for _ in range(2)]


def test_a_provider_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    oidc = OidcSettings(issuer=f"http://127.0.0.1:{free_port()}", client_id="campus")
    access = AccessSettings(accounts=tmp_path / "accounts.sqlite", oidc=oidc)
    with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", access=access) as board:
        told = Reader(board.url).get("/sign-on")
    assert (403, True) == (told.status_code, "认证服务没有应答" in told.text)


@pytest.mark.parametrize(
    ("path", "texts"),
    [("a", ("x",)), ("b.c", ("y", "z")), ("b.d", ()), ("e", ()), ("none", ()), ("", ())],
)
def test_a_claim_is_found_inside_others(path: str, texts: tuple[str, ...]) -> None:
    assert texts == texts_at({"a": "x", "b": {"c": ["y", 7, "z"]}, "e": 3}, path)
