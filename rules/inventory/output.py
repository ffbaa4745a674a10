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
from rules.inventory.lines import CSV_HEADERS, STATES, State, kind_name, lines_of
from rules.inventory.matching import SchoolInventory
from runtime.language import Text

_WIDTHS = (13, 26, 12, 12, 12, 22, 20, 20, 18, 24, 11, 11, 9, 20)


def counts_of(school: SchoolInventory) -> dict[str, int | bool]:
    return {
        "devices": school.devices,
        "registered": len(school.registered),
        "unregistered": len(school.unregistered),
        "doubtful": len(school.doubtful),
        "never_seen": len(school.never_seen),
        "ledger": school.ledger,
        "ledger_whole": school.whole,
    }


def to_json(schools: Sequence[SchoolInventory], registry: Registry) -> str:
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
    )
    for head in heads:
        table.add_column(str(head), overflow="fold")
    for line in lines_of(school, registry):
        kind = kind_name(line["kind"]) if line["kind"] else ""
        asset = " ".join(filter(None, (line["asset"], line["asset_name"])))
        device = " ".join(filter(None, (line["device"], line["model"])))
        state: State = line["state"]
        cells = (line["room"], kind, device, asset, line["first_seen"], line["last_seen"])
        table.add_row(str(STATES[state]), *(escape(cell or "") for cell in cells))
    return table


def to_workbook(schools: Sequence[SchoolInventory], registry: Registry, *, as_of: date) -> bytes:
    """For a stock-take (盘点): all lines on one sheet, with empty columns for what was found."""
    book = Book("设备清单与盘点表", created=as_of)
    sheet = book.sheet("盘点表")
    heads = (*(head.split(" ")[0] for head in CSV_HEADERS), "盘点", "备注")
    note = (
        f"{as_of.year} 年 {as_of.month} 月 {as_of.day} 日；“未登记”为网络上见到而台账没有的设备，"
        "“账上有、未见”为台账有而从未见到的设备"
    )
    sheet.head("设备清单与盘点表", note, len(heads) - 1)
    sheet.row(2, heads, "head")
    row = 3
    for school in schools:
        for line in lines_of(school, registry):
            _sheet_row(sheet, row, line)
            row += 1
    if row == 3:
        sheet.merge(3, 0, 3, len(heads) - 1, "没有见到任何设备，也没有收到台账", "text")
    sheet.raw.autofilter(2, 0, max(2, row - 1), len(heads) - 1)
    sheet.raw.data_validation(
        3, 12, max(3, row - 1), 12, {"validate": "list", "source": ["在", "不在", "移位"]}
    )
    sheet.layout(_WIDTHS, head_rows=(0, 2), frozen_columns=2)
    return book.done()


def _sheet_row(sheet: Sheet, row: int, line: dict[str, Any]) -> None:
    for column, head in enumerate(CSV_HEADERS):
        key = head.split(" ")[1]
        value = line[key]
        text = (
            ""
            if value is None
            else STATES[value].zh
            if key == "state"
            else kind_name(value, "zh")
            if key == "kind"
            else value
        )
        sheet.text(
            row, column, text, "code" if key in {"school_code", "device", "serial", "asset"} else "text"
        )
    for column in (12, 13):
        sheet.text(row, column, "", "text")
