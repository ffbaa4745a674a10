"""What is wrong in the registry though every single cell can be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from registry.sheets import Problem, Record
from registry.vocabulary import ITEMS, KIND_STAGES, Kind
from runtime.language import Text


def contradictions(records: Mapping[str, list[Record]]) -> Iterator[Problem]:
    """What no single cell shows to be wrong. Rows with an unreadable cell are told once, not twice."""
    schools = {record.values["school_code"]: record for record in records["schools"]}
    yield from _repeated("schools", records["schools"], ("school_code",), "学校标识码")
    yield from _repeated("rooms", records["rooms"], ("school_code", "room"), "房间编号")
    yield from _repeated("statistics", records["statistics"], ("school_code", "stage", "item"), "项目")
    yield from _repeated(
        "measures", records["measures"], ("school_code", "stage", "indicator", "measure"), "措施"
    )
    yield from _repeated("districts", records["districts"], ("district",), "区县代码")
    yield from _repeated("catalogue", records["catalogue"], ("name", "stage"), "名称")
    for name in ("rooms", "statistics", "measures", "timetable"):
        for record in records[name]:
            code = record.values["school_code"]
            # Where no school could be read, every line would only say so again.
            if schools and code is not None and code not in schools:
                text = Text(f"学校表中没有 {code}", f"{code} is not in the schools sheet")
                yield Problem(name, record.row, "学校标识码", text)
    for record in records["schools"]:
        if record.sound:
            yield from _wrong_pupils(record)
            yield from _wrong_merge(record, schools)
    yield from _wrong_statistics(records["statistics"], schools)
    yield from _wrong_measures(records["measures"], schools)
    for record in records["catalogue"]:
        if record.sound and not record.values["categories"] and not record.values["words"]:
            text = Text("分类代码和名称包含至少填一项", "needs a category or words of the name")
            yield Problem("catalogue", record.row, "分类代码", text)


def _repeated(sheet: str, records: list[Record], key: tuple[str, ...], column: str) -> Iterator[Problem]:
    first: dict[tuple[Any, ...], int] = {}
    for record in records:
        value = tuple(record.values[name] for name in key)
        if None in value:
            continue
        if value in first:
            what, before = " ".join(value), first[value]
            text = Text(f"{what} 与第 {before} 行重复", f"{what} is given twice, first in row {before}")
            yield Problem(sheet, record.row, column, text)
        first.setdefault(value, record.row)


def _wrong_pupils(record: Record) -> Iterator[Problem]:
    kind: Kind = record.values["kind"]
    columns = {"primary": "小学在校生数", "junior": "初中在校生数", "senior": "高中在校生数"}
    for stage, column in columns.items():
        pupils = record.values[f"{stage}_pupils"]
        if KIND_STAGES[kind] and stage not in KIND_STAGES[kind] and pupils:
            text = Text(f"{kind}没有该学段", f"{pupils} pupils, but a {kind} has no {stage} stage")
            yield Problem("schools", record.row, column, text)


def _wrong_merge(record: Record, schools: Mapping[str, Record]) -> Iterator[Problem]:
    target_code = record.values["merge_into"]
    if target_code is None:
        return
    target = schools.get(target_code)
    if target is None or target is record:
        text = Text("并入的学校不存在或是其自身", "merges into itself or into a school that is not listed")
    elif not target.sound:
        return
    elif target.values["merge_into"] is not None:
        text = Text("并入的学校自己也被并入", "the school it merges into is merged itself")
    elif target.values["district"] != record.values["district"]:
        text = Text("并入的学校在另一个区县", "the school it merges into lies in another district")
    elif not set(KIND_STAGES[record.values["kind"]]) <= set(KIND_STAGES[target.values["kind"]]):
        text = Text("并入的学校没有相应学段", "the school it merges into lacks its stage")
    else:
        return
    yield Problem(
        "schools", record.row, "并入学校", Text(f"{target_code}：{text.zh}", f"{target_code}: {text.en}")
    )


def _wrong_statistics(records: list[Record], schools: Mapping[str, Record]) -> Iterator[Problem]:
    given = Counter(
        (r.values["school_code"], r.values["item"], r.values["stage"] == "school") for r in records
    )
    for record in records:
        code, stage, item = (record.values[name] for name in ("school_code", "stage", "item"))
        school = schools.get(code)
        if not record.sound or school is None or not school.sound:
            continue
        kind: Kind = school.values["kind"]
        if stage != "school" and stage not in KIND_STAGES[kind]:
            text = Text(f"{kind}没有该学段", f"a {kind} has no {stage} stage")
            yield Problem("statistics", record.row, "学段", text)
        if stage != "school" and given[code, item, True]:
            text = Text("同一项目既按全校又按学段填报", "is given for the whole school and for a stage")
            yield Problem("statistics", record.row, "项目", Text(f"{item}：{text.zh}", f"{item}: {text.en}"))
        value = record.values["value"]
        if value is not None and ITEMS[item].whole and value.denominator != 1:
            yield Problem("statistics", record.row, "数值", Text("应为整数", "must be a whole number"))


def _wrong_measures(records: list[Record], schools: Mapping[str, Record]) -> Iterator[Problem]:
    for record in records:
        stage, started, deadline = (record.values[name] for name in ("stage", "started", "deadline"))
        if started is not None and deadline is not None and deadline < started:
            text = Text("期限早于开始日期", f"{deadline} lies before {started}")
            yield Problem("measures", record.row, "完成期限", text)
        school = schools.get(record.values["school_code"])
        if stage in {None, "school"} or school is None or not school.sound:
            continue
        kind: Kind = school.values["kind"]
        if stage not in KIND_STAGES[kind]:
            text = Text(f"{kind}没有该学段", f"a {kind} has no {stage} stage")
            yield Problem("measures", record.row, "学段", text)
