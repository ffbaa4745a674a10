"""The chapter on 政府保障程度 about facilities: rooms for music and art, sizes of schools and classes."""

from collections.abc import Iterator, Mapping

from rules.district import District, Tally
from rules.guarantees import Guarantee, SchoolGuarantees
from rules.report.blocks import Block, Paragraph, Table
from rules.report.report import Report
from rules.report.words import NONE, district_name, percent
from rules.vocabulary import (
    GUARANTEE_NAMES,
    KIND_STAGES,
    STAGE_NAMES,
    STAGES,
    VERDICT_NAMES,
    GuaranteeCode,
    Kind,
)

UNITS: Mapping[GuaranteeCode, str] = {"G3": "间", "G4": "人", "G5": "人"}
_NAMED = 15  # so many schools are in the table of the document; the workbook has all of them


def guarantees(report: Report) -> Iterator[Block]:
    """District by district, then the schools that fall short."""
    if not report.evaluation.guarantees:
        yield Paragraph("没有参与评估的学校。")
        return
    yield Paragraph("本章按全校（含并入的单位）依据登记表判定，与七项指标的结论相互独立，并列说明。")
    for district in report.evaluation.districts:
        name = district_name(district.district)
        yield Paragraph(
            f"{name}：{occupied_rooms(district)}。{oversized_schools(district)}。{large_classes(district)}。"
        )
        yield Table(
            caption=f"{name}政府保障程度（设施部分）达标情况",
            heads=("项目", "学校数", "达标", "未达标", "未判定", "达标率"),
            rows=[
                (f"{code} {GUARANTEE_NAMES[code]}", *_tally(one.schools))
                for code, one in district.guarantees.items()
            ],
            widths=(46, 22, 22, 22, 22, 22),
        )
    yield from _short(report)


def occupied_rooms(district: District) -> str:
    """G3: rooms that the registry says are used for something else."""
    rooms, schools = _count(district, "G3", "occupied")
    if not rooms:
        return "登记表中没有被挤占的音乐、美术专用教室"
    return f"音乐、美术专用教室被挤占{rooms}间，涉及{schools}所学校"


def oversized_schools(district: District) -> str:
    """G4: schools too large, by kind."""
    failing = district.guarantees["G4"].failing_by_kind
    told = "、".join(f"{kind}{failing[kind]}所" for kind in _kinds() if failing.get(kind))
    return f"规模超标的学校：{told or '无'}"


def large_classes(district: District) -> str:
    """G5: classes too large, by stage; a stage for which no school states them is not called free of them."""
    told = []
    for stage in STAGES:
        if stage in district.guarantees["G5"].counts:
            classes, schools = _count(district, "G5", stage)
            where = f"（{schools}所学校）" if classes else ""
            told.append(f"{STAGE_NAMES[stage]}{classes}个{where}")
    return f"已填报的超标班额班级：{'、'.join(told)}" if told else "各校均未填报超标班额的班级数"


def _cell(one: Guarantee) -> str:
    """An answer in few words: the figure against its limit where that shows why it fails."""
    value, limit = one.value, one.threshold
    if one.verdict != "fail" or value is None or limit is None:
        return VERDICT_NAMES[one.verdict]
    # Oversized classes may be of a stage that has not told its largest class.
    if one.code == "G3" or value > limit:
        return f"{value}/{limit}{UNITS[one.code]}"
    return VERDICT_NAMES[one.verdict]


def _number(one: Guarantee) -> str:
    """Rooms occupied, or classes too large at any stage; nothing where no one told."""
    return str(sum(count for _, count in one.counts)) if one.counts else NONE


def _short(report: Report) -> Iterator[Block]:
    failing = [one for one in report.evaluation.guarantees if _fails(one)]
    if not failing:
        yield Paragraph("没有判为未达标的学校。")
        return
    worst = sorted(failing, key=_fails, reverse=True)[:_NAMED]
    more = f"，前{_NAMED}所，共{len(failing)}所，全部见附件工作簿" if len(failing) > _NAMED else ""
    yield Table(
        caption=f"政府保障程度（设施部分）未达标的学校（实际/标准{more}）",
        heads=("学校", "办学类型", *GUARANTEE_NAMES.values(), "被挤占", "超标班"),
        rows=[
            (
                one.school.name,
                one.school.kind,
                *(_cell(answer) for answer in one.answers.values()),
                _number(one.answers["G3"]),
                _number(one.answers["G5"]),
            )
            for one in worst
        ],
        widths=(32, 26, 20, 29, 19, 15, 15),
    )


def _fails(one: SchoolGuarantees) -> int:
    return sum(answer.verdict == "fail" for answer in one.answers.values())


def _tally(one: Tally) -> tuple[str, ...]:
    rate = NONE if one.rate is None else percent(one.rate)
    return (*(str(number) for number in (one.total, one.passing, one.failing, one.undetermined)), rate)


def _count(district: District, code: GuaranteeCode, name: str) -> tuple[int, int]:
    found = district.guarantees[code]
    return found.counts.get(name, 0), found.schools_counted.get(name, 0)


def _kinds() -> tuple[Kind, ...]:
    return tuple(KIND_STAGES)
