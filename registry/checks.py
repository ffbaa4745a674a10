"""What is wrong in the registry though every single cell can be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from registry.cells import DISTRICT_CODE
from registry.problems import Problem
from registry.records import Record
from registry.vocabulary import FIGURES, KIND_STAGES, Kind
from runtime.language import Text
from tables.codes import spelling

_STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}
REPEATED = Text("重复，请只留一行", "is given twice; keep one")
Records = Mapping[str, list[Record]]
# What may not be there twice, by sheet, and the column in which that is told.
_KEYS = (
    ("schools", ("school_code",), "school_code"),
    ("districts", ("district",), "district"),
    ("rooms", ("school_code", "room"), "room"),
    ("statistics", ("school_code", "stage", "item"), "item"),
    ("measures", ("school_code", "stage", "indicator", "measure"), "measure"),
    ("catalogue", ("name", "stage"), "name"),
)


def contradictions(records: Records) -> Iterator[Problem]:
    """What no single cell shows to be wrong. Rows with an unreadable cell are told once, not twice."""
    schools = by_code(records["schools"])
    for sheet, key, column in _KEYS:
        yield from _repeated(records[sheet], key, column)
    # Where a school's code could not be read, lines of other sheets may only be a consequence of it.
    if schools and all(record.values["school_code"] for record in records["schools"]):
        for sheet in ("rooms", "statistics", "measures", "timetable"):
            yield from _unknown_schools(records[sheet], schools)
    for record in records["schools"]:
        if record.sound:
            yield from _wrong_pupils(record)
            yield from _wrong_merge(record, schools)
    yield from _wrong_statistics(records["statistics"], schools)
    yield from _wrong_measures(records["measures"], schools)
    for record in records["catalogue"]:
        if record.sound and not record.values["categories"] and not record.values["words"]:
            what = Text("“分类代码”和“名称包含”至少填一项", "needs a category or words of the name")
            yield record.problem("categories", what)


def repeated(value: str, row: int) -> str:
    """What is there twice, and where it stood first."""
    return str(Text(f"{value}（第 {row} 行已有）", f"{value} (first in row {row})"))


def by_code(records: list[Record]) -> dict[str, Record]:
    """The schools whose code could be read; of one that is there twice, the first."""
    found: dict[str, Record] = {}
    for record in records:
        if (code := record.values["school_code"]) is not None:
            found.setdefault(code, record)
    return found


def name_districts(records: Records) -> Iterator[Problem]:
    """Put codes where the schools sheet names districts that the districts sheet knows; tell the others."""
    names = {record.values["name"]: record.values["district"] for record in records["districts"]}
    for record in records["schools"]:
        district = record.values["district"]
        if district is None or DISTRICT_CODE.fullmatch(district):
            continue
        if code := names.get(district):
            record.values["district"] = code
            continue
        record.sound = False
        what = Text(
            "没有此区县，请写 6 位区划代码，或在“区县”表中列出",
            "is no known district: write its code of 6 digits, or list it in the sheet of districts",
        )
        yield record.problem("district", what, district)


def _repeated(records: list[Record], key: tuple[str, ...], column: str) -> Iterator[Problem]:
    first: dict[tuple[Any, ...], Record] = {}
    for record in records:
        value = tuple(record.values[name] for name in key)
        if None in value:
            continue
        # Ｒ１０１, r101 and R 101 are one room, whoever typed them.
        before = first.setdefault(tuple(spelling(str(part)).casefold() for part in value), record)
        if before is not record:
            yield record.problem(column, REPEATED, repeated(" ".join(value), before.row))


def _unknown_schools(records: list[Record], schools: Mapping[str, Record]) -> Iterator[Problem]:
    what = Text("学校表中没有此学校", "is not in the schools sheet")
    for record in records:
        code = record.values["school_code"]
        if code is not None and code not in schools:
            yield record.problem("school_code", what, code)


def _wrong_pupils(record: Record) -> Iterator[Problem]:
    kind: Kind = record.values["kind"]
    for stage in ("primary", "junior", "senior"):
        pupils = record.values[f"{stage}_pupils"]
        if KIND_STAGES[kind] and stage not in KIND_STAGES[kind] and pupils:
            what = Text(
                f"{kind}没有{_STAGES[stage]}，请改为 0 或留空，或改正办学类型",
                f"a {kind} has no {stage} stage; empty the cell, or mend the kind of school",
            )
            yield record.problem(f"{stage}_pupils", what, str(pupils))


def _wrong_merge(record: Record, schools: Mapping[str, Record]) -> Iterator[Problem]:
    code = record.values["merge_into"]
    if code is None:
        return
    target = schools.get(code)
    kind: Kind = record.values["kind"]
    if target is None or target is record:
        what = Text("并入的学校不存在或是其自身", "merges into itself or into a school that is not listed")
    elif not target.sound:
        return
    elif target.values["merge_into"] is not None:
        what = Text("并入的学校自己也被并入", "the school it merges into is merged itself")
    elif target.values["district"] != record.values["district"]:
        what = Text("并入的学校在另一个区县", "the school it merges into lies in another district")
    elif not KIND_STAGES[kind] and target.values["kind"] != kind:
        # Its rooms would count and its pupils would not.
        what = Text(
            f"{kind}只能并入{kind}：它的学生不计入义务教育学段",
            f"a {kind} may only merge into another: its pupils belong to no compulsory stage",
        )
    elif not set(KIND_STAGES[kind]) <= set(KIND_STAGES[target.values["kind"]]):
        what = Text("并入的学校没有相应学段", "the school it merges into lacks its stage")
    else:
        return
    yield record.problem("merge_into", what, code)


def _wrong_statistics(records: list[Record], schools: Mapping[str, Record]) -> Iterator[Problem]:
    for_school = Counter(
        (record.values["school_code"], record.values["item"])
        for record in records
        if record.values["stage"] == "school"
    )
    for record in records:
        code, stage, item = (record.values[name] for name in ("school_code", "stage", "item"))
        school = schools.get(code)
        if not record.sound or school is None or not school.sound:
            continue
        kind: Kind = school.values["kind"]
        if stage != "school" and stage not in KIND_STAGES[kind]:
            yield record.problem("stage", _no_stage(kind, stage))
        if stage != "school" and for_school[code, item]:
            name = FIGURES[item].chinese
            what = Text(
                f"{name}既按全校又按学段填报，请只留一种", f"{item} is given for the school and for a stage"
            )
            yield record.problem("item", what)
        value = record.values["value"]
        if value is not None and FIGURES[item].whole and value.denominator != 1:
            yield record.problem("value", Text("应为整数", "must be a whole number"), str(float(value)))


def _no_stage(kind: Kind, stage: str) -> Text:
    return Text(f"{kind}没有{_STAGES[stage]}", f"a {kind} has no {stage} stage")


def _wrong_measures(records: list[Record], schools: Mapping[str, Record]) -> Iterator[Problem]:
    for record in records:
        stage, started, deadline = (record.values[name] for name in ("stage", "started", "deadline"))
        if started is not None and deadline is not None and deadline < started:
            what = Text(f"期限早于开始日期 {started}", f"lies before {started}, when it starts")
            yield record.problem("deadline", what, str(deadline))
        school = schools.get(record.values["school_code"])
        if stage in {None, "school"} or school is None or not school.sound:
            continue
        kind: Kind = school.values["kind"]
        if stage not in KIND_STAGES[kind]:
            yield record.problem("stage", _no_stage(kind, stage))
