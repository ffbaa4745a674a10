"""A stock-take on its way back: sheets as people and their programs hand them in, read, kept and shown."""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from registry import Registry
from registry.problems import lines as told_lines
from rules.inventory.lines import lines_of
from rules.inventory.matching import SchoolInventory
from rules.inventory.output import to_workbook
from rules.inventory.reading import read_inventory
from rules.stocktake.importing import Asked, Import, keep, prepare
from rules.stored.audit import read_audit
from rules.stored.stocktakes import read_stocktakes
from store import Store, open_store
from tests.rules.build import registry, school
from tests.rules.telemetry import CODE, LAST_DAY, NOW, access_point, points, polls, projector, room
from tests.rules.test_command import SMALL, campus
from tests.rules.test_equipment import asset, telling

OTHER = "2112000002"
AP = "70:22:BB:00:00:01"
HEADS = ("学校标识码", "状态", "房间", "设备", "序列号", "资产编号", "盘点", "移到房间", "备注")
# A line of each kind of thing, as the printed sheet has it.
PROJECTOR = (CODE, "已登记", "R1", "10.0.0.7", "SN210077", "ZC-00002")
ACCESS_POINT = (CODE, "未登记", "R1", AP, "", "")
PANEL = (CODE, "账上有、未见", "", "", "SN-90009", "0000123")
LIST = (PROJECTOR, ACCESS_POINT, PANEL)


def known() -> Registry:
    rooms = [room("R1"), room("R2"), room("A栋302")]
    return registry([school(CODE), school(OTHER)], rooms=rooms)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same for those that keep nothing."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('stocktake') / 'store.sqlite'}") as opened:
        fill(opened)
        yield opened


def fill(store: Store) -> None:
    store.prepare()
    told = telling(
        asset("ZC-00002", 5_000, serial="sn 2100-77"),
        asset("0000123", 5_000, serial="SN-90009"),
        asset("ZC-00077", 5_000, category="A05010200"),
    )
    seen = [
        projector(polls()[0], device="10.0.0.7", serial="SN210077"),
        access_point(polls()[0], "up", ap=AP),
    ]
    assert store.write(points(*told, *seen)) == []


def book(
    path: Path, rows: Sequence[Sequence[Any]], *, heads: Sequence[str] = HEADS, above: Sequence[Any] = ()
) -> Path:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "盘点表"
    for row in (*above, heads, *rows):
        sheet.append(list(row))
    workbook.save(path)
    return path


def read(store: Store, *paths: Path, day: date | None = LAST_DAY, **asked: Any) -> Import:
    return prepare(store, known(), Asked(paths=paths, now_ms=NOW, who="ann", day=day, **asked))


def take(store: Store, *paths: Path, **asked: Any) -> Import:
    """Read, and kept where nothing is wrong."""
    found = read(store, *paths, **asked)
    if not found.problems:
        keep(store, found)
    return found


def told(found: Import) -> str:
    return "\n".join(told_lines(found.problems))


def inventory(store: Store) -> SchoolInventory:
    return read_inventory(store, known(), now_ms=NOW, school=CODE)[0]


def shown(store: Store) -> dict[str, tuple[str, str | None, str | None]]:
    """Of every line that a stock-take speaks of: by its device, asset or serial number."""
    return {
        line["device"] or line["asset"] or line["serial"]: (
            line["state"],
            line["last_stocktake"],
            line["last_stocktake_room"],
        )
        for line in lines_of(inventory(store), known())
        if line["last_stocktake"]
    }


def test_ticks_stand_beside_the_lists(store: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "√"), (*ACCESS_POINT, "移到 R2"), (*PANEL, "不在")]
    assert told(take(store, book(tmp_path / "a.xlsx", rows))) == ""
    assert shown(store) == {
        "10.0.0.7": ("registered", "seen", None),
        AP: ("unregistered", "elsewhere", "R2"),
        "0000123": ("never_seen", "absent", None),
    }


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


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ((*PROJECTOR[:4], "", "3.20102E+17", "在"), ""),  # the device names it still
        ((CODE, "", "R1", "", "320102198001010000", "", "在"), "E2（序列号）：“320102198001010000”表格软件"),
        ((CODE, "", "R1", "", "3.20102E+17", "", "在"), "已丢失"),
        ((CODE, "账上有、未见", "", "", "", "123", "在"), "是否为 0000123"),
        ((*PROJECTOR, "在吗"), "G2（盘点）：“在吗”不明白；请写 在、不在、移到 房间、损坏 之一"),
        ((*PROJECTOR, "x"), "--cross"),
        ((*PROJECTOR, "不在", "R2"), "同时写了在与不在"),
        ((*PROJECTOR, "移位"), "没有写移到哪间房"),
        ((*PROJECTOR, "移到A栋30"), "是否为 A栋302"),
        ((*PROJECTOR, "在", "", "已搬走"), "备注与盘点不一致"),
        ((OTHER, *PROJECTOR[1:], "在"), "已不在清单中"),
        (("2112000009", *PROJECTOR[1:], "在"), "没有此学校"),
        ((CODE, "", "", "", "NOBODY-1", "", "不在"), "不能记为不在"),
        ((CODE, "已登记", "R1", "10.0.0.7", "", "0000123", "在"), "可能指几样东西"),
        ((CODE, "", "", "", "", "", "在"), "没有编号也没有名称"),
        ((*PROJECTOR[:2], "R9", *PROJECTOR[3:], "在"), "登记表中没有这间房"),
        ((*PROJECTOR, "#REF!"), "错误值"),
    ],
)
def test_what_is_not_understood_is_told_with_its_cell(
    unchanged: Store, tmp_path: Path, row: Any, says: str
) -> None:
    found = read(unchanged, book(tmp_path / "a.xlsx", [row]))
    assert says in told(found)
    assert (says == "") == bool(found.takes and not found.problems)


