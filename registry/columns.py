"""The registry's sheets as tables of columns: English and Chinese headers, and how a cell is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, get_args

from registry.exact import parse_decimal
from registry.vocabulary import (
    COVERAGE_WORDS,
    ITEM_WORDS,
    PER_WORDS,
    SHORTFALL_WORDS,
    STAGE_WORDS,
    WEEKDAY_WORDS,
    YES_NO_WORDS,
    Coverage,
    GuaranteeCode,
    Item,
    Kind,
    Per,
    StatisticsStage,
    is_shortfall_code,
)
from runtime.language import Text

SCHOOL_CODE = re.compile(r"[0-9]{10}")
_DISTRICT = re.compile(r"[0-9]{6}")
# GB/T 14885: A and digits since 2022, seven digits before.
_CATEGORY = re.compile(r"A?[0-9]{1,12}")
_WHOLE = re.compile(r"-?[0-9]{1,12}")
# As people write a day, and as a spreadsheet hands over a cell that holds one.
_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})( 00:00:00)?")
_MOST_TEXT = 200
# The codes of the national standard, wireless and the guarantees.
_USUAL_SHORTFALLS = (*(f"L{number}" for number in range(1, 8)), "wireless", *get_args(GuaranteeCode))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `read` turns cell text into a value or raises ValueError with the reason.

    choices: what may be written, where that is a list; the words of the form first. others: these are the
    usual ones, and others are read too.
    """

    name: str
    chinese: tuple[str, ...]
    read: Callable[[str], Any]
    meaning: str = ""
    choices: tuple[str, ...] = ()
    others: bool = False
    required: bool = False
    text_only: bool = False


def _wrong(cell: str, text: Text) -> ValueError:
    return ValueError(Text(f"“{cell}”{text.zh}", f"{cell!r} {text.en}"))


def _text(cell: str) -> str:
    if len(cell) > _MOST_TEXT:
        raise ValueError(Text(f"超过 {_MOST_TEXT} 个字符", f"longer than {_MOST_TEXT} characters"))
    return cell


def _room_code(cell: str) -> str:
    # Readings carry the room as a tag, which ends at 64 characters and never in a backslash.
    if len(cell) > 64 or cell.endswith("\\"):
        raise ValueError(
            Text("房间编号最长 64 个字符，且不能以 \\ 结尾", "at most 64 characters, not ending in \\")
        )
    return cell


def _school_code(cell: str) -> str:
    if not SCHOOL_CODE.fullmatch(cell):
        hint = Text(
            "学校标识码应为 10 位数字文本（表格软件可能丢了前导零或改成了科学计数）",
            "must be 10 digits, kept as text (a spreadsheet may have dropped zeros)",
        )
        raise _wrong(cell, hint)
    return cell


def _district(cell: str) -> str:
    if not _DISTRICT.fullmatch(cell):
        raise _wrong(cell, Text("应为 6 位区划代码", "must be a district code of 6 digits"))
    return cell


def _district_name(cell: str) -> str:
    # A title that is a number names nothing.
    if cell.isdigit():
        raise _wrong(cell, Text("应为区县名称，不是代码", "must be a name, not a code"))
    return _text(cell)


def _count(cell: str) -> int:
    if not _WHOLE.fullmatch(cell):
        raise _wrong(cell, Text("应为整数", "must be a whole number"))
    if int(cell) < 0:
        raise _wrong(cell, Text("不能为负数", "must not be negative"))
    return int(cell)


def _amount(cell: str) -> Fraction:
    try:
        value = parse_decimal(cell)
    except ValueError as error:
        hint = Text("应为普通小数，不带千分位和单位", "must be a plain decimal, no separators, no unit")
        raise _wrong(cell, hint) from error
    if value < 0:
        raise _wrong(cell, Text("不能为负数", "must not be negative"))
    return value


def _more_than_nothing(cell: str) -> Fraction:
    value = _amount(cell)
    if value == 0:
        raise _wrong(cell, Text("应大于 0", "must be more than 0"))
    return value


def _categories(cell: str) -> tuple[str, ...]:
    found = _flags(cell)
    for code in found:
        if not _CATEGORY.fullmatch(code):
            hint = Text("应为国标分类代码或其开头", "must be a classification code or the beginning of one")
            raise _wrong(code, hint)
    return found


def _degrees(most: int) -> Callable[[str], Fraction]:
    def read(cell: str) -> Fraction:
        value = parse_decimal(cell)
        if abs(value) > most:
            raise _wrong(cell, Text(f"应在 ±{most} 之间", f"must lie within ±{most} degrees"))
        return value

    return read


