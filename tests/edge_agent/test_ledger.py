"""Asset ledgers as offices keep them: read to the fen, told as a whole, and no person in it."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from contract import LEDGER_RUN
from edge_agent import ledger_cells as cells
from edge_agent.collectors import ledger
from edge_agent.collectors.base import Round
from edge_agent.collectors.ledger import TELL_AGAIN_MS, Ledger
from edge_agent.ledger_file import Unreadable, read_text_ledger
from edge_agent.settings import LedgerSettings
from edge_agent.spool import Spool

NOW = 1_790_000_000_000  # 2026-09-21T14:13:20Z
HEADER = "资产编号,资产名称,资产分类代码,数量,原值,取得日期,存放地点,使用人,使用部门,序列号,使用状况\n"
ROW = "0001,投影机,A02020200,1,6000,2024-09-01,101,张三,教务处,sn1,在用\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SETTLE_S", 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ledger"
    path.mkdir()
    return path


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool.sqlite")) as opened:
        yield opened


def collect(folder: Path, spool: Spool, *, now: int = NOW) -> Round:
    settings = LedgerSettings(id="assets", folder=folder)
    result = asyncio.run(Ledger(settings, recall=spool.recall).collect(count(now).__next__))
    spool.append([*result.readings, *result.runs], now_ms=now, notes=result.notes)
    return result


def told(result: Round) -> list[tuple[str, str, int, int | None, str | None]]:
    return [(run.target, run.status, run.rows, run.expected, run.reason) for run in result.runs]


def values(text: str) -> list[tuple[str, int] | str]:
    return [
        line.problem if line.fields is None else (line.fields["asset"], line.fields["value_fen"])
        for line in read_text_ledger(text)
    ]


def test_a_ledger_is_told_once_with_one_time_and_a_run_that_says_how_many(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW + ROW.replace("0001", "0002"), encoding="utf-8")
    first, second = collect(folder, spool), collect(folder, spool)
    assert (
        {asset.time for asset in first.readings} == {first.runs[0].time},
        told(first),
        told(second),
    ) == (True, [(LEDGER_RUN, "ok", 2, 2, None)], [("ledger/", "ok", 0, None, None)])


def test_nothing_of_a_person_or_a_department_leaves_the_school(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    said = collect(folder, spool).readings[0].model_dump(exclude={"time", "kind"})
    assert said == {
        "asset": "0001",
        "name": "投影机",
        "category": "A02020200",
        "room": "101",
        "serial": "SN1",
        "model": None,
        "quantity": 1,
        "value_fen": 600_000,
        "acquired": "2024-09-01",
        "status": "in_use",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_ledger_is_read_in_the_offices_encoding(folder: Path, spool: Spool, encoding: str) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding=encoding)
    assert [asset.model_dump()["name"] for asset in collect(folder, spool).readings] == ["投影机"]


def test_a_workbook_with_a_title_numbers_dates_and_a_total_is_read(folder: Path, spool: Spool) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["滨海模拟小学固定资产台账"])
    sheet.append(["资产编码", "资产名称", "价值（元）", "数量", "购置日期"])
    sheet.append([20240001, "电脑", 4999.99, 1, date(2024, 9, 1)])
    sheet.append(["0002", "电脑", 1234.5, 2, 45536])
    sheet.append(["合计", None, 6234.49])
    book.save(folder / "a.xlsx")
    found = [
        asset.model_dump(include={"asset", "value_fen", "acquired"})
        for asset in collect(folder, spool).readings
    ]
    assert found == [
        {"asset": "20240001", "value_fen": 499_999, "acquired": "2024-09-01"},
        {"asset": "0002", "value_fen": 123_450, "acquired": "2024-09-01"},
    ]


def test_a_price_is_multiplied_by_the_quantity_and_a_value_is_the_lines_own() -> None:
    price = values("资产编号,单价,数量\n1,333.33,3\n")
    value = values("资产编号,价值,数量\n1,1000,3\n")
    both = values("资产编号,单价,数量,原值\n1,333.33,3,1000\n2,333.33,3,2000\n")
    assert (price, value, both) == (
        [("1", 99_999)],
        [("1", 100_000)],
        [("1", 100_000), "value '2000' is not '333.33' times 3"],
    )


def test_a_header_in_ten_thousands_counts_for_every_cell_that_names_no_unit() -> None:
    assert values("资产编号,原值(万元)\n1,1.23456\n2,5元\n") == [("1", 1_234_560), ("2", 500)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("6000", 600_000),
        ("¥1,234.50", 123_450),
        ("￥ 1，234.5 元", 123_450),
        ("1.2万元", 1_200_000),
        ("0.000001万", 1),
        ("0", 0),
    ],
)
def test_money_is_read_to_the_fen(cell: str, expected: int) -> None:
    assert cells.fen(cell) == expected


@given(st.integers(0, 10**14), st.sampled_from(["plain", "commas", "wan"]))
def test_every_amount_comes_back_to_the_fen_however_it_is_written(fen: int, form: str) -> None:
    yuan, rest = divmod(fen, 100)
    written = {
        "plain": f"{yuan}.{rest:02d}",
        "commas": f"¥{yuan:,}.{rest:02d}",
        "wan": f"{fen // 10**6}.{fen % 10**6:06d}万元",
    }[form]
    assert cells.fen(written) == fen


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-09-01", "2024-09-01"),
        ("2024/9/1", "2024-09-01"),
        ("20240901", "2024-09-01"),
        ("45536", "2024-09-01"),
    ],
)
def test_a_date_is_read_in_four_forms(cell: str, expected: str) -> None:
    assert cells.acquired(cell) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",x,A02,1,5,,,,,,", "no asset number"),
        ("1,x,A02,1,,,,,,,", "no value"),
        ("1,x,A02,1,-5,,,,,,", "'-5' is no amount of money"),
        ("1,x,A02,1,0.001,,,,,,", "'0.001' is no whole number of fen"),
        ("1,x,B02,1,5,,,,,,", "category: 'B02' is neither A with 2 to 8 digits nor 7 digits"),
        ("1,x,A02,few,5,,,,,,", "quantity: 'few' is no whole number"),
        ("1,x,A02,1,5,2024-13-01,,,,,", "date: '2024-13-01' is no day of the calendar"),
        ("1,x,A02,1,5,,,,,,借出", "status: '借出' is none of "),
    ],
)
def test_a_line_that_cannot_be_read_says_why(row: str, expected: str) -> None:
    (line,) = read_text_ledger(f"{HEADER}{row}\n")
    assert (line.place, line.problem[: len(expected)]) == ("line 2", expected)


def test_bad_lines_are_named_and_the_others_told(folder: Path, spool: Spool) -> None:
    bad = ROW.replace("0001", "0002").replace("6000", "much")
    (folder / "a.csv").write_text(HEADER + ROW + bad, encoding="utf-8")
    reason = "a.csv line 3: 'much' is no amount of money"
    assert told(collect(folder, spool)) == [(LEDGER_RUN, "partial", 1, 2, reason)]


def test_an_asset_that_is_there_twice_is_told_once_and_a_contradiction_is_named(
    folder: Path, spool: Spool
) -> None:
    (folder / "a.csv").write_text(HEADER + ROW + ROW, encoding="utf-8")
    same = collect(folder, spool)
    (folder / "b.csv").write_text(HEADER + ROW.replace("6000", "7000"), encoding="utf-8")
    other = collect(folder, spool, now=NOW + 10_000)
    assert (told(same), told(other)) == (
        [(LEDGER_RUN, "ok", 1, 1, None)],
        [(LEDGER_RUN, "partial", 1, 2, "b.csv line 2: asset 0001 has other figures in a.csv line 2")],
    )


def test_the_same_content_in_another_file_is_not_told_again(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    collect(folder, spool)
    (folder / "a.csv").write_text(HEADER + ROW, encoding="gb18030")
    assert told(collect(folder, spool, now=NOW + 10_000)) == [("ledger/", "ok", 0, None, None)]


def test_a_ledger_is_told_again_after_thirty_days(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    collect(folder, spool)
    again = [
        collect(folder, spool, now=NOW + wait) for wait in (TELL_AGAIN_MS - 60_000, TELL_AGAIN_MS + 60_000)
    ]
    assert [len(result.readings) for result in again] == [0, 1]


def test_a_crash_before_the_commit_loses_nothing(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    settings = LedgerSettings(id="assets", folder=folder)
    asyncio.run(Ledger(settings, recall=spool.recall).collect(count(NOW).__next__))  # and never committed
    assert len(collect(folder, spool).readings) == 1


def test_half_a_line_waits_until_it_is_whole(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW.strip(), encoding="utf-8")
    waiting = collect(folder, spool)
    assert told(waiting) == [("ledger/", "ok", 0, None, "a file is still being written")]


def test_a_file_that_is_no_ledger_is_told_and_nothing_else(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "b.xlsx").write_bytes(b"not a workbook")
    (folder / "c.xls").write_bytes(b"old")
    result = collect(folder, spool)
    reason = result.runs[0].reason or ""
    assert (result.readings, result.runs[0].status, reason.startswith("a.csv: no header row")) == (
        (),
        "decode",
        True,
    )


def test_a_unit_that_is_no_money_is_refused() -> None:
    with pytest.raises(Unreadable, match="'美元' is no unit of money"):
        read_text_ledger("资产编号,原值(美元)\n1,5\n")
