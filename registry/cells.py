"""How a cell is read: as a careful clerk would. What cannot be understood says how to write it instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from registry.districts import TIANJIN
from registry.exact import parse_decimal
from registry.vocabulary import (
    SHORTFALL_WORDS,
    WEEKDAY_WORDS,
    YES_NO_SPELLINGS,
    YES_NO_WORDS,
    is_shortfall_code,
)
from runtime.language import Text
from tables.codes import is_day

SCHOOL_CODE = re.compile(r"[0-9]{10}")
DISTRICT_CODE = re.compile(r"[0-9]{6}")
# GB/T 14885: A and digits since 2022, seven digits before.
_CATEGORY = re.compile(r"A?[0-9]{1,12}")
# As people write a day, and as a spreadsheet hands over a cell that holds one.
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
# The day numbers of 2000 to 2099: what a date becomes in a cell that is formatted as a number.
_SERIAL, _SERIAL_ZERO = range(36_526, 73_051), date(1899, 12, 30)
_NUMBER = re.compile(r"(-?)[¥￥]?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?(万|亿)?(.*)")
_TIMES = {"": 1, "万": 10_000, "亿": 100_000_000}
# What may stand behind a number without changing it. A unit of another size, such as 亩, is none of these.
_UNITS = frozenset(
    {"", "人", "名", "位", "个", "间", "套", "台", "件", "班", "所", "元", "㎡", "m2", "m²", "平方米", "平米"}
)
# What people write for "not applicable" where a figure may be left empty.
_NOTHING = frozenset({"-", "--", "—", "——", "－", "/", "\\", "无数据", "不详", "未知", "n/a"})
# What a spreadsheet shows where a formula failed.
_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NULL|NUM|N/A)[!?]?", re.IGNORECASE)
_MOST_TEXT = 200

_WHOLE = Text("应为整数，如 302", "must be a whole number, such as 302")
_NEGATIVE = Text("不能为负数", "must not be negative")
_AMOUNT = Text("应为数字，如 1500.5", "must be a number, such as 1500.5")
_NO_DAY = Text("应为日期，如 2026-09-01", "must be a date, such as 2026-09-01")


class Misread(ValueError):
    """A cell cannot be understood. `what` says how to write it instead, without the cell's text."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


def tidy(cell: str) -> str:
    """The text without what a keyboard in the wrong state adds: full-width forms, blanks at both ends."""
    return unicodedata.normalize("NFKC", cell).strip().lstrip("'").strip()


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    return tidy(cell).lower() in _NOTHING


def text(cell: str) -> str:
    """Words as they stand, without blanks around them. Raises Misread."""
    if _ERROR.fullmatch(cell):
        raise Misread(Text("是表格的错误值，请改正公式或填写数值", "is an error value; mend the formula"))
    if len(cell) > _MOST_TEXT:
        raise Misread(Text(f"请缩短至 {_MOST_TEXT} 个字符以内", f"at most {_MOST_TEXT} characters"))
    return cell.strip()


def room_code(cell: str) -> str:
    """A room's code as gateways may say it. Raises Misread."""
    if is_day(cell):
        raise Misread(
            Text(
                "表格软件把房间号变成了日期：请把该列设为文本后重新填写",
                "a spreadsheet made a day of the room's code: format the column as text, write it again",
            )
        )
    # Readings carry the room as a tag, which ends at 64 characters and never in a backslash.
    if len(cell) > 64 or cell.endswith("\\"):
        raise Misread(Text("最长 64 个字符，且不能以 \\ 结尾", "at most 64 characters, not ending in \\"))
    return text(cell)


def school_code(cell: str) -> str:
    """Ten digits, leading zeros and all. Raises Misread."""
    plain = tidy(cell).replace(" ", "")
    if SCHOOL_CODE.fullmatch(plain):
        return plain
    raise Misread(
        Text(
            "应为 10 位数字（表格软件可能丢了前导零或改成了科学计数：请把该列设为文本后重新填写）",
            "must be 10 digits (if a spreadsheet dropped zeros: format the column as text, write it again)",
        )
    )


def district(cell: str) -> str:
    """A code of six digits; a name stays a name until the registry's own names are known."""
    plain = tidy(cell).replace(" ", "")
    if DISTRICT_CODE.fullmatch(plain):
        return plain
    if any(character.isdigit() for character in plain):
        raise Misread(Text("应为 6 位区划代码或区县名称", "must be a district code of 6 digits, or a name"))
    return TIANJIN_CODES.get(plain.removeprefix("天津市"), plain)


TIANJIN_CODES = {name: code for code, name in TIANJIN.items()}


def district_code(cell: str) -> str:
    plain = tidy(cell).replace(" ", "")
    if not DISTRICT_CODE.fullmatch(plain):
        raise Misread(Text("应为 6 位区划代码", "must be a district code of 6 digits"))
    return plain


def district_name(cell: str) -> str:
    # A title that is a number names nothing.
    if cell.isdigit():
        raise Misread(Text("应为区县名称，不是代码", "must be a name, not a code"))
    return text(cell)


