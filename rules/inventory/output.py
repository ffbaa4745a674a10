"""The inventory as a table, JSON, and as a workbook for a stock-take; CSV is in `lines.py`."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from registry import Registry
from rules.answers.book import Book, Sheet
from rules.inventory.counted import TOLD, Told
from rules.inventory.lines import CSV_HEADERS, STATES, State, cell_of, kind_name, lines_of
from rules.inventory.matching import SchoolInventory
from runtime.language import Text

_WIDTHS = (13, 26, 12, 12, 12, 22, 20, 20, 18, 24, 11, 11, 9, 11, 11, 9, 12, 20)
# What people fill in, behind what is known; what the reader of a stock-take knows by these headings.
_TO_FILL = ("盘点", "移到房间", "备注")
_MARKS = ("在", "不在", "移位", "损坏")
_SCANS = ("学校标识码", "房间", "扫码", "资产名称", "备注")
_EMPTY_SCANS = 200


def counts_of(school: SchoolInventory) -> dict[str, int | bool]:
    """How many lines of each kind; ledger_whole: nothing of the ledger was left unread."""
    return {
        "devices": school.devices,
        "registered": len(school.registered),
        "unregistered": len(school.unregistered),
        "doubtful": len(school.doubtful),
        "never_seen": len(school.never_seen),
        "found": len(school.counted.found),
        "stocktake_unclear": len(school.counted.unclear),
        "ledger": school.ledger,
        "ledger_whole": school.whole,
    }


def to_json(schools: Sequence[SchoolInventory], registry: Registry) -> str:
    """Every school with its counts and lines. Keys are added, never renamed."""
    found = [
        {"school_code": school.school, **counts_of(school), "lines": list(lines_of(school, registry))}
        for school in schools
    ]
    return json.dumps({"schools": found}, ensure_ascii=False, indent=2)


def to_table(schools: Sequence[SchoolInventory], registry: Registry, *, every: bool) -> RenderableType:
    """A row a school; with `every`, then a row a line of what does not agree."""
    table = Table(box=None)
    table.add_column(str(Text("学校", "School")), overflow="fold")
    for title in (
        Text("设备", "Devices"),
        *(STATES[state] for state in ("registered", "unregistered", "doubtful", "never_seen")),
    ):
        table.add_column(str(title), justify="right")
    table.add_column(str(Text("台账", "Ledger")))
    for school in schools:
        table.add_row(*_school_row(school, registry))
    parts: list[RenderableType] = [table]
    if every:
        parts += [_lines_table(school, registry) for school in schools]
    return Group(*parts)


def _school_row(school: SchoolInventory, registry: Registry) -> tuple[str, ...]:
    known = registry.schools.get(school.school)
    unregistered = str(len(school.unregistered)) if school.ledger else "—"
    missing = str(len(school.never_seen)) if school.ledger else "—"
    if not school.ledger:
        ledger = Text("没有收到", "none told")
    else:
        ledger = Text("全部读到", "whole") if school.whole else Text("有未读到的行", "lines were not read")
    return (
        escape(f"{known.name if known else school.school}"),
        str(school.devices),
        str(len(school.registered)),
        unregistered,
        str(len(school.doubtful)),
        missing,
        str(ledger),
    )


def _lines_table(school: SchoolInventory, registry: Registry) -> Table:
    table = Table(box=None)
    heads = (
        Text("状态", "State"),
        Text("房间", "Room"),
        Text("种类", "Kind"),
        Text("设备", "Device"),
        Text("资产", "Asset"),
        Text("首次", "First"),
        Text("最近", "Last"),
        Text("上次盘点", "Stock-take"),
    )
    for head in heads:
        table.add_column(str(head), overflow="fold")
    for line in lines_of(school, registry):
        kind = kind_name(line["kind"]) if line["kind"] else ""
        asset = " ".join(filter(None, (line["asset"], line["asset_name"])))
        device = " ".join(filter(None, (line["device"] or line["serial"], line["model"])))
        state: State = line["state"]
        cells = (line["room"], kind, device, asset, line["first_seen"], line["last_seen"], _counted(line))
        table.add_row(str(STATES[state]), *(escape(cell or "") for cell in cells))
    return table


def _counted(line: dict[str, Any]) -> str:
    told: Told | None = line["last_stocktake"]
    parts = (str(TOLD[told]) if told else None, line["last_stocktake_room"], line["last_stocktake_day"])
    return " ".join(filter(None, parts))


def to_workbook(schools: Sequence[SchoolInventory], registry: Registry, *, as_of: date) -> bytes:
    """For a stock-take (盘点): all lines on one sheet, with empty columns for what was found; one for scans.

    `campus rules stocktake` reads both back.
    """
    book = Book("设备清单与盘点表", created=as_of)
    _stock_sheet(book, schools, registry, as_of)
    _scan_sheet(book, schools)
    return book.done()


def _stock_sheet(book: Book, schools: Sequence[SchoolInventory], registry: Registry, as_of: date) -> None:
    sheet = book.sheet("盘点表")
    heads = (*(head.split(" ")[0] for head in CSV_HEADERS), *_TO_FILL)
    note = (
        f"{as_of.year} 年 {as_of.month} 月 {as_of.day} 日；“未登记”为网络上见到而台账没有的设备，"
        "“账上有、未见”为台账有而从未见到的设备。盘点列填 在、不在、移位、损坏；清单中没有的写在末尾新的一行"
    )
    sheet.head("设备清单与盘点表", note, len(heads) - 1)
    sheet.text(2, 0, "盘点日期：", "head")
    sheet.text(2, 1, "", "code")
    sheet.row(3, heads, "head")
    row = 4
    for school in schools:
        for line in lines_of(school, registry):
            _sheet_row(sheet, row, line)
            row += 1
    if row == 4:
        sheet.merge(4, 0, 4, len(heads) - 1, "没有见到任何设备，也没有收到台账", "text")
    sheet.raw.autofilter(3, 0, max(3, row - 1), len(heads) - 1)
    marked = len(CSV_HEADERS)
    sheet.raw.data_validation(
        4,
        marked,
        max(4, row + _EMPTY_SCANS),
        marked,
        {"validate": "list", "source": list(_MARKS), "error_type": "warning"},
    )
    sheet.layout(_WIDTHS, head_rows=(0, 3), frozen_columns=2)


def _sheet_row(sheet: Sheet, row: int, line: dict[str, Any]) -> None:
    for column, head in enumerate(CSV_HEADERS):
        key = head.split(" ")[1]
        style = "code" if key in {"school_code", "device", "serial", "asset"} else "text"
        sheet.text(row, column, cell_of(key, line[key]), style)
    for column in range(len(CSV_HEADERS), len(CSV_HEADERS) + len(_TO_FILL)):
        sheet.text(row, column, "", "text")


def _scan_sheet(book: Book, schools: Sequence[SchoolInventory]) -> None:
    """Numbers scanned in any order: the cells are text, so that no digit of a long number is lost."""
    sheet = book.sheet("扫码单")
    note = "逐个扫描设备上的条码，顺序不限；在哪个房间扫的，可写在房间列"
    sheet.head("扫码单", note, len(_SCANS) - 1)
    sheet.row(2, _SCANS, "head")
    code = schools[0].school if len(schools) == 1 else ""
    for row in range(3, 3 + _EMPTY_SCANS):
        sheet.row(row, (code, "", "", "", ""), "code")
    sheet.layout((13, 14, 30, 24, 24), head_rows=(0, 2))
