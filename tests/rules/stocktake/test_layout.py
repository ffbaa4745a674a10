"""Sheets as people and programs hand them in: other orders, headings, encodings, and files that are none."""

import random
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from rules.inventory.output import to_workbook
from store import Store
from tests.rules.stocktake.sheets import (
    ACCESS_POINT,
    AP,
    HEADS,
    PANEL,
    PROJECTOR,
    book,
    inventory,
    known,
    read,
    shown,
    take,
    told,
)
from tests.rules.telemetry import CODE, LAST_DAY


def test_the_printed_workbook_is_read_back_as_it_was_filled(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    path.write_bytes(to_workbook([inventory(store)], known(), as_of=LAST_DAY))
    workbook = load_workbook(path)
    sheet, scans = workbook.worksheets
    heads = {cell.value: cell.column for cell in sheet[4]}
    sheet["B3"] = "2021年9月27日"
    for row in range(5, sheet.max_row + 1):
        if sheet.cell(row, heads["设备"]).value == AP:
            sheet.cell(row, heads["盘点"], "损坏")
    sheet.cell(sheet.max_row + 1, heads["序列号"], "NEW-12345")
    sheet.cell(sheet.max_row, heads["房间"], "R2")
    scans["C4"] = "*SN-90009*"
    workbook.save(path)
    found = take(store, path, day=None)
    assert told(found) == ""
    assert [(take.day, take.lines, take.unmarked) for take in found.takes] == [(date(2021, 9, 27), 3, 2)]
    assert shown(store) == {
        AP: ("unregistered", "broken", None),
        "0000123": ("never_seen", "seen", None),
        "NEW-12345": ("found", "seen", "R2"),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_saved_as_text_in_another_order_is_the_same(
    store: Store, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    rows = (
        "盘点人：王,,,",
        "备注,盘点,存放地点,资产编号",
        ",在,,ZC-00002",
        ",,,",
        "屏裂,损坏,,0000123",
        "合计,,,",
    )
    path.write_bytes("\r\n".join(rows).encode(encoding))
    assert told(take(store, path, school=CODE)) == ""
    assert {key: value[1] for key, value in shown(store).items()} == {"10.0.0.7": "seen", "0000123": "broken"}


def test_scanned_numbers_stand_in_any_order_and_beside_any_line(store: Store, tmp_path: Path) -> None:
    rows = [
        (*PROJECTOR[:6], "7022bb000001"),
        (*ACCESS_POINT[:6], "SN:SN210077"),
        (CODE, "", "R2", "", "", "", "MODEL X;SN=SN-90009"),
        (CODE, "", "R2", "", "", "", "UNKNOWN-777"),
    ]
    found = take(store, book(tmp_path / "a.xlsx", rows, heads=(*HEADS[:6], "扫码")))
    assert told(found) == ""
    assert shown(store) == {
        "10.0.0.7": ("registered", "seen", None),
        AP: ("unregistered", "seen", None),
        "0000123": ("never_seen", "elsewhere", "R2"),
        "UNKNOWN-777": ("found", "seen", "R2"),
    }


def test_words_of_headings_in_a_line_make_it_none(unchanged: Store, tmp_path: Path) -> None:
    heads = ("设备", "资产名称", "盘点", "备注")
    rows = [("10.0.0.7", "设备", "在", "说明"), (AP, "条码", "有", "备注")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), school=CODE)
    assert (told(found), sorted(line.device for line in found.lines)) == ("", ["10.0.0.7", AP])


def test_headings_again_and_a_table_below_with_other_columns(unchanged: Store, tmp_path: Path) -> None:
    heads = ("设备", "房间", "盘点")
    rows = [("10.0.0.7", "R1", "在"), heads, (AP, "R1", "不在")]
    rows += [("盘点", "资产编号", "房间"), ("不在", "0000123", "")]
    below = [*rows, ("资产编号", "房间", "原值"), ("ZC-00077", "R1", "在")]
    found = read(unchanged, book(tmp_path / "a.xlsx", below, heads=heads), school=CODE)
    assert told(found) == ""
    assert [(line.device or line.asset, line.outcome) for line in found.lines] == [
        ("10.0.0.7", "seen"),
        (AP, "absent"),
        ("0000123", "absent"),
    ]
    assert any("没有盘点列的表" in str(note) for note in found.notes)


@pytest.mark.parametrize("seed", range(6))
def test_rows_and_columns_in_any_order_say_the_same(unchanged: Store, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    rows = [
        (*PROJECTOR, "√", "", ""),
        (*ACCESS_POINT, "", "R2", ""),
        (*PANEL, "不在", "", "没找到"),
        ("",) * 9,
    ]
    order = chance.sample(range(9), 9)
    mixed = [[row[column] for column in order] for row in chance.sample(rows, len(rows))]
    heads = [HEADS[column] for column in order]
    found = read(unchanged, book(tmp_path / "a.xlsx", mixed, heads=heads))
    assert told(found) == ""
    assert sorted((line.outcome, line.room) for line in found.lines) == [
        ("absent", ""),
        ("seen", ""),
        ("seen", "R2"),
    ]


def test_columns_of_their_own_and_an_x_in_them(unchanged: Store, tmp_path: Path) -> None:
    heads = ("资产编号", "设备", "在", "不在", "损坏", "颜色")
    rows = [
        ("", "10.0.0.7", "x", "", "√", "白"),
        ("", AP, "", "X", "", ""),
        ("0000123", "", "√", "√", "", ""),
    ]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), school=CODE)
    assert {line.device: (line.outcome, line.broken) for line in found.lines} == {
        "10.0.0.7": ("seen", True),
        AP: ("absent", False),
    }
    assert "同时写了在与不在" in told(found)
    assert "颜色" in str(found.notes[0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04torn",
        b"<html><table><tr><td>",
        "盘点\n在\n".encode(),
        b'\xe8"a,b\n"',
        b"%PDF-1.4",
    ],
)
def test_what_is_no_stock_take_is_told_and_nothing_is_kept(
    unchanged: Store, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    found = read(unchanged, path)
    assert (bool(told(found)), found.lines) == (True, ())


def test_a_quotation_mark_that_nobody_closed_hides_no_lines(unchanged: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = ["资产编号,设备,盘点", 'ZC-00002,,"在', f",{AP},不在", "0000123,,在"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert "引号没有闭合" in told(read(unchanged, path, school=CODE))
