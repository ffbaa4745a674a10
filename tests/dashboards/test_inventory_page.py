"""Devices beside the ledgers, on the board and as a file."""

from collections.abc import Iterator

import pytest

from dashboards.board.names import read_names
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import evaluation
from tests.dashboards.parsed import parse
from tests.rules.telemetry import access_point, points, projector
from tests.rules.test_command import SMALL
from tests.rules.test_equipment import asset, telling


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    url = f"sqlite:///{tmp_path_factory.mktemp('inventory') / 'store.sqlite'}"
    with running_board(url, names=read_names(SMALL)) as board:
        time = board.now_ms - 3_600_000
        told = telling(
            asset("ZC-00001", 5_000, time=time, serial="SN-12345"),
            asset("ZC-00002", 5_000, time=time, category="A02020200").model_copy(
                update={"name": "<b>大屏</b>"}
            ),
            time=time,
        )
        seen = [projector(time, device="10.0.0.7", serial="sn12345"), access_point(time, "up", ap="AP-<i>9")]
        board.store.write([*evaluation(board.now_ms), *points(*told, *seen)])
        yield board


def states(board: RunningBoard, query: str = "") -> list[str]:
    rows = parse(board.get(f"/inventory{query}").text).one("section", id="inventory").one("tbody").all("tr")
    return [row.attributes.get("data-state", "") for row in rows]


def test_what_does_not_agree_stands_first(board: RunningBoard) -> None:
    assert states(board) == ["unregistered", "never_seen", "registered"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("?state=never_seen", ["never_seen"]), ("?q=sn12345", ["registered"]), ("?school=9999999999", [""])],
)
def test_lines_are_found_by_state_words_and_school(board: RunningBoard, query: str, found: list[str]) -> None:
    assert states(board, query) == found


def test_names_are_never_markup(board: RunningBoard) -> None:
    text = board.get("/inventory").text
    assert ("<b>大屏" in text, "<i>9" in text, "&lt;b&gt;大屏" in text) == (False, False, True)


def test_the_file_has_every_line(board: RunningBoard) -> None:
    answer = board.get("/inventory.csv")
    assert (answer.status, len(answer.text.strip().splitlines())) == (200, 4)
