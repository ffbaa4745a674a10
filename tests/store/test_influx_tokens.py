"""A token for Grafana may only read: made so, proven so, and refused where it may do more."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from campus.program import app
from store import StoreError, open_store
from store.influx_tokens import BOTH, READING, WRITING, Purpose, found_token, prove
from tests.servers import Server, free_port
from tests.store.conftest import _influx2_url
from tests.web import Answering, served

ADMIN = "an-all-access-token"
ORG_ID, BUCKET_ID = "0" * 16, "1" * 16
_INFLUX2 = os.environ.get("CAMPUS_TEST_INFLUX2_URL")


@dataclass
class Influx2:
    """The tokens that a 2.7 has, by their text, and what each may do. hides: it does not show them again."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""
    hides: bool = False

    def may(self, token: str, action: str, kind: str) -> bool:
        if token == ADMIN:
            return True
        allowed = self.tokens.get(token, {}).get("permissions", ())
        return any(one["action"] == action and one["resource"]["type"] == kind for one in allowed)


@contextmanager
def serving(influx: Influx2) -> Iterator[Influx2]:
    class Handler(Answering):
        def get(self) -> None:
            path, token = urlsplit(self.path).path, self._token()
            if path == "/ping":
                self.send_response(204)
                self.send_header("X-Influxdb-Version", "v2.7.11")
                self.end_headers()
            elif path == "/query":
                self.tell(200 if influx.may(token, "read", "buckets") else 401, {"results": []})
            elif path == "/api/v2/orgs":
                self.tell(200, {"orgs": [{"id": ORG_ID, "name": "binhai"}]})
            elif path == "/api/v2/buckets":
                bucket = {"id": BUCKET_ID, "orgID": ORG_ID, "name": "campus", "retentionRules": []}
                self.tell(200, {"buckets": [bucket]})
            elif path == "/api/v2/authorizations" and influx.may(token, "read", "authorizations"):
                shown = [
                    {**one, "token": "redacted" if influx.hides else one["token"]}
                    for one in influx.tokens.values()
                ]
                self.tell(200, {"authorizations": shown})
            else:
                self.tell(200, {"authorizations": []})

        def post(self) -> None:
            path, token = urlsplit(self.path).path, self._token()
            body = self.body()
            if path == "/api/v2/write" and influx.may(token, "write", "buckets"):
                self.tell(400, {"code": "invalid", "message": "writing requires points"})
            elif path == "/api/v2/authorizations" and influx.may(token, "write", "authorizations"):
                wanted = json.loads(body)
                text = f"token-{len(influx.tokens)}"
                made = {**wanted, "id": "2" * 16, "token": text, "status": "active"}
                influx.tokens[text] = made
                self.tell(201, made)
            else:
                self.tell(403, {"code": "forbidden", "message": "insufficient permissions"})

        def _token(self) -> str:
            return str(self.headers.get("Authorization", "")).removeprefix("Token ")

    with served(Handler) as address:
        influx.url = f"influxdb://{address}/campus?org=binhai"
        yield influx


@pytest.fixture
def influx2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Influx2]:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", ADMIN)
    with serving(Influx2()) as found:
        yield found


def allowing(action: str, kind: str) -> dict[str, Any]:
    return {"action": action, "resource": {"type": kind, "id": BUCKET_ID, "orgID": ORG_ID}}


def test_the_token_may_read_the_bucket_and_nothing_else_and_is_made_once(influx2: Influx2) -> None:
    first, second = found_token(influx2.url, READING), found_token(influx2.url, READING)
    (made,) = influx2.tokens.values()
    assert (first, 1) == (second, len(influx2.tokens))
    assert [("read", "buckets", BUCKET_ID)] == [
        (one["action"], one["resource"]["type"], one["resource"]["id"]) for one in made["permissions"]
    ]
    prove(influx2.url, first, READING)


