"""Every figure that the report prints, by its place, from what a snapshot holds: a correction compares them.

A snapshot of an older version lacks what was not told then; its place is missing, which is one change and not
one a school.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rules.report.printing import stage_name
from rules.words import name as word

Path = tuple[str, ...]
WIRELESS, OVERALL, ALL = "无线网络", "综合", "全部"
REASON = "理由"

# Keys of the evaluation's JSON, and what they are called.
_ALL = {"as_of": "数据日期", "standard": "标准", "basis": "依据"}
_TALLY = {"passing": "达标数", "failing": "未达标数", "undetermined": "未判定数", "rate": "达标率"}
_BALANCE = {
    "mean": "平均值",
    "sd": "标准差",
    "cv": "差异系数",
    "cv_limit": "差异系数限值",
    "balanced": "均衡",
    "sections_unknown": "数值未知的学段数",
    "mean_range": "平均值范围",
    "sd_range": "标准差范围",
    "cv_range": "差异系数范围",
}
_STAGE = {
    "sections": "学段数",
    "composite_cv": "综合差异系数",
    "composite_within_limit": "综合差异系数在限值内",
    "composite_cv_range": "综合差异系数范围",
    "sections_declared_only": "仅申报的学段数",
}
_AREA = {"area_m2": "应覆盖面积", "area_covered_m2": "已覆盖面积"}
_SECTION = {"name": "学校名称", "unit": "责任单位", "pupils": "学生数"}
_ANSWER = {
    "numerator": "分子",
    "denominator": "分母",
    "value": "实际值",
    "threshold": "达标值",
    "floor": "基本值",
    "verdict": "结论",
    "declared": "申报数",
    "observed": "监测数",
    "completeness": "采集完整率",
    "near": "临界",
    "enough": "数据充足",
    "passing": "达标项数",
    "rooms_required": "应覆盖房间",
    "rooms_covered": "已覆盖房间",
    "rooms_undetermined": "未判定房间",
    "reason": REASON,
}
_COUNTS = {
    "items_short": "不足项次",
    "occupied": "被挤占间数",
    "primary": "小学超标班数",
    "junior": "初中超标班数",
}
_SCHOOL = {"kind": "办学类型", "district": "区县"}
_SHARE = {"share": "学段占比"}
_NOTED = {"measure": "措施", "status": "销号状态"}
_DEVICE = {
    "lessons": "应有节次",
    "known": "有数据节次",
    "used": "使用节次",
    "polls": "询问次数",
    "answered": "应答次数",
    "days": "逐日记录",
}
NAMED = frozenset(_ALL | _TALLY | _BALANCE | _STAGE | _AREA | _SECTION | _ANSWER | _COUNTS)


class OldReason(NamedTuple):
    """A reason as an older version froze it, in both languages at once: shown as it stands, not compared."""

    text: str


Value = str | OldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one place; `kind` is what is there or not there."""

    place: str
    indicator: str = ""
    kind: str = ""
    values: Mapping[str, Value]


class Frozen(NamedTuple):
    """The evaluation's JSON, and what the sheets print beside it (None: an older version did not keep it)."""

    evaluation: Mapping[str, Any]
    printed: Mapping[str, Any] | None = None


def figures_of(frozen: Frozen, district_name: Callable[[str], str]) -> dict[Path, Figures]:
    """By path: what stands below a place that is missing is missing with it."""
    return dict(_figures(frozen, district_name))


def _figures(frozen: Frozen, district_name: Callable[[str], str]) -> Iterator[tuple[Path, Figures]]:
    evaluation, printed = frozen.evaluation, frozen.printed
    yield (), Figures(place=ALL, values=_values(evaluation, _ALL))
    for section in evaluation["sections"]:
        yield from _section(section)
    yield from _schools("wireless", WIRELESS, evaluation["wireless"]["schools"])
    for part, name in (("guarantees", "政府保障"), ("utilisation", "设施利用")):
        if found := evaluation.get(part):
            yield (part,), Figures(place=ALL, kind=name, values={})
            for school in found:
                yield from _answers(part, school)
    yield from _excluded(evaluation)
    for found in evaluation.get("unmatched", ()):
        path = ("unmatched", found["what"], found["school_code"], found["room"] or "")
        place = f"{found['school_code']} {found['room'] or ''}".strip()
        values = _values(found, {"readings": "未计入读数"})
        yield path, Figures(place=place, kind="监测与登记不符", values=values)
    if printed is not None:
        yield from _printed(printed)
    for district in evaluation.get("districts", ()):
        yield from _district(district, district_name(district["district"]))


