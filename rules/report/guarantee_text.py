"""The chapter on 政府保障程度 about facilities: equipment of the catalogue where the bureau has one, rooms
for art and music, sizes of schools and classes."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from registry.vocabulary import (
    GUARANTEE_NAMES,
    KIND_STAGES,
    STAGE_NAMES,
    STAGES,
    VERDICT_NAMES,
    GuaranteeCode,
)
from rules.judging.district import District, GuaranteeResult, Tally
from rules.judging.guarantees import Guarantee, SchoolGuarantees
from rules.report.blocks import Block, Paragraph, Table
from rules.report.report import Report
from rules.report.words import NONE, district_name, percent

# Of the table of schools, by the number of guarantees judged: in mm, 156 together.
_WIDTHS = {3: (36, 26, 20, 24, 19, 15, 16), 4: (30, 24, 18, 18, 20, 18, 14, 14)}
_NAMED = 15  # so many schools are in the table of the document; the workbook has all of them


def guarantees(report: Report) -> Iterator[Block]:
    """District by district, then the schools that fall short."""
    if not report.evaluation.guarantees:
        yield Paragraph("没有参与评估的学校。")
        return
    yield Paragraph(f"本章{basis(report)}，与七项指标的结论相互独立，并列说明。")
    for district in report.evaluation.districts:
        if not any(one.schools.total for one in district.guarantees.values()):
            continue
        name = district_name(district.district)
        yield Paragraph(f"{name}：" + "".join(f"{words_of(code, [district])}。" for code in codes(report)))
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


def codes(report: Report) -> Sequence[GuaranteeCode]:
    """What was judged; G2 only where the registry has a catalogue."""
    found = report.evaluation.guarantees
    return list(found[0].answers) if found else [code for code in GUARANTEE_NAMES if code != "G2"]


def basis(report: Report) -> str:
    """What the answers rest on."""
    ledger = "（装备配置依据资产台账）" if "G2" in codes(report) else ""
    return f"按全校（含并入的单位）依据登记表{ledger}判定"


def words_of(code: GuaranteeCode, districts: Sequence[District]) -> str:
    """What adds up of a guarantee, district by district."""
    several = len(districts) > 1
    return "；".join(
        (f"{district_name(one.district)}：" if several else "") + _WORDS[code](one.guarantees[code])
        for one in districts
        if code in one.guarantees
    )


def _short_items(found: GuaranteeResult) -> str:
    items, schools = _count(found, "items_short")
    return f"对照装备目录不足的共{items}项次，涉及{schools}所学校" if items else "没有判为不足的装备目录项目"


def _occupied_rooms(found: GuaranteeResult) -> str:
    rooms, schools = _count(found, "occupied")
    if not rooms:
        return "登记表中没有被挤占的音乐、美术专用教室"
    return f"音乐、美术专用教室被挤占{rooms}间，涉及{schools}所学校"


def _oversized_schools(found: GuaranteeResult) -> str:
    failing = found.failing_by_kind
    told = "、".join(f"{kind}{failing[kind]}所" for kind in KIND_STAGES if failing.get(kind))
    return f"规模超标的学校：{told or '无'}"


def _large_classes(found: GuaranteeResult) -> str:
    """A stage for which no school states them is not called free of them."""
    told = []
    for stage in STAGES:
        if stage in found.counts:
            classes, schools = _count(found, stage)
            where = f"（{schools}所学校）" if classes else ""
            told.append(f"{STAGE_NAMES[stage]}{classes}个{where}")
    return f"已填报的超标班额班级：{'、'.join(told)}" if told else "各校均未填报超标班额的班级数"


_WORDS: Mapping[GuaranteeCode, Callable[[GuaranteeResult], str]] = {
    "G2": _short_items,
    "G3": _occupied_rooms,
    "G4": _oversized_schools,
    "G5": _large_classes,
}


def _cell(one: Guarantee) -> str:
    """An answer in few words: the figure against its limit where that shows why it fails."""
    value, limit = one.value, one.threshold
    if one.verdict != "fail" or value is None or limit is None:
        return VERDICT_NAMES[one.verdict]
    # Oversized classes may be of a stage that has not told its largest class.
    if one.code in {"G2", "G3"} or value > limit:
        return f"{value}/{limit}"
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
    more = f"；前{_NAMED}所，共{len(failing)}所，余见工作簿" if len(failing) > _NAMED else ""
    yield Table(
        caption=f"政府保障未达标的学校（实际/标准{more}）",
        heads=("学校", "办学类型", *(GUARANTEE_NAMES[code] for code in codes(report)), "被挤占", "超标班"),
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
        widths=_WIDTHS[len(codes(report))],
    )


def _fails(one: SchoolGuarantees) -> int:
    return sum(answer.verdict == "fail" for answer in one.answers.values())


def _tally(one: Tally) -> tuple[str, ...]:
    rate = NONE if one.rate is None else percent(one.rate)
    return (*(str(number) for number in (one.total, one.passing, one.failing, one.undetermined)), rate)


def _count(found: GuaranteeResult, name: str) -> tuple[int, int]:
    return found.counts.get(name, 0), found.schools_counted.get(name, 0)