def _day(cell: str) -> date:
    found = _DAY.fullmatch(cell)
    try:
        return date(*(int(part) for part in found.groups()[:3])) if found else date.fromisoformat(cell)
    except ValueError as error:
        hint = Text("应为日期，如 2026-09-01", "must be a date such as 2026-09-01")
        raise _wrong(cell, hint) from error


def _choice(choices: tuple[str, ...], words: Mapping[str, str]) -> Callable[[str], str]:
    def read(cell: str) -> str:
        value = words.get(cell, cell)
        if value not in choices:
            listed = "、".join([*choices, *words])
            raise _wrong(cell, Text(f"应为其中之一：{listed}", f"must be one of {listed}"))
        return value

    return read


def _shortfall_code(cell: str) -> str:
    value = SHORTFALL_WORDS.get(cell, cell)
    if not is_shortfall_code(value):
        listed = "、".join([*_USUAL_SHORTFALLS, *SHORTFALL_WORDS])
        hint = Text(
            f"应为标准中的指标代码或其中之一：{listed}",
            f"must be an indicator's code of the standard, or one of {listed}",
        )
        raise _wrong(cell, hint)
    return value


def _yes(cell: str) -> bool:
    return _choice(("0", "1"), YES_NO_WORDS)(cell) == "1"


def _weekday(cell: str) -> int:
    """From Monday = 0, as the calendar counts."""
    number = WEEKDAY_WORDS.get(cell, cell)
    if number not in {"1", "2", "3", "4", "5", "6", "7"}:
        hint = Text("应为 1 至 7，或周一至周日", "must be 1 (Monday) to 7 (Sunday)")
        raise _wrong(cell, hint)
    return int(number) - 1


