"""Whatever is taken from a ledger, or spoilt in it: the true sum lies in what is told, and a word is said."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.ledger.folder import FolderRead, read_folder

HEADS = ["资产编号", "资产名称", "数量", "单价", "原值", "取得日期", "存放地点", "使用状况", "使用人"]
NUMBERS, NAMES = st.integers(1, 99_999), st.sampled_from(["投影机", "电脑", "一体机", "打印机"])
Row = list[str]


@st.composite
def ledgers(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in draw(st.lists(NUMBERS, min_size=2, max_size=6, unique=True)):
        pieces, price = draw(st.integers(1, 40)), draw(st.integers(10, 20_000))
        rows.append(
            [
                *(f"ZC{number:05d}", draw(NAMES), str(pieces), str(price), str(price * pieces)),
                *("2019-09-01", f"{number % 40}室", "在用", "欧阳某"),
            ]
        )
    return rows


def truth(rows: list[Row]) -> int:
    return sum(int(row[4]) for row in rows) * 100


SPOILS = ["", "?", "约", "张某某13800138000", "x1", "--", "2019", "在用", "1,5", "#REF!", "1e999", "\\", "0"]


@st.composite
def spoilt(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """The ledger after some of the things that happen to one, a line at most one of them."""
    found: list[Row] = []
    for row in rows:
        column = draw(st.integers(0, len(HEADS) - 1))
        match draw(st.sampled_from(["nothing", "spoil", "shift left", "shift right", "twice", "destroy"])):
            case "spoil":
                # Of a sum that is another sum, or a number that is another, nobody can see that it is wrong.
                allowed = SPOILS if column > 4 else SPOILS[:-1]
                found.append([*row[:column], draw(st.sampled_from(allowed)), *row[column + 1 :]])
            case "shift left":
                found.append([*row[:column], *row[column + 1 :], ""])
            case "shift right":
                found.append([*row[:column], "", *row[column:]])
            case "twice":
                found += [row, row]
            case "destroy":
                found.append(["3.20102E+17", *row[1:]])
            case _:
                found.append(row)
    return found


def read(rows: list[Row], folder: Path) -> FolderRead:
    text = io.StringIO()
    csv.writer(text).writerows([HEADS, *rows])
    (folder / "l.csv").write_text(text.getvalue(), encoding="utf-8")
    return read_folder([folder / "l.csv"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=ledgers())
def test_the_true_sum_lies_in_what_is_told(data: st.DataObject, rows: list[Row], tmp_path: Path) -> None:
    told = read(data.draw(spoilt(rows)), tmp_path)
    sure = sum(asset.line.value_fen for asset in told.assets if asset.line.doubt is None)
    most = sum(asset.line.value_fen for asset in told.assets)
    assert sure <= truth(rows)
    assert told.unread or truth(rows) <= most


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ledgers())
def test_an_unspoilt_ledger_is_read_to_the_fen_and_without_a_word(rows: list[Row], tmp_path: Path) -> None:
    told = read(rows, tmp_path)
    assert (sum(asset.line.value_fen for asset in told.assets), told.unread) == (truth(rows), 0)
    assert all(asset.line.doubt is None for asset in told.assets)
    assert [] == [problem for part in told.parts for problem in part.problems]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=ledgers())
def test_no_name_and_no_telephone_leaves_in_any_field(
    data: st.DataObject, rows: list[Row], tmp_path: Path
) -> None:
    told = read(data.draw(spoilt(rows)), tmp_path)
    fields = "".join(f"{asset.key}{asset.line}" for asset in told.assets)
    assert "13800138000" not in fields
    if any(row[8] == "欧阳某" for row in rows):
        assert "欧阳" not in fields


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [1, 0, 4, 2, 3]])
def test_the_order_of_the_columns_does_not_matter(order: list[int], tmp_path: Path) -> None:
    rows = [["ZC1", "a", "3", "10", "30"], ["ZC2", "b", "1", "20", "20"]]
    text = "\n".join(",".join(row[at] for at in order) for row in [HEADS[:5], *rows])
    (tmp_path / "l.csv").write_text(text + "\n", encoding="utf-8")
    told = read_folder([tmp_path / "l.csv"])
    assert [("ZC1", 3000), ("ZC2", 2000)] == [(asset.key, asset.line.value_fen) for asset in told.assets]