def _district(district: Mapping[str, Any], name: str) -> Iterator[tuple[Path, Figures]]:
    path: Path = ("district", district["district"])
    yield path, Figures(place=name, kind="区县", values=_values(district, {"verdict": "结论"}))
    for stage, found in district["stages"].items():
        place = f"{name}·{stage_name(stage)}"
        yield (*path, stage), Figures(place=place, kind="学段", values=_values(found, _STAGE))
        for code, balance in found["indicators"].items():
            values = _values(balance, _TALLY | _BALANCE)
            yield (*path, stage, code), Figures(place=place, indicator=code, kind="指标", values=values)
        overall = _values(found["overall"], _TALLY)
        yield (*path, stage, "overall"), Figures(place=place, indicator=OVERALL, values=overall)
    wireless, place = district["wireless"], f"{name}·{stage_name('school')}"
    rooms = {f"按房间{what}": value for what, value in _values(wireless["rooms"], _TALLY).items()}
    values = _values(wireless, _TALLY | _AREA) | rooms
    yield (*path, "wireless"), Figures(place=place, indicator=WIRELESS, values=values)
    for code, found in district.get("guarantees", {}).items():
        values = _values(found, _TALLY) | _values(found["counts"], _COUNTS)
        yield (*path, "school", code), Figures(place=place, indicator=code, kind="指标", values=values)


def _section(section: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    path: Path = ("section", section["school_code"], section["stage"])
    place = _place(section, section["stage"])
    yield path, Figures(place=place, kind="学段", values=_values(section, _SECTION))
    for code, answer in section["indicators"].items():
        values = _values(answer, _ANSWER)
        yield (*path, code), Figures(place=place, indicator=code, kind="指标", values=values)
    overall = _values(section["overall"], _ANSWER)
    yield (*path, "overall"), Figures(place=place, indicator=OVERALL, values=overall)


def _schools(part: str, indicator: str, schools: list[Mapping[str, Any]]) -> Iterator[tuple[Path, Figures]]:
    for school in schools:
        values = _values(school, _ANSWER)
        place = _place(school, "school")
        yield (
            (part, school["school_code"]),
            Figures(place=place, indicator=indicator, kind="学校", values=values),
        )


def _answers(part: str, school: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    """Guarantees and rates of use: an answer a code."""
    path, place = (part, school["school_code"]), _place(school, "school")
    rooms = {"多媒体教室间数": str(school["rooms"])} if "rooms" in school else {}
    yield path, Figures(place=place, kind="学校", values=rooms)
    for code, answer in school.items():
        if isinstance(answer, Mapping):
            values = _values(answer, _ANSWER) | _values(answer.get("counts", {}), _COUNTS)
            yield (*path, code), Figures(place=place, indicator=code, kind="指标", values=values)


def _excluded(evaluation: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    for school in evaluation.get("excluded", ()):
        yield (
            ("excluded", school["school_code"]),
            Figures(
                place=_place(school, "school"), kind="不参与评估", values=_values(school, {"reason": REASON})
            ),
        )


def _printed(printed: Mapping[str, Any]) -> Iterator[tuple[Path, Figures]]:
    schools = printed["schools"]
    yield ("printed",), Figures(place=ALL, kind="学校资料、学段占比、措施", values={})
    for code, school in schools.items():
        values = _values(school, _SCHOOL)
        yield ("printed", code), Figures(place=_named(school, code), kind="学校", values=values)
    for share in printed["shares"]:
        code, stage = share["school_code"], share["stage"]
        values = _values(share, _SHARE) | {
            f"{word('form_items', item, 'zh')}（全校）": _text("", whole)
            for item, whole in share["whole"].items()
        }
        place = f"{_named(schools[code], code)}·{stage_name(stage)}"
        yield ("printed", code, stage), Figures(place=place, kind="学段占比", values=values)
    for noted in printed["noted"]:
        code, stage, indicator = noted["school_code"], noted["stage"], noted["indicator"]
        place = f"{_named(schools.get(code), code)}·{stage_name(stage)}"
        label = WIRELESS if indicator == "wireless" else indicator
        values = _values(noted, _NOTED)
        yield (
            ("printed", "noted", code, stage, indicator),
            Figures(place=place, indicator=label, values=values),
        )
    yield from _usage(printed["usage"], schools)


def _usage(
    usage: list[Mapping[str, Any]] | None, schools: Mapping[str, Any]
) -> Iterator[tuple[Path, Figures]]:
    if usage is None:
        return
    yield ("printed", "usage"), Figures(place=ALL, kind="设备使用记录", values={})
    for school in usage:
        code = school["school_code"]
        place = _named(schools.get(code), code)
        yield ("printed", "usage", code), Figures(place=place, kind="设备使用记录", values={})
        for device in school["devices"]:
            label = f"{device['room']} {device['device']}".strip()
            path = ("printed", "usage", code, device["room"], device["device"], device["type"])
            yield path, Figures(place=place, indicator=label, kind="设备", values=_values(device, _DEVICE))


def _values(answer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, name in names.items():
        if key == "reason" and answer.get(key) and "reasons" not in answer:
            found[name] = OldReason(str(answer[key]))
        elif key in answer:
            found[name] = _text(key, answer[key])
    return found


def _text(key: str, value: object) -> str:
    if value is None or value == "":
        return "无"
    if key == "verdict":
        return word("verdicts", str(value), "zh")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):  # the ends of a range
        return "～".join("不封顶" if end is None else str(end) for end in value)
    return str(value)


def _place(school: Mapping[str, Any], stage: str) -> str:
    return f"{_named(school, school['school_code'])}·{stage_name(stage)}"


def _named(school: Mapping[str, Any] | None, code: str) -> str:
    return f"{school['name']}（{code}）" if school else code
