"""Nothing that is sent to the board makes it fail: neither what its document allows, nor anything else."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from dashboards.access.settings import AccessSettings
from dashboards.board.api.table import RESOURCES
from dashboards.board.routes import ROUTES
from dashboards.board.routing import Page
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import UNSAFE
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.whole import NAMES_OF_ALL, everything

TEMPLATES = Path("dashboards/board/templates")
_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
_CLEAN = frozenset({*range(200, 207), *range(300, 309), *range(400, 430)})


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningBoard, Reader]]:
    folder = tmp_path_factory.mktemp("fuzz")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "ops", "operator")
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=NAMES_OF_ALL,
        access=AccessSettings(accounts=accounts),
        reports=folder,
    ) as board:
        board.store.write(everything(board.now_ms))
        yield board, Reader(board.url).enter(accounts, "ops")


@pytest.fixture(scope="module")
def described(fuzzed: tuple[RunningBoard, Reader]) -> schemathesis.BaseSchema:
    board, reader = fuzzed
    document = reader.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=board.url)
    return schema


@pytest.mark.parametrize("name", [found.name for found in RESOURCES])
def test_every_answer_of_the_api_is_one_that_its_document_promises(
    described: schemathesis.BaseSchema, fuzzed: tuple[RunningBoard, Reader], name: str
) -> None:
    cookies = {"campus_session": fuzzed[1].client.cookies["campus_session"]}

    @settings(max_examples=8, deadline=None, suppress_health_check=_QUIET)
    @given(case=described[f"/api/v1/{name}"]["GET"].as_strategy())
    def holds(case: Case) -> None:
        case.call_and_validate(cookies=cookies)

    holds()


_TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from([UNSAFE, "=1+1", "../../etc/passwd", "%00", "\x00", "\u202e", "{{7*7}}", "9" * 400]),
)
# What pages take besides, and every field of every form, as the templates have them.
_TAKEN = {"page", "per_page", "days", "what", "show", "span", "lang", "fragment", "next", "state", "code"}
_FIELDS = sorted(
    _TAKEN.union(
        name
        for file in TEMPLATES.iterdir()
        for name in re.findall(r'name="([a-z_]+)"', file.read_text(encoding="utf-8"))
    )
)
_PART = re.compile(r"\{(\w+)(:path)?\}")


def _safe(answer: httpx.Response) -> None:
    assert answer.status_code in _CLEAN, (answer.status_code, answer.request.url, answer.text[:300])
    assert UNSAFE not in answer.text or "html" not in answer.headers.get("content-type", "")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "page", [page for page in ROUTES if page.method == "GET"], ids=lambda page: page.path
)
@settings(max_examples=4, deadline=None, suppress_health_check=_QUIET)
@given(
    part=_TEXT,
    query=st.dictionaries(st.sampled_from(_FIELDS), _TEXT, max_size=6),
    headers=st.dictionaries(
        st.sampled_from(["Accept", "Accept-Language", "If-None-Match", "X-Forwarded-For", "Authorization"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        max_size=2,
    ),
)
def test_a_page_answers_whatever_is_asked(
    fuzzed: tuple[RunningBoard, Reader], page: Page, part: str, query: dict[str, str], headers: dict[str, str]
) -> None:
    """Each part of the address that a route leaves open is filled with anything."""
    path = _PART.sub(lambda found: quote(part, safe="/" if found[2] else ""), page.path)
    told = {key: value.strip() or "-" for key, value in headers.items()}
    _safe(fuzzed[1].client.get(path, params=query, headers=told))


@pytest.mark.parametrize(
    "page",
    [page for page in ROUTES if page.method == "POST" and "logout" not in page.path],
    ids=lambda page: page.path,
)
@settings(max_examples=6, deadline=None, suppress_health_check=_QUIET)
@given(
    fields=st.dictionaries(st.sampled_from(_FIELDS), _TEXT, max_size=8),
    raw=st.one_of(st.none(), st.binary(max_size=80)),
    proven=st.booleans(),
)
def test_a_form_is_answered_whatever_it_holds(
    fuzzed: tuple[RunningBoard, Reader],
    page: Page,
    fields: dict[str, str],
    raw: bytes | None,
    proven: bool,
) -> None:
    _, reader = fuzzed
    path = _PART.sub("x", page.path)
    if proven:
        fields = {**fields, "mark": _mark(reader)}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    if raw is not None:
        _safe(reader.client.post(path, content=raw, headers=form))
    else:
        _safe(reader.client.post(path, data=fields, headers=form))


_MARKS: dict[str, str] = {}


def _mark(reader: Reader) -> str:
    if reader.url not in _MARKS:
        _MARKS[reader.url] = reader.mark()
    return _MARKS[reader.url]
