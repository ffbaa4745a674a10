"""Whatever is called hostile is shown as text, on every page, in every list and in every file of the board.

The routes come from the table of routes: a new one is walked without a line here.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from dashboards.access.settings import AccessSettings
from dashboards.board.names import read_names
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.hostile import DISTRICT, HOSTILE, SCHOOL, fill, hostile_registry, known
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.test_roles import GETS

ROLES = ("operator", "bureau", "expert")
_RUNS = re.compile(r"^\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


@dataclass(frozen=True)
class World:
    board: RunningBoard
    readers: dict[str, Reader]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("hostile")
    accounts = folder / "accounts.sqlite"
    for role in ROLES:
        add_account(accounts, role, role)  # type: ignore[arg-type]  # three of the roles
    registry = hostile_registry(folder / "registry", datetime.now(tz=UTC).date())
    shelf = folder / "reports" / "2026Q4" / "v1"
    shelf.mkdir(parents=True)
    (shelf / f"{HOSTILE.replace('/', '')}.txt").write_text(HOSTILE, encoding="utf-8")
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=read_names(registry),
        access=AccessSettings(accounts=accounts),
        reports=folder / "reports",
    ) as board:
        fill(board.store, known(registry), board.now_ms)
        readers = {role: Reader(board.url).enter(accounts, role) for role in ROLES}
        _decide(readers)
        yield World(board, readers)


def _decide(readers: dict[str, Reader]) -> None:
    """What people write on the pages."""
    operator, bureau = readers["operator"], readers["bureau"]
    operator.get("/now")  # the board knows the districts of what was evaluated
    alert = {"district": DISTRICT, "school": SCHOOL, "alert": "access-point-down", "subject": HOSTILE}
    tomorrow = datetime.now(tz=UTC) + timedelta(days=1)
    done = [
        bureau.change("/comment", school=SCHOOL, about=HOSTILE, text=HOSTILE),
        operator.change("/retire", school=SCHOOL, kind="device", subject=HOSTILE, reason=HOSTILE),
        operator.change("/alerts/silence", **alert, end=f"{tomorrow:%Y-%m-%dT%H:%M}", reason=HOSTILE),
        operator.change("/tokens", label=HOSTILE[:40], role="school", schools=SCHOOL, days="31"),
    ]
    assert {200, 303} >= {answer.status_code for answer in done}, [answer.text[-400:] for answer in done]


class _Markup(HTMLParser):
    """What a browser would make of the text: the elements that ours never have, and handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        handlers = [name for name, _ in attrs if name.startswith("on")]
        if tag == "img" or handlers or any((value or "").startswith("javascript:") for _, value in attrs):
            self.foreign.append(f"{tag} {attrs}")


def wrong_in(answer: httpx.Response) -> list[str]:
    """Where something of it would run."""
    kind = answer.headers.get("content-type", "")
    if "html" in kind or "svg" in kind:
        markup = _Markup()
        markup.feed(answer.text)
        worked_out = re.findall(r"onerror=alert\(1\)&gt;49", answer.text)
        return [*markup.foreign, *worked_out]
    if "csv" in kind:
        cells = [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
        return [cell for cell in cells if _RUNS.match(cell) and not _NUMBER.match(cell)]
    if "json" in kind:
        json.loads(answer.text)
        return []
    if "spreadsheet" in kind:
        book = load_workbook(io.BytesIO(answer.content))
        cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
        return [f"{cell.coordinate} {cell.value}" for cell in cells if cell.data_type == "f"]
    return []


@pytest.mark.parametrize("path", sorted(set(GETS.values())))
@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/csv"])
def test_nothing_that_is_called_hostile_runs(world: World, path: str, accept: str) -> None:
    for reader in world.readers.values():
        for language in ("zh", "en"):
            asked = f"{path}{'&' if '?' in path else '?'}lang={language}"
            answer = reader.get(asked, Accept=accept)
            assert answer.status_code < 500, answer.text[-500:]
            assert [] == wrong_in(answer), asked


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/now", "/schools", f"/school/{SCHOOL}", f"/school/{SCHOOL}/decisions", "/alerts?days=366"),
        *("/inventory", "/tokens", "/audit", "/quarantine", "/lessons?days=366", "/use", "/reports"),
    ],
)
def test_it_is_there_as_text(world: World, path: str) -> None:
    """Else the walk over the pages would have looked at nothing."""
    text = world.readers["operator"].get(path).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_lists_of_the_api_have_it_as_it_is(world: World) -> None:
    def texts(found: Any) -> list[str]:
        if isinstance(found, dict):
            return [text for value in found.values() for text in texts(value)]
        if isinstance(found, list):
            return [text for value in found for text in texts(value)]
        return [found] if isinstance(found, str) else []

    for name in ("schools", "rooms", "devices", "alerts"):
        told = world.readers["operator"].get(f"/api/v1/{name}").json()
        assert any(HOSTILE in text for text in texts(told)), name


def test_what_reads_a_page_finds_a_hostile_one() -> None:
    """The check itself: a page that repeated the name as it is would be told."""
    page = httpx.Response(200, text=f'<p title="{HOSTILE}">x', headers={"content-type": "text/html"})
    table = httpx.Response(200, text=f'a\r\n"{HOSTILE.replace(chr(34), chr(34) * 2)}"\r\n')
    table.headers["content-type"] = "text/csv"
    assert (True, True) == (bool(wrong_in(page)), bool(wrong_in(table)))
