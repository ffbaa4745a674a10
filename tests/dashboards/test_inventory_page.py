"""Devices beside the ledgers, on the board and as a file."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dashboards.board.names import read_names
from rules.stored.stocktakes import StockLine, Stocktake, stocktake_points
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import evaluation
from tests.dashboards.parsed import parse
from tests.rules.commands import SMALL
from tests.rules.ledgers import asset, telling
from tests.rules.telemetry import CODE, access_point, points, projector
from tests.rules.test_mapping import room_map


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
        stock = stocktake_points(*stocktake(board.now_ms))
        maps = room_map(("10.0.0.7", "projector", "<b>R9"), time=time)
        board.store.write([*evaluation(board.now_ms), *points(*told, *seen, *maps), *stock])
        yield board


def stocktake(now_ms: int) -> tuple[list[Stocktake], list[StockLine]]:
    """A projector in another room, and a thing that no list has."""
    of: dict[str, Any] = {"district": "120116", "school": CODE, "file": "0" * 16, "day": date(2021, 9, 20)}
    of |= {"day_ms": now_ms - 8 * 86_400_000, "taken_ms": now_ms}
    take = Stocktake(**of, file_name="a.xlsx", who="ann", lines=2, unmarked=0, untaken=3)
    moved = StockLine(**of, place=0, outcome="seen", cell="A1", device="10.0.0.7", room="R9")
    found = StockLine(**of, place=1, outcome="found", cell="A2", serial="NEW-<u>1", name="投影机", room="R9")
    return [take], [moved, found]


def states(board: RunningBoard, query: str = "") -> list[str]:
    rows = parse(board.get(f"/inventory{query}").text).one("section", id="inventory").one("tbody").all("tr")
    return [row.attributes.get("data-state", "") for row in rows]


def test_what_does_not_agree_stands_first(board: RunningBoard) -> None:
    assert states(board) == ["unregistered", "never_seen", "found", "registered"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("?state=never_seen", ["never_seen"]), ("?q=sn12345", ["registered"]), ("?school=9999999999", [""])],
)
def test_lines_are_found_by_state_words_and_school(board: RunningBoard, query: str, found: list[str]) -> None:
    assert states(board, query) == found


def test_names_are_never_markup(board: RunningBoard) -> None:
    text = board.get("/inventory").text
    assert ("<b>大屏" in text, "<i>9" in text or "<u>1" in text, "&lt;b&gt;大屏" in text) == (
        False,
        False,
        True,
    )


def test_the_file_has_every_line(board: RunningBoard) -> None:
    answer = board.get("/inventory.csv")
    assert (answer.status, len(answer.text.strip().splitlines())) == (200, 5)


def test_the_last_stock_take_stands_beside_and_what_it_left_out_is_said(board: RunningBoard) -> None:
    page = parse(board.get("/inventory").text)
    told = [
        cell.text for cell in page.one("section", id="inventory").all("td") if "data-told" in cell.attributes
    ]
    assert ["在" in told[0], "移位 R9" in told[1], "2021-09-20" in told[1]] == [True, True, True]
    assert "3 处没有看懂" in page.one("section", id="inventory-state").text


def test_a_room_map_that_names_another_room_is_said(board: RunningBoard) -> None:
    line, *_ = parse(board.get("/inventory").text).one("section", id="room-maps").all("li")
    assert "把 10.0.0.7 对应到房间 <b>R9，登记表中没有这间房" in line.text
