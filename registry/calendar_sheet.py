"""The calendar as a sheet: a line a term, a holiday, a make-up day or a lesson."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from registry import cells
from registry.calendar import Calendar
from registry.calendar_model import WEEKDAYS, Wrong, calendar_of
from registry.cells import Misread, tidy
from registry.columns import Column, SheetTable
from registry.notes import Notes
from registry.problems import Problem
from registry.records import RawSheet, Record, read_records
from runtime.language import Text
from runtime.toml_lines import Path as KeyPath

_KINDS = {
    "学期": "term",
    "放假": "holiday",
    "假期": "holiday",
    "节假日": "holiday",
    "补课": "makeup",
    "调休": "makeup",
    "调休上课": "makeup",
    "节次": "slot",
    "上课日": "school_days",
    "时区": "timezone",
}
_OFFERED = ("学期", "放假", "补课", "节次", "上课日", "时区")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
# As a spreadsheet keeps a time of day.
_PART_OF_A_DAY = re.compile(r"0(?:\.[0-9]{1,20})?|1(?:\.0+)?")
_MINUTES = 24 * 60
_DEFAULTS = {"timezone": "Asia/Shanghai", "school_days": list(WEEKDAYS[:5])}


def _clock(cell: str) -> str:
    """`8:00`, and the part of a day that a spreadsheet keeps of it."""
    plain = tidy(cell)
    found = _CLOCK.fullmatch(plain)
    if found and int(found[2]) < 60:
        return f"{int(found[1]):02}:{found[2]}"
    if _PART_OF_A_DAY.fullmatch(plain):
        minutes = round(Fraction(plain) * _MINUTES)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    raise Misread(Text("时间应写成 08:00", "write a time as 08:00"))


CALENDAR = SheetTable(
    name="calendar",
    chinese="校历",
    order=98,
    meaning=Text(
        "学期、放假、补课和节次，每项一行；也可改用 calendar.toml。",
        "Terms, holidays, make-up days and lessons, a line each; calendar.toml does as well.",
    ),
    optional=True,
    columns=(
        Column(
            name="kind",
            chinese=("类别",),
            read=cells.choice(
                tuple(dict.fromkeys(_KINDS.values())),
                _KINDS,
                ("学期", "放假", "补课", "节次", "上课日", "时区"),
            ),
            meaning=Text("本行是什么", "What the line is"),
            choices=_OFFERED,
            required=True,
        ),
        Column(
            name="name",
            chinese=("名称",),
            read=cells.text,
            meaning=Text(
                "学期、假期、节次的名称；上课日写周一、周二等；时区写 Asia/Shanghai",
                "What it is called; of school days the weekdays, of a time zone its name",
            ),
        ),
        Column(
            name="begin",
            chinese=("开始", "日期", "开始日期"),
            read=cells.text,
            meaning=Text("日期；节次写 08:00", "A date; of a lesson 08:00"),
        ),
        Column(
            name="end",
            chinese=("结束", "结束日期"),
            read=cells.text,
            meaning=Text("日期；节次写 08:40；只有一天时可留空", "A date; of a lesson 08:40; empty: one day"),
        ),
        Column(
            name="follows",
            chinese=("按周几上课", "课表"),
            read=cells.weekday,
            meaning=Text("补课日按周几的课表", "Whose lessons of the timetable a make-up day has"),
        ),
        Column(name="note", chinese=("备注",), read=str, meaning=Text("不读取", "Not read")),
    ),
)


def read_calendar_sheet(raw: RawSheet, problems: list[Problem], notes: Notes) -> Calendar | None:
    """The calendar, or None with the reasons added to `problems`."""
    before = len(problems)
    records = read_records(CALENDAR, CALENDAR.columns, raw, problems, notes) or []
    values: dict[str, Any] = {"term": [], "holiday": [], "makeup": [], "slot": []}
    places: dict[KeyPath, tuple[Record, str]] = {}
    for record in records:
        if record.sound:
            _add(record, values, places, problems)
    if len(problems) > before:
        return None
    try:
        return calendar_of(_DEFAULTS | values)
    except Wrong as wrong:
        problems.extend(_problem(raw, places, key, what, found) for key, what, found in wrong.found)
        return None


def _problem(
    raw: RawSheet, places: Mapping[KeyPath, tuple[Record, str]], key: KeyPath, what: Text, found: str
) -> Problem:
    if key in places:
        record, column = places[key]
        return record.problem(column, what, found or str(record.values.get(column) or ""))
    if len(key) == 1 and key[0] in {"term", "slot"}:
        word = "学期" if key[0] == "term" else "节次"
        what = Text(f"至少要有一行“{word}”", f"needs a line of the kind {word}")
    return Problem(sheet=raw.title, what=what, order=CALENDAR.order)


def _add(
    record: Record, values: dict[str, Any], places: dict[KeyPath, tuple[Record, str]], problems: list[Problem]
) -> None:
    kind = record.values["kind"]

    def read(column: str, reader: Callable[[str], Any], *, needed: bool = True) -> Any:
        cell = record.values[column]
        try:
            if cell is None and needed:
                raise Misread(Text("必须填写", "must be given"))
            return None if cell is None else reader(cell)
        except Misread as error:
            problems.append(record.problem(column, error.what, cell or ""))
            return None

    if kind in {"timezone", "school_days"} and (kind,) in places:
        what = Text("已有一行，请写在同一行", "is given twice; write it into one line")
        problems.append(record.problem("kind", what, kind))
        return
    if record.values["follows"] is not None and kind != "makeup":
        what = Text("只有补课日可以写按周几上课", "only a make-up day can follow a weekday")
        problems.append(record.problem("follows", what, WEEKDAYS[record.values["follows"]]))
    if kind == "timezone":
        values["timezone"] = read("name", cells.text)
        places["timezone",] = (record, "name")
    elif kind == "school_days":
        days = read("name", _days)
        values["school_days"] = days or _DEFAULTS["school_days"]
        places["school_days",] = (record, "name")
    elif kind == "makeup":
        follows = record.values["follows"]
        day, last = read("begin", cells.day), read("end", cells.day, needed=False)
        if last not in {None, day}:
            what = Text("补课日请每天写一行", "write a line for every make-up day")
            problems.append(record.problem("end", what, str(last)))
        _put(
            values["makeup"],
            places,
            record,
            {
                "day": ("begin", day),
                "follows": ("follows", None if follows is None else WEEKDAYS[follows]),
            },
            "makeup",
        )
    elif kind == "slot":
        row = {
            "name": ("name", read("name", cells.text)),
            "begin": ("begin", read("begin", _clock)),
            "end": ("end", read("end", _clock)),
        }
        _put(values["slot"], places, record, row, "slot")
    else:
        first = read("begin", cells.day)
        last = read("end", cells.day, needed=kind == "term") or first
        name = read("name", cells.text, needed=kind == "term") or "放假"
        row = {"name": ("name", name), "first": ("begin", first), "last": ("end", last)}
        _put(values[kind], places, record, row, kind)


def _put(
    rows: list[dict[str, Any]],
    places: dict[KeyPath, tuple[Record, str]],
    record: Record,
    row: Mapping[str, tuple[str, Any]],
    kind: str,
) -> None:
    index = len(rows)
    rows.append({key: value for key, (_, value) in row.items()})
    for key, (column, _) in row.items():
        places[kind, index, key] = (record, column)


def _days(cell: str) -> list[str]:
    """`周一至周五`, or each of them."""
    first, to, last = re.sub(r"\s", "", cell).partition("至")
    if to:
        begin, end = cells.weekday(first), cells.weekday(last)
        # From Sunday to Thursday: on over the end of the week.
        return [WEEKDAYS[at % 7] for at in range(begin, end + (1 if begin <= end else 8))]
    return [
        WEEKDAYS[cells.weekday(part)] for part in cells.several(cell.replace("，", "、").replace(",", "、"))
    ]