@pytest.mark.parametrize("purpose", [WRITING, BOTH])
def test_ingest_and_rules_get_what_they_need_on_the_bucket_and_nothing_else(
    influx2: Influx2, purpose: Purpose
) -> None:
    first, second = found_token(influx2.url, purpose), found_token(influx2.url, purpose)
    (made,) = influx2.tokens.values()
    given = [
        (item["action"], item["resource"]["type"], item["resource"]["id"]) for item in made["permissions"]
    ]
    assert (first, [(action, "buckets", BUCKET_ID) for action in purpose.actions]) == (second, given)
    prove(influx2.url, first, purpose)
    for other in {READING, WRITING, BOTH} - {purpose}:
        with pytest.raises(StoreError):
            prove(influx2.url, first, other)


def test_a_server_that_does_not_show_its_tokens_makes_another(influx2: Influx2) -> None:
    influx2.hides = True
    assert ("token-0", "token-1") == (found_token(influx2.url, READING), found_token(influx2.url, READING))


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("permissions", "said"),
    [
        ([allowing("read", "tasks")], "cannot read"),
        ([allowing("read", "buckets"), allowing("write", "buckets")], "may write"),
        ([allowing("read", "buckets"), allowing("read", "authorizations")], "may see other tokens"),
    ],
)
def test_a_token_that_may_do_more_is_refused(
    influx2: Influx2, permissions: list[dict[str, Any]], said: str
) -> None:
    influx2.tokens["given"] = {
        "id": "3" * 16,
        "token": "given",
        "status": "active",
        "description": "",
        "permissions": permissions,
    }
    with pytest.raises(StoreError, match=said):
        prove(influx2.url, "given", READING)


@pytest.mark.usefixtures("in_english")
def test_the_token_that_writes_is_refused(influx2: Influx2) -> None:
    with pytest.raises(StoreError, match="equals CAMPUS_INFLUX_TOKEN"):
        prove(influx2.url, ADMIN, READING)


@pytest.mark.usefixtures("in_english")
def test_the_command_writes_the_token_into_a_file_that_stays_the_same(
    influx2: Influx2, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, found = tmp_path / "secrets" / "influx-token", []
    influx2.hides = True
    for _ in range(2):
        app(
            ["store", "token", "--read", "--store", influx2.url, "--out", str(file)],
            standalone_mode=False,
        )
        found.append(file.read_text())
    said = capsys.readouterr().out
    assert (["token-0\n"] * 2, False, True) == (found, "token-0" in said, "is still good" in said)
    file.write_text(ADMIN)
    app(["store", "token", "--read", "--store", influx2.url, "--out", str(file)], standalone_mode=False)
    assert "token-1\n" == file.read_text()


@pytest.mark.usefixtures("in_english")
def test_a_token_of_ones_own_is_only_checked(influx2: Influx2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN", ADMIN)
    with pytest.raises(StoreError, match="equals CAMPUS_INFLUX_TOKEN"):
        app(["store", "token", "--read", "--store", influx2.url, "--given", "env:OWN"], standalone_mode=False)
    assert {} == influx2.tokens


@pytest.mark.usefixtures("in_english")
def test_where_there_are_no_tokens_it_is_said_what_to_do(influx: Server, sqlite_url: str) -> None:
    with pytest.raises(StoreError, match='GRANT READ ON "campus" TO grafana'):
        found_token(f"influxdb://127.0.0.1:{influx.port}/campus", READING)
    with pytest.raises(StoreError, match="only an InfluxDB has tokens"):
        found_token(sqlite_url, READING)


if _INFLUX2:

    def test_a_real_influxdb_2_makes_a_token_that_only_reads(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", os.environ["CAMPUS_TEST_INFLUX2_TOKEN"])
        url = _influx2_url(str(_INFLUX2), f"tokens-{free_port()}")
        with open_store(url) as store:
            store.prepare()
        made = found_token(url, READING)
        prove(url, made, READING)
        assert made == found_token(url, READING)
