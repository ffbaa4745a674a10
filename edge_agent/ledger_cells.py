"""The cells of an asset ledger: money, quantities, dates and words as offices write them. Pure and exact."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

Status = Literal["in_use", "idle", "to_scrap", "scrapped"]

_FEN = Decimal(100)
_UNITS: Mapping[str, int] = {"": 1, "元": 1, "万元": 10_000, "万": 10_000}
_MONEY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,12})?)(万元|元|万|)")
_QUANTITY = re.compile(r"([0-9]{1,7})(?:\.0+)?\s*[^\s0-9.,-]{0,2}")
_DATE = re.compile(r"([0-9]{4})([-/]?)([0-9]{1,2})\2([0-9]{1,2})(?:[ T]0{1,2}:00(?::00)?)?")
# GB/T 14885-2022: A and digits; earlier editions: seven digits.
_CATEGORY = re.compile(r"A[0-9]{2,8}|[0-9]{7}")
# Day 1 of a spreadsheet is 1900-01-01, and it believes in a 29th of February 1900.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954 to 2119

STATUS_WORDS: Mapping[str, Status] = {
    "在用": "in_use",
    "使用中": "in_use",
    "正常": "in_use",
    "正常使用": "in_use",
    "完好": "in_use",
    "闲置": "idle",
    "未使用": "idle",
    "封存": "idle",
    "待报废": "to_scrap",
    "待处置": "to_scrap",
    "报废": "scrapped",
    "已报废": "scrapped",
    "已处置": "scrapped",
}


def fen(cell: str, unit: str = "") -> int:
    """An amount in fen, exact: `¥1,234.50`, `1234.5元`, `1.2万元`; `unit` is the header's, e.g. 万元.

    Raises ValueError where it is no amount, or has a part of a fen.
    """
    plain = re.sub(r"[,，\s¥￥]", "", cell)
    found = _MONEY.fullmatch(plain)
    if not found:
        raise ValueError(f"{cell!r} is no amount of money")
    factor = _UNITS[found[2]] if found[2] else _UNITS[unit]
    amount = Decimal(found[1]) * factor * _FEN
    if amount != amount.to_integral_value():
        raise ValueError(f"{cell!r} is no whole number of fen")
    return int(amount)


def is_money_unit(unit: str) -> bool:
    return unit in _UNITS


def quantity(cell: str) -> int:
    """Pieces; an empty cell means one. `30`, `30台`."""
    if not cell:
        return 1
    found = _QUANTITY.fullmatch(cell)
    if not found:
        raise ValueError(f"quantity: {cell!r} is no whole number")
    return int(found[1])


def acquired(cell: str) -> str | None:
    """2024-09-01 from `2024-09-01`, `2024/9/1`, `20240901` or a spreadsheet's day number."""
    if not cell:
        return None
    if cell.isdecimal() and int(cell) in _SERIALS:
        return (_SERIAL_ZERO + timedelta(days=int(cell))).isoformat()
    found = _DATE.fullmatch(cell)
    if not found or (not found[2] and len(cell) != 8):
        raise ValueError(f"date: {cell!r} is no date like 2024-09-01")
    try:
        return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
    except ValueError as error:
        raise ValueError(f"date: {cell!r} is no day of the calendar") from error


def category(cell: str) -> str | None:
    """A classification code, old or new."""
    code = cell.strip().upper()
    if not code:
        return None
    if not _CATEGORY.fullmatch(code):
        raise ValueError(f"category: {cell!r} is neither A with 2 to 8 digits nor 7 digits")
    return code


def status(cell: str) -> Status | None:
    """A status word; one that is not known may mean that the thing is gone, so it is refused."""
    if not cell:
        return None
    if cell not in STATUS_WORDS:
        raise ValueError(f"status: {cell!r} is none of {'、'.join(STATUS_WORDS)}")
    return STATUS_WORDS[cell]


def cell_text(value: object) -> str:
    """A spreadsheet's cell as text, with the digits that the spreadsheet shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        # Fifteen significant digits are all that a spreadsheet keeps; the rest is binary noise.
        try:
            shown = Decimal(format(value, ".15g"))
        except InvalidOperation:
            return ""
        return format(shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown, "f")
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()[:10]
    return str(value).strip()
