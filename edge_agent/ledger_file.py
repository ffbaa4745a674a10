"""One asset ledger file, CSV or XLSX: its header row found, its lines read, what cannot be read told.

Columns that name a person or a department are never looked at: only the columns below leave the file.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from edge_agent import ledger_cells as cells
from edge_agent.tables import read_text

# Field → the headers under which it is accepted. Of several columns for one field the first here counts.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "asset": ("资产编号", "资产编码", "卡片编号", "asset_no"),
    "name": ("资产名称", "名称", "name"),
    "category": ("资产分类代码", "分类代码", "国标分类", "资产分类编码", "category"),
    "model": ("规格型号", "型号", "品牌型号", "品牌", "model"),
    "unit_value": ("单价", "单位价值", "unit_price"),
    "value": ("价值", "原值", "账面原值", "资产原值", "总价", "总价值", "金额", "value"),
    "quantity": ("数量", "quantity"),
    "acquired": ("取得日期", "购置日期", "购买日期", "acquired"),
    "room": ("存放地点", "使用地点", "存放位置", "room"),
    "serial": ("机身编号", "SN号", "序列号", "SN", "serial"),
    "status": ("使用状况", "使用状态", "资产状态", "status"),
}
# A ledger may begin with its title and the date it was printed.
HEADER_WITHIN = 10
MAX_BYTES = 20 * 1024**2
MAX_LINES = 100_000
_TOTALS = ("合计", "总计", "小计", "本页合计")
_UNIT = re.compile(r"^(.*?)\s*[（(]\s*(?:单位[:：])?\s*(.*?)\s*[)）]$")
_FIELDS = {name: field for field, names in HEADERS.items() for name in names}

Grid = Iterator[tuple[int, Sequence[str]]]


class Unreadable(ValueError):
    """The file is no ledger, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a ledger: an asset's fields, or what is wrong with it."""

    place: str
    fields: Mapping[str, Any] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    unit: str = ""


def read_ledger(path: Path) -> list[Line]:
    """Every line with content, in order; raises Unreadable where the file is no ledger at all."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"larger than {MAX_BYTES} bytes")
        if path.suffix.lower() == ".xlsx":
            return _read_workbook(path)
        text = read_text(path)
    except OSError as error:
        raise Unreadable(f"cannot read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("neither UTF-8 nor GB18030 text") from error
    return read_text_ledger(text)


def read_text_ledger(text: str) -> list[Line]:
    """A CSV ledger's text."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = _lines(((reader.line_num, row) for row in reader), "")
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num}: {error}") from error
    if lines is None:
        raise Unreadable(_no_header())
    return lines


def _read_workbook(path: Path) -> list[Line]:
    # A gateway without spreadsheets never loads the library.
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        # data_only: of a formula, what the spreadsheet last made of it.
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise Unreadable(f"is no XLSX workbook: {error}") from error
    found: list[Line] = []
    ledgers = 0
    try:
        for sheet in book.worksheets:
            place = f"{sheet.title} " if len(book.worksheets) > 1 else ""
            rows = (
                (number, [cells.cell_text(value) for value in row])
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
            )
            lines = _lines(rows, place)
            ledgers += lines is not None
            found += lines or []
    finally:
        book.close()
    if not ledgers:
        raise Unreadable(_no_header())
    return found


def _no_header() -> str:
    return "no header row with an asset number (资产编号) and a value (价值, 原值 or 单价) in its first lines"


def _lines(rows: Grid, place: str) -> list[Line] | None:
    """None where no header row is found."""
    columns: dict[str, _Column] | None = None
    for _, row in islice(rows, HEADER_WITHIN):
        columns = _header(row)
        if columns is not None:
            break
    if columns is None:
        return None
    found: list[Line] = []
    for number, row in rows:
        if _blank(row, columns):
            continue
        if len(found) == MAX_LINES:
            raise Unreadable(f"has more than {MAX_LINES} lines")
        found.append(_line(f"{place}line {number}", row, columns))
    return found


def _header(row: Sequence[str]) -> dict[str, _Column] | None:
    found: dict[str, tuple[int, _Column]] = {}
    for index, cell in enumerate(row):
        name = re.sub(r"\s", "", cell)
        split = _UNIT.match(name)
        title, unit = (split[1], split[2]) if split else (name, "")
        field = _FIELDS.get(title) or _FIELDS.get(title.lower())
        if field is None:
            continue
        if field in {"value", "unit_value"} and not cells.is_money_unit(unit):
            raise Unreadable(f"column {cell!r}: {unit!r} is no unit of money (元, 万元)")
        rank = HEADERS[field].index(title if title in HEADERS[field] else title.lower())
        if field not in found or rank < found[field][0]:
            found[field] = (rank, _Column(index, unit))
    columns = {field: column for field, (_, column) in found.items()}
    return columns if "asset" in columns and ("value" in columns or "unit_value" in columns) else None


def _blank(row: Sequence[str], columns: Mapping[str, _Column]) -> bool:
    """An empty line, a line of totals, or the header once more on the next page."""
    written = [cell.strip() for cell in row if cell.strip()]
    if not written:
        return True
    asset = _cell(row, columns.get("asset"))
    totals = not asset or asset in _TOTALS
    return (totals and re.sub(r"[\s:：]", "", written[0]) in _TOTALS) or asset in HEADERS["asset"]


def _line(place: str, row: Sequence[str], columns: Mapping[str, _Column]) -> Line:
    cell = {field: _cell(row, columns.get(field)) for field in HEADERS}
    try:
        if not cell["asset"]:
            raise ValueError("no asset number")
        quantity = cells.quantity(cell["quantity"])
        return Line(
            place=place,
            fields={
                "asset": cell["asset"],
                "name": cell["name"],
                "category": cells.category(cell["category"]),
                "model": cell["model"] or None,
                "room": cell["room"] or None,
                "serial": cell["serial"].upper() or None,
                "quantity": quantity,
                "value_fen": _value(cell, quantity, columns),
                "acquired": cells.acquired(cell["acquired"]),
                "status": cells.status(cell["status"]),
            },
        )
    except ValueError as error:
        return Line(place=place, fields=None, problem=str(error))


def _value(cell: Mapping[str, str], quantity: int, columns: Mapping[str, _Column]) -> int:
    """The line's value: its own total where the ledger gives one, else the price times the quantity.

    价值 and 原值 are the value of the card, whatever its quantity; 单价 is the price of one piece. Where
    both stand there they must agree to what rounding a price to a fen can do.
    """
    total = cells.fen(cell["value"], columns["value"].unit) if cell["value"] else None
    price = cells.fen(cell["unit_value"], columns["unit_value"].unit) if cell["unit_value"] else None
    if total is None and price is None:
        raise ValueError("no value")
    if total is None:
        return (price or 0) * quantity
    if price is not None and 2 * abs(total - price * quantity) > quantity:
        raise ValueError(f"value {cell['value']!r} is not {cell['unit_value']!r} times {quantity}")
    return total


def _cell(row: Sequence[str], column: _Column | None) -> str:
    if column is None or column.index >= len(row):
        return ""
    return row[column.index].strip()
