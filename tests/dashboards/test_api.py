"""The API: lists in pages, filters, CSV, problems, tags, tokens; and the document that describes it."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboards.access.files import AccountsFile
from dashboards.access.roles import EVERYTHING, Role, Scope
from dashboards.access.settings import AccessSettings
from dashboards.access.tokens import Tokens
from dashboards.board.api.answering import wanted
from dashboards.board.api.openapi import document
from dashboards.board.api.table import RESOURCES
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import JUNIOR, PRIMARY, UNSAFE, evaluation, live
from tests.dashboards.whole import NAMES_OF_ALL, everything

NOW = 1_800_000_000_000


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    folder = tmp_path_factory.mktemp("api")
    for quarter, version in (("2026Q3", "v1"), ("2026Q4", "草稿")):
        file = folder / "reports" / quarter / version / "季报.docx"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"PK")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}", names=NAMES_OF_ALL, reports=folder / "reports"
    ) as board:
        board.store.write(everything(board.now_ms))
        yield board


def get(board: RunningBoard, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(base_url=board.url, trust_env=False) as client:
        return client.get(f"/api/v1/{path}", headers={"Accept-Language": "zh", **headers})


def data(board: RunningBoard, path: str) -> list[dict[str, Any]]:
    answer = get(board, path)
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["data"])


@pytest.mark.parametrize(
    "found",
    [found for found in RESOURCES if not found.asks],  # these need a registry: test_planner_page.py
    ids=lambda found: found.name,
)
def test_every_list_has_rows_of_its_model_and_the_same_ones_as_csv(full: RunningBoard, found: Any) -> None:
    told = get(full, found.name).json()
    assert {"data", "page", "per_page", "pages", "total", "evaluated", "problem"} == told.keys()
    rows = [found.model.model_validate_json(json.dumps(row)) for row in told["data"]]
    lines = list(
        csv.reader(io.StringIO(get(full, found.name, Accept="text/csv").content.decode("utf-8-sig")))
    )
    assert list(found.model.model_fields) == lines[0]
    assert (told["total"], len(rows)) == (len(rows), len(lines) - 1)
    assert rows or found.name == "shortfalls"  # without a registry there is no register


def test_a_filter_is_what_a_field_equals(full: RunningBoard) -> None:
    assert {PRIMARY} == {row["school"] for row in data(full, f"schools?school={PRIMARY}")}
    assert {"fail"} == {row["verdict"] for row in data(full, "indicators?verdict=fail")}
    assert [] == data(full, "schools?school=nobody")
    assert {"true"} == {str(row["unused"]).lower() for row in data(full, "rooms?unused=true")}


def test_pages_come_one_after_the_other_and_say_where_the_next_is(full: RunningBoard) -> None:
    first, second = get(full, "schools?per_page=1"), get(full, "schools?per_page=1&page=2")
    assert (3, 3, 1) == (first.json()["total"], first.json()["pages"], len(first.json()["data"]))
    assert first.json()["data"] != second.json()["data"]
    assert '</api/v1/schools?per_page=1&page=2>; rel="next"' in first.headers["link"]
    assert "next" not in get(full, "schools?per_page=1&page=3").headers["link"]
    assert [] == data(full, "schools?page=99")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("schools?nothing=1", 400),
        ("schools?page=0", 400),
        ("schools?page=x", 400),
        ("schools?page=1&page=2", 400),
        ("schools?per_page=100000", 400),
        ("schools?lang=fr", 400),
        (f"schools?unit={'x' * 300}", 400),
        ("nowhere", 404),
    ],
)
def test_what_is_not_understood_is_a_problem_that_says_so(full: RunningBoard, path: str, status: int) -> None:
    answer = get(full, path)
    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert {"type", "title", "status", "detail"} == answer.json().keys()


def test_another_kind_than_there_is_and_another_method_are_problems(full: RunningBoard) -> None:
    kind = get(full, "schools", Accept="image/png")
    method = httpx.post(f"{full.url}/api/v1/schools", trust_env=False)
    assert [(406, "application/problem+json"), (405, "application/problem+json")] == [
        (answer.status_code, answer.headers["content-type"]) for answer in (kind, method)
    ]


def test_what_has_not_changed_is_not_sent_again(full: RunningBoard) -> None:
    first = get(full, "guarantees")
    again = get(full, "guarantees", **{"If-None-Match": first.headers["etag"]})
    other = get(full, "guarantees?lang=en", **{"If-None-Match": first.headers["etag"]})
    assert (304, b"", 200) == (again.status_code, again.content, other.status_code)


def test_texts_are_in_the_language_that_is_asked_for(full: RunningBoard) -> None:
    chinese, english = get(full, "guarantees?lang=zh"), get(full, "guarantees", **{"Accept-Language": "en"})
    names = [answer.json()["data"][0]["name"] for answer in (chinese, english)]
    assert names[0] != names[1]
    assert ("zh", "en") == (chinese.headers["content-language"], english.headers["content-language"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "json"),
        ("text/csv", "csv"),
        ("application/json, text/csv;q=0.9", "json"),
        ("text/csv;q=0.9, application/json;q=0.1", "csv"),
        ("image/png", None),
        ("text/csv;q=0", None),
    ],
)
def test_the_kind_that_is_wanted_most_is_sent(accept: str, kind: str | None) -> None:
    assert kind == wanted(accept)


def test_reports_are_listed_and_fetched_and_no_path_leads_elsewhere(full: RunningBoard) -> None:
    files = data(full, "reports")
    assert [("2026Q4", "draft"), ("2026Q3", "v1")] == [(file["quarter"], file["version"]) for file in files]
    fetched = httpx.get(full.url + files[0]["href"], trust_env=False)
    elsewhere = [
        httpx.get(f"{full.url}/reports/2026Q4/draft/{path}", trust_env=False).status_code
        for path in ("../../../secret.txt", "%2e%2e/%2e%2e/%2e%2e/secret.txt", "none.docx", "/etc/passwd")
    ]
    assert (200, b"PK", [404] * 4) == (fetched.status_code, fetched.content, elsewhere)


def test_hostile_names_are_text_in_json_and_no_formula_in_csv(tmp_path: Path) -> None:
    from dashboards.board import Names, SchoolName

    names = Names(schools={PRIMARY: SchoolName(name='=HYPERLINK("http://x")', unit="@unit")})
    with running_board(f"sqlite:///{tmp_path / 's.sqlite'}", names=names) as board:
        board.store.write([*evaluation(board.now_ms - 5000), *live(board.now_ms - 2000)])
        told = data(board, f"schools?school={PRIMARY}")[0]
        lines = list(
            csv.reader(io.StringIO(get(board, "schools", Accept="text/csv").content.decode("utf-8-sig")))
        )
        reasons = [row["reason"] for row in data(board, "indicators")]
    cells = [cell for line in lines[1:] for cell in line]
    assert '=HYPERLINK("http://x")' == told["name"]
    assert [] == [cell for cell in cells if cell[:1] in {"=", "@"}]
    assert UNSAFE in reasons


def tokens(path: Path, role: Role, scope: Scope, *, days: int = 30, now_ms: int = NOW) -> str:
    with closing(AccountsFile(path)) as file:
        _, token = Tokens(file).add(
            "test", role, scope, by="ops", within=EVERYTHING, days=days, now_ms=now_ms
        )
    return token


def test_a_token_reads_its_own_part_until_it_is_over_or_taken_back(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.sqlite"
    with running_board(
        f"sqlite:///{tmp_path / 's.sqlite'}", names=NAMES_OF_ALL, access=AccessSettings(accounts=accounts)
    ) as board:
        now = board.now_ms
        board.store.write(everything(now))
        school = tokens(accounts, "school", Scope(schools=(PRIMARY,)), now_ms=now)
        old = tokens(accounts, "bureau", EVERYTHING, days=1, now_ms=now - 3 * 86_400_000)

        def asked(token: str, path: str = "schools") -> httpx.Response:
            return get(board, path, Authorization=f"Bearer {token}")

        assert [PRIMARY] == [row["school"] for row in asked(school).json()["data"]]
        assert JUNIOR not in asked(school, "indicators").text
        refused = [asked(old), asked(school[:-1] + "x"), asked("campus_x_y"), get(board, "schools")]
        assert [401] * 4 == [answer.status_code for answer in refused]
        assert "Bearer" == refused[0].headers["www-authenticate"]
        assert 403 == asked(school, "districts").status_code
        page = httpx.get(
            f"{board.url}/schools", headers={"Authorization": f"Bearer {school}"}, trust_env=False
        )
        assert 303 == page.status_code, "a token opens no page"
        with closing(AccountsFile(accounts)) as file:
            for token in Tokens(file).all():
                Tokens(file).revoke(token.key, now_ms=now)
            kept = [row["hash"] for row in file.rows("SELECT hash FROM token")]
        assert 401 == asked(school).status_code
        assert all(school.split("_", 2)[2] not in text for text in kept)


def test_the_document_names_every_route_and_every_field() -> None:
    told = document("/campus", "1.0.0")
    assert {found.path for found in RESOURCES} == told["paths"].keys()
    for found in RESOURCES:
        assert set(found.filters) <= found.model.model_fields.keys(), found.name
        assert (
            found.model.model_fields.keys()
            == told["components"]["schemas"][found.model.__name__]["properties"].keys()
        )