def test_a_line_of_another_school_is_not_taken_for_this_one(unchanged: Store, tmp_path: Path) -> None:
    found = read(unchanged, book(tmp_path / "a.xlsx", [(OTHER, *PROJECTOR[1:], "在")]), school=CODE)
    assert "是另一所学校（学校02）的行" in told(found)


def test_one_thing_with_two_results_has_none(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在"), (*ACCESS_POINT, "在"), (*PROJECTOR, "不在")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert "同一样东西有不同的结果（a.xlsx 盘点表 2、a.xlsx 盘点表 4）" in told(found)
    assert [line.device for line in found.lines] == [AP]


def test_one_thing_twice_alike_counts_once(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在"), (CODE, "", "", "", "sn2100-77", "", "有")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert (told(found), len(found.lines)) == ("", 1)


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


def test_a_scan_of_what_is_ticked_as_missing_is_told(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "不在"), (*ACCESS_POINT, "在", "", "", "SN210077")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=(*HEADS, "扫码")))
    assert "不同的结果" in told(found)


def test_the_same_file_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在"), (CODE, "", "R2", "", "NEW-12345", "", "在")])
    take(store, path)
    before = (shown(store), read_stocktakes(store))
    again = prepare(store, known(), Asked(paths=[path], now_ms=NOW + 60_000, who="bob", day=LAST_DAY))
    keep(store, again)
    assert again.again == ("a.xlsx",)
    assert (shown(store), read_stocktakes(store)) == before


def test_the_later_day_stands_whenever_it_was_handed_in(store: Store, tmp_path: Path) -> None:
    later = book(tmp_path / "b.xlsx", [(*PROJECTOR, "在")])
    earlier = book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在")])
    take(store, later, day=date(2021, 9, 20))
    take(store, earlier, day=date(2021, 9, 1))
    assert shown(store)["10.0.0.7"][1] == "seen"
    assert [take.day.day for take in read_stocktakes(store)] == [20, 1]


def test_of_two_files_of_one_day_the_one_read_last_stands(store: Store, tmp_path: Path) -> None:
    take(store, book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在")]))
    mended = prepare(
        store,
        known(),
        Asked(paths=[book(tmp_path / "b.xlsx", [(*PROJECTOR, "在")])], now_ms=NOW + 1, who="", day=LAST_DAY),
    )
    keep(store, mended)
    assert shown(store)["10.0.0.7"][1] == "seen"


def test_what_was_found_and_is_gone_later_is_found_no_more(store: Store, tmp_path: Path) -> None:
    new = (CODE, "", "R2", "", "NEW-12345", "")
    take(store, book(tmp_path / "a.xlsx", [(*new, "在")]), day=date(2021, 9, 1))
    assert "NEW-12345" in shown(store)
    found = take(store, book(tmp_path / "b.xlsx", [(CODE, "盘点发现", *new[2:], "不在")]))
    assert (told(found), "NEW-12345" in shown(store)) == ("", False)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ([("", "R2", "黑板", "在")], [("B-12345", "R2", "黑板", "在")], [("B-12345", "seen")]),
        ([("B-12345", "R2", "黑板", "在")], [("", "R2", "黑板", "损坏")], [("B-12345", "broken")]),
        (
            [("B-12345", "R2", "黑板", "在")],
            [("", "R1", "黑板", "在")],
            [(None, "seen"), ("B-12345", "seen")],
        ),
        # Two of them: nobody knows which one it was.
        (
            [("", "R2", "黑板", "在")],
            [("B-12345", "R2", "黑板", "在"), ("B-23456", "R2", "黑板", "在")],
            [(None, "seen"), ("B-12345", "seen"), ("B-23456", "seen")],
        ),
    ],
)
def test_what_was_found_without_its_number_once_is_shown_once(
    store: Store, tmp_path: Path, first: Any, then: Any, expected: Any
) -> None:
    heads = ("序列号", "房间", "名称", "盘点")
    take(store, book(tmp_path / "a.xlsx", first, heads=heads), day=date(2021, 9, 1), school=CODE)
    take(store, book(tmp_path / "b.xlsx", then, heads=heads), school=CODE)
    found = [
        (line["serial"], line["last_stocktake"])
        for line in lines_of(inventory(store), known())
        if line["state"] == "found"
    ]
    assert sorted(expected, key=str) == sorted(found, key=str)


