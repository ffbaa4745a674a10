"""What a correction changes: the frozen answers against the new ones, field by field. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.report.printing import chinese, stage_name
from rules.report.report import Change
from rules.words import name as word

# A section's and an indicator's keys in the evaluation's JSON, and what they are called.
_SECTION = {"name": "学校名称", "unit": "责任单位", "pupils": "学生数"}
_INDICATOR = {
    "numerator": "分子",
    "value": "实际值",
    "threshold": "达标值",
    "floor": "基本值",
    "verdict": "结论",
    "declared": "申报数",
    "observed": "监测数",
    "completeness": "采集完整率",
    "near": "临界",
    "reason": "理由",
}
_WIRELESS = {
    "verdict": "结论",
    "rooms_required": "应覆盖房间",
    "rooms_covered": "已覆盖房间",
    "completeness": "采集完整率",
}
_ANSWER = {"verdict": "结论", "value": "实际值", "numerator": "分子", "denominator": "分母"}
_PARTS = {"guarantees": "政府保障", "utilisation": "设施利用"}
_NONE = "无"


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Between two evaluations as JSON: sections, then wireless, guarantees and use of schools."""
    found = list(_fields(old, new, {"as_of": "数据日期", "standard": "标准"}, "全部", ""))
    found += _sections(_by_section(old), _by_section(new))
    found += _schools(_by_school(old["wireless"]["schools"]), _by_school(new["wireless"]["schools"]))
    for part, name in _PARTS.items():
        if part in old:
            found += _answers(_by_school(old[part]), _by_school(new[part]))
        elif new[part]:
            # Frozen before this was told: one line, not one a school.
            found.append(Change(place="全部", indicator="", field=name, old=_NONE, new=_there(new[part])))
    return tuple(found)


def _sections(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        place = _place(after or before, stage_name(key[1]))
        if before is None or after is None:
            yield Change(place=place, indicator="", field="学段", old=_there(before), new=_there(after))
            continue
        yield from _fields(before, after, _SECTION, place, "")
        for code in dict.fromkeys([*before["indicators"], *after["indicators"]]):
            was, now = (side["indicators"].get(code, {}) for side in (before, after))
            yield from _fields(was, now, _INDICATOR, place, code)
        yield from _fields(before["overall"], after["overall"], {"verdict": "结论"}, place, "综合")


def _schools(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for code in dict.fromkeys([*old, *new]):
        before, after = old.get(code), new.get(code)
        place = _place(after or before, stage_name("school"))
        if before is None or after is None:
            yield Change(
                place=place, indicator="无线网络", field="学校", old=_there(before), new=_there(after)
            )
        else:
            yield from _fields(before, after, _WIRELESS, place, "无线网络")


def _answers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Guarantees and rates of use: an answer a code, a school."""
    for code in dict.fromkeys([*old, *new]):
        before, after = old.get(code, {}), new.get(code, {})
        place = _place(after or before, stage_name("school"))
        for key in dict.fromkeys([*before, *after]):
            was, now = before.get(key, {}), after.get(key, {})
            if isinstance(was, Mapping) and isinstance(now, Mapping):
                yield from _fields(was, now, _ANSWER, place, key)


def _fields(
    old: Mapping[str, Any], new: Mapping[str, Any], names: Mapping[str, str], place: str, indicator: str
) -> Iterator[Change]:
    for key, name in names.items():
        before, after = _said(old, key), _said(new, key)
        if before != after:
            yield Change(
                place=place, indicator=indicator, field=name, old=_text(key, before), new=_text(key, after)
            )


def _by_section(evaluation: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    return {(section["school_code"], section["stage"]): section for section in evaluation["sections"]}


def _by_school(schools: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {school["school_code"]: school for school in schools}


def _place(school: Any, stage: str) -> str:
    return f"{school['name']}（{school['school_code']}）·{stage}"


def _there(part: object) -> str:
    return _NONE if part is None else "有"


def _said(answer: Mapping[str, Any], key: str) -> Any:
    """A reason in Chinese, also of a version that was frozen when reasons were stored in both languages."""
    value = answer.get(key)
    return chinese(str(value)) if key == "reason" and value and "reasons" not in answer else value


def _text(key: str, value: object) -> str:
    if value is None:
        return _NONE
    if key == "verdict":
        return word("verdicts", str(value), "zh")
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