def number(cell: str) -> Fraction | None:
    """`1,020`, `68㎡`, `82.5万元`, `¥1,020.50`; None where it is no number.

    302① and 5² have a note behind them: read as plain digits they would be other numbers.
    """
    if any(unicodedata.category(sign) == "No" for sign in cell.replace("m²", "").replace("M²", "")):
        return None
    found = _NUMBER.fullmatch(tidy(cell).replace(" ", ""))
    if not found or found[5].lower() not in _UNITS:
        return None
    sign, whole, part, times, _ = found.groups()
    try:
        value = parse_decimal(f"{sign}{whole.replace(',', '')}{part or ''}")
    except ValueError:
        return None
    return value * _TIMES[times or ""]


def count(cell: str) -> int:
    """A whole number from 0 to below 10^12. Raises Misread."""
    value = number(cell)
    if value is None or value.denominator != 1 or value >= 10**12:
        raise Misread(_WHOLE)
    if value < 0:
        raise Misread(_NEGATIVE)
    return int(value)


def amount(cell: str) -> Fraction:
    """An exact number from 0 on; of money in yuan, of areas in m². Raises Misread."""
    value = number(cell)
    if value is None:
        raise Misread(_AMOUNT)
    if value < 0:
        raise Misread(_NEGATIVE)
    return value


def more_than_nothing(cell: str) -> Fraction:
    value = amount(cell)
    if value == 0:
        raise Misread(Text("应大于 0，不详请留空", "must be more than 0; empty is not known"))
    return value


def degrees(most: int) -> Callable[[str], Fraction]:
    """Reads degrees of longitude (`most` 180) or latitude (90); raises Misread."""

    def read(cell: str) -> Fraction:
        plain = tidy(cell).removesuffix("°")
        try:
            value = parse_decimal(plain)
        except ValueError:
            value = Fraction(most + 1)
        if abs(value) > most:
            raise Misread(
                Text(f"应为 ±{most} 之间的度数，如 117.7", f"must be degrees within ±{most}, such as 117.7")
            )
        return value

    return read


def day(cell: str) -> date:
    """`2021-09-01`, `2021年9月1日`, `20210901`, or the number that spreadsheets keep. Raises Misread."""
    plain = tidy(cell)
    found = _DAY.fullmatch(plain) or _COMPACT_DAY.fullmatch(plain)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise Misread(_NO_DAY) from error
    if plain.isdecimal() and int(plain) in _SERIAL:
        return _SERIAL_ZERO + timedelta(days=int(plain))
    raise Misread(_NO_DAY)


def choice(
    choices: tuple[str, ...], words: Mapping[str, str], shown: tuple[str, ...]
) -> Callable[[str], str]:
    """One of these. `words`: what else means one of them; `shown`: what is offered where it is none."""
    listed_zh, listed_en = "、".join(shown), ", ".join(choices)

    def read(cell: str) -> str:
        plain = tidy(cell).replace(" ", "")
        value = words.get(plain, plain)
        if value not in choices:
            raise Misread(Text(f"应为其中之一：{listed_zh}", f"must be one of {listed_en}"))
        return value

    return read


def shortfall_code(cell: str) -> str:
    """An indicator's code, G2 to G5 or `wireless`. Raises Misread."""
    value = SHORTFALL_WORDS.get(tidy(cell), tidy(cell))
    if not is_shortfall_code(value):
        raise Misread(
            Text(
                "应为标准中的指标代码（如 L7），或 G2 至 G5、无线",
                "must be an indicator's code of the standard (such as L7), G2 to G5, or wireless",
            )
        )
    return value


def yes(cell: str) -> bool:
    """是, 1 and the like, or 否, 0. Raises Misread."""
    plain = tidy(cell).lower()
    value = {**YES_NO_SPELLINGS, **YES_NO_WORDS}.get(plain, plain)
    if value not in {"0", "1"}:
        raise Misread(Text("应为 是 或 否", "must be yes (1) or no (0)"))
    return value == "1"


def weekday(cell: str) -> int:
    """From Monday = 0, as the calendar counts."""
    found = WEEKDAY_WORDS.get(tidy(cell), tidy(cell))
    if found not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise Misread(Text("应为周一至周日，或 1 至 7", "must be 1 (Monday) to 7 (Sunday)"))
    return int(found) - 1


def several(cell: str) -> tuple[str, ...]:
    """Words with ; between."""
    return tuple(part for part in re.split(r"[;；、]\s*", text(cell)) if part)


def categories(cell: str) -> tuple[str, ...]:
    """Classification codes or their beginnings, with ; between. Raises Misread."""
    found = several(tidy(cell))
    if not all(_CATEGORY.fullmatch(code) for code in found):
        raise Misread(
            Text(
                "应为国标分类代码或其开头，多个用分号隔开",
                "must be classification codes or their beginnings, with ; between",
            )
        )
    return found