def test_remarks_stay_in_the_file_and_that_is_said(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在", "", "外壳有划痕"), (*ACCESS_POINT, "在", "", "松动"), (*PANEL, "在")]
    (note,) = read(unchanged, book(tmp_path / "a.xlsx", rows)).notes
    assert ("2 行有备注" in note.what.zh, note.row) == (True, 2)


def test_a_thing_that_a_list_has_since_is_no_longer_found(store: Store, tmp_path: Path) -> None:
    take(store, book(tmp_path / "a.xlsx", [(CODE, "", "R1", "", "NEW-12345", "", "在")]))
    store.write(points(projector(polls()[1], device="10.0.0.9", serial="new12345")))
    assert shown(store) == {"10.0.0.9": ("unregistered", "seen", "R1")} | {}


def test_lines_without_a_mark_are_counted_and_a_remark_alone_is_told(
    unchanged: Store, tmp_path: Path
) -> None:
    rows = [(*PROJECTOR, "在"), (*ACCESS_POINT, "", "", "找不到了"), PANEL]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert ([take.unmarked for take in found.takes], "写了备注而没有盘点" in str(found.notes[0])) == (
        [2],
        True,
    )


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
    ("day", "read_as"),
    [
        ("2021/9/7", date(2021, 9, 7)),
        (44446, date(2021, 9, 7)),
        ("2021年9月7日", date(2021, 9, 7)),
        (date(2021, 9, 7), date(2021, 9, 7)),
    ],
)
def test_the_day_is_read_as_spreadsheets_save_it(
    unchanged: Store, tmp_path: Path, day: Any, read_as: date
) -> None:
    heads, rows = (*HEADS, "盘点日期"), [(*PROJECTOR, "在", "", "", day)]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), day=None)
    assert [take.day for take in found.takes] == [read_as]


@pytest.mark.parametrize("day", ["9月7日", "7/9/21", "2031-01-01", "昨天", None])
def test_a_day_that_nobody_can_be_sure_of_is_told(unchanged: Store, tmp_path: Path, day: Any) -> None:
    heads, rows = (*HEADS, "盘点日期"), [(*PROJECTOR, "在", "", "", day)]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=heads), day=None)
    assert (bool(told(found)), found.lines) == (True, ())


def test_a_device_seen_in_two_rooms_is_one_thing(store: Store, tmp_path: Path) -> None:
    store.write(points(projector(polls()[5], device="10.0.0.7", serial="SN210077", room="R2")))
    rows = [(*PROJECTOR, "不在"), (*PROJECTOR[:2], "R2", *PROJECTOR[3:], "在")]
    found = take(store, book(tmp_path / "a.xlsx", rows))
    assert (told(found), [line.outcome for line in found.lines]) == ("", ["seen"])


def test_a_stock_take_turns_no_figure(store: Store, tmp_path: Path) -> None:
    from rules.answers.inquiry import inquire
    from rules.answers.output import to_json

    def judged() -> str:
        inquiry = inquire(known(), "binhai-2021", now_ms=NOW)
        return to_json(inquiry.judge(inquiry.facts(store, revise=False)))

    before = judged()
    take(store, book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在"), (*ACCESS_POINT, "损坏"), (*PANEL, "在")]))
    assert read_stocktakes(store) != ()
    assert judged() == before


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


def test_the_command_tells_what_it_kept_and_refuses_the_rest(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        seen = projector(round(time.time() * 1000) - 3_600_000, device="10.0.0.7", room="R101")
        assert opened.write(points(seen)) == []
    heads = ("设备", "房间", "盘点")
    path = book(tmp_path / "a.xlsx", [("10.0.0.7", "R101", "在"), ("10.0.0.8", "R101", "在吗")], heads=heads)
    asked = ("--registry", str(SMALL), "--store", sqlite_url, "--school", CODE, "--date", "2021-09-28")
    refused = campus("stocktake", str(path), *asked)
    taken = campus("stocktake", str(path), *asked, "--take", "rest")
    with open_store(sqlite_url) as opened:
        (kept,) = read_stocktakes(opened)
        (audited,) = read_audit(opened, since_ms=0)
    assert (
        refused.returncode,
        "C3（盘点）：“在吗”" in refused.stderr,
        "什么都没有保存" in refused.stderr,
    ) == (2, True, True)
    assert (taken.returncode, "在 1（移位 0" in taken.stdout, kept.lines, kept.untaken) == (2, True, 1, 1)
    assert (audited.action, audited.school, audited.subject) == ("stocktake", CODE, "a.xlsx")