def _flags(cell: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[;；、]\s*", _text(cell)) if part)


def _column(
    name: str,
    chinese: str,
    read: Callable[[str], Any],
    meaning: str = "",
    *,
    required: bool = False,
    text_only: bool = False,
) -> Column:
    return Column(
        name=name,
        chinese=tuple(chinese.split()),
        read=read,
        meaning=meaning,
        required=required,
        text_only=text_only,
    )


def _one_of(
    name: str, chinese: str, choices: tuple[str, ...], words: Mapping[str, str], meaning: str
) -> Column:
    """A column that must be given, with one of these."""
    return Column(
        name=name,
        chinese=tuple(chinese.split()),
        read=_choice(choices, words),
        meaning=meaning,
        choices=(*words, *choices),
        required=True,
    )


def _yes_or_no(name: str, chinese: str, meaning: str) -> Column:
    return Column(
        name=name, chinese=(chinese,), read=_yes, meaning=meaning, choices=(*YES_NO_WORDS, "1", "0")
    )


_CODE = _column(
    "school_code", "学校标识码", _school_code, "Ten digits, kept as text", required=True, text_only=True
)
_NOTE = _column("note", "备注", str, "Remarks; not read")
_STAGE = _one_of(
    "stage", "学段", get_args(StatisticsStage), STAGE_WORDS, "A stage, or the whole school (全校)"
)

SCHOOLS = (
    _CODE,
    _column("name", "学校名称", _text, "As people call it", required=True),
    _column("district", "区县 区县代码", _district, "Six digits (GB/T 2260)", required=True),
    _one_of("kind", "办学类型", get_args(Kind), {}, "Decides the stages, and how they share what is common"),
    _column("unit", "责任单位", _text, "Who answers for it in the register and the report"),
    _column("primary_pupils", "小学在校生数", _count, "Empty is not known, 0 is none"),
    _column("junior_pupils", "初中在校生数", _count, "Likewise"),
    _column("senior_pupils", "高中在校生数", _count, "Only to share what the stages have in common"),
    _column("primary_classes", "小学班数", _count, "For music and art rooms, and for the catalogue"),
    _column("junior_classes", "初中班数", _count, "Likewise"),
    _column("largest_primary_class", "小学最大班额", _count, "Pupils of the largest class"),
    _column("largest_junior_class", "初中最大班额", _count, "Likewise"),
    _column("oversized_primary_classes", "小学大班额班数", _count, "Classes above the limit (45)"),
    _column("oversized_junior_classes", "初中大班额班数", _count, "Classes above the limit (50)"),
    _column("lon", "经度", _degrees(180), "Degrees"),
    _column("lat", "纬度", _degrees(90), "Degrees"),
    _column(
        "merge_into",
        "并入学校",
        _school_code,
        "The school that it is counted with (是否计校数 = 0)",
        text_only=True,
    ),
    _column("flags", "标记", _flags, "For allowances of the standard; several with ; between"),
    _NOTE,
)
DISTRICTS = (
    _column("district", "区县代码 区县", _district, "As in the schools sheet", required=True),
    _column("name", "区县名称 名称", _district_name, "As titles of the report call it", required=True),
    _NOTE,
)
ROOMS = (
    _CODE,
    _column("room", "房间编号", _room_code, "As gateways and surveys call it", required=True),
    _column("name", "房间名称", _text, "As people call it"),
    _column("kind", "房间类型", _text, "普通教室, 音乐教室, 美术教室, …; empty is not known"),
    _column(
        "area_m2",
        "面积 面积（平方米） 使用面积",
        _more_than_nothing,
        "m²; asks for so many measuring points",
    ),
    _one_of(
        "coverage",
        "覆盖类别",
        get_args(Coverage),
        COVERAGE_WORDS,
        "Whether wireless must cover it, and by which limit",
    ),
    _yes_or_no("multimedia", "多媒体教室", "What the school declares"),
    _yes_or_no("occupied", "被挤占", "Used for something else than its kind"),
    _NOTE,
)
STATISTICS = (
    _CODE,
    _STAGE,
    _one_of("item", "项目", get_args(Item), ITEM_WORDS, "A figure of the yearly statistics form"),
    _column("value", "数值", _amount, "People, rooms, m² or yuan (the form's 万元 times 10,000)"),
    _NOTE,
)
CATALOGUE = (
    _column("name", "名称 装备名称", _text, "What the item is called", required=True),
    _STAGE,
    _column(
        "categories",
        "分类代码 资产分类代码",
        _categories,
        "How its codes begin (GB/T 14885); several with ; between",
        text_only=True,
    ),
    _column("words", "名称包含", _flags, "Words of which a line's name holds one; several with ; between"),
    _one_of("per", "计量 配备单位", get_args(Per), PER_WORDS, "What the quantity is for"),
    _column("quantity", "数量 应配数量", _more_than_nothing, "Pieces", required=True),
    _NOTE,
)
MEASURES = (
    _CODE,
    _STAGE,
    Column(
        name="indicator",
        chinese=("指标",),
        read=_shortfall_code,
        meaning="What falls short: an indicator by the standard's code, G2…G5, 无线",
        choices=(*SHORTFALL_WORDS, *_USUAL_SHORTFALLS),
        others=True,
        required=True,
    ),
    _column("measure", "措施 整改措施", _text, "What is done about it", required=True),
    _column("responsible", "责任单位", _text, "Instead of the school's"),
    _column("started", "开始日期", _day, "From when it counts; empty: from the beginning"),
    _column("deadline", "完成期限 期限", _day, "Until when"),
    _NOTE,
)
TIMETABLE = (
    _CODE,
    _column("room", "房间编号", _room_code, "As in the rooms sheet", required=True),
    Column(
        name="weekday",
        chinese=("星期",),
        read=_weekday,
        meaning="周一 to 周日 or 1 to 7; 星期一 is read too",
        choices=(*(f"周{day}" for day in "一二三四五六日"), *"1234567"),
        required=True,
    ),
    _column("slot", "节次", _text, "The name of a lesson slot of calendar.toml", required=True),
    _column("first", "起始日期 开始日期", _day, "The first day it counts; empty: from the beginning"),
    _column("last", "结束日期", _day, "The last day it counts; empty: to the end"),
    _NOTE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """One sheet: its names and its columns. An optional one may be missing and is then empty."""

    name: str
    chinese: str
    columns: tuple[Column, ...]
    meaning: str = ""
    optional: bool = False


SHEETS = (
    SheetTable(name="schools", chinese="学校", columns=SCHOOLS, meaning="A line a school."),
    SheetTable(name="rooms", chinese="房间", columns=ROOMS, meaning="A line a room."),
    SheetTable(
        name="statistics",
        chinese="统计",
        columns=STATISTICS,
        meaning="A line a figure of the yearly form: teachers by stage, what stages share for all.",
    ),
    SheetTable(
        name="districts",
        chinese="区县",
        columns=DISTRICTS,
        meaning="What a district is called; those of Tianjin are known.",
        optional=True,
    ),
    SheetTable(
        name="measures",
        chinese="措施",
        columns=MEASURES,
        meaning="What is done about a shortfall of the register (销号台账).",
        optional=True,
    ),
    SheetTable(
        name="catalogue",
        chinese="装备目录",
        columns=CATALOGUE,
        meaning="The bureau's list of standard equipment; every line needs a category or words.",
        optional=True,
    ),
    SheetTable(
        name="timetable",
        chinese="课表",
        columns=TIMETABLE,
        meaning="A line a weekly lesson. A room that no line names has every lesson of the calendar.",
        optional=True,
    ),
)
