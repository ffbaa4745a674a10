"""The chapters on what was observed: wireless coverage, and multimedia rooms beside the declared number."""

from collections.abc import Iterator
from fractions import Fraction

from registry.exact import plain, rounded
from registry.vocabulary import VERDICT_NAMES
from rules.judging.district import WirelessResult
from rules.judging.section_results import SectionResult
from rules.report.blocks import Block, Paragraph, Table
from rules.report.report import Report
from rules.report.seven import label
from rules.report.words import NONE, UNKNOWN, chinese, district_name, percent

_NAMED = 15  # so many schools are in a table of the document


def wireless(report: Report) -> Iterator[Block]:
    """By school, as the ministry counts; rooms and area beside it."""
    if report.evaluation.facts is None:
        yield Paragraph("本季未接入监测数据，无线网络覆盖情况未判定。")
        return
    for district in report.evaluation.districts:
        yield Paragraph(f"{district_name(district.district)}：{_coverage(district.wireless)}")
    short = [one for one in report.evaluation.coverage if one.verdict != "pass"]
    if short:
        yield Table(
            caption="无线网络未实现全覆盖或未判定的学校"
            + (f"（前{_NAMED}所，共{len(short)}所）" if len(short) > _NAMED else ""),
            heads=("学校", "结论", "应覆盖房间", "已覆盖", "说明"),
            rows=[
                (
                    one.school.name,
                    VERDICT_NAMES[one.verdict],
                    str(one.required),
                    str(one.count("pass")) if one.rooms else NONE,
                    chinese(one.reason),
                )
                for one in short[:_NAMED]
            ],
            widths=(34, 18, 22, 18, 64),
        )


def _coverage(found: WirelessResult) -> str:
    schools, rooms = found.schools, found.rooms
    share = Fraction(100) * found.area_covered_m2 / found.area_m2 if found.area_m2 else None
    text = (
        f"参与统计的{schools.total}所学校中，{schools.passing}所实现无线网络全覆盖，覆盖率{percent(schools.rate)}；"
        f"{schools.failing}所未全覆盖，{schools.undetermined}所未判定。"
    )
    if not rooms.total:
        return text
    area = "" if share is None else f"，按面积计{percent(share)}"
    return text + f"按房间计{rooms.passing}/{rooms.total}间（{percent(rooms.rate)}）{area}。"


def multimedia(report: Report) -> Iterator[Block]:
    """The observed number beside the declared one, section by section where they differ."""
    sections = [one for one in report.evaluation.sections if "L7" in one.judgements]
    if report.evaluation.facts is None:
        yield Paragraph("本季未接入监测数据，网络多媒体教室数按学校报表数判定，无从对照。")
        return
    # A school's rooms are counted once, whatever stages it has.
    schools = {one.section.school.school_code: one.judgements["L7"].evidence for one in sections}.values()
    declared = sum((one.whole for one in schools if one.whole is not None), Fraction(0))
    uses = [one.use for one in schools if one.use is not None]
    working = sum(use.count("working") for use in uses)
    idle = sum(use.count("not_working") for use in uses)
    known = [one.completeness for one in schools if one.completeness is not None]
    days = len(report.evaluation.facts.days)
    yield Paragraph(
        f"学校上报网络多媒体教室共{plain(declared)}间；最近{days}个教学日监测到正常使用的{working}间，"
        f"监测为不正常的{idle}间，其余状态未知。判定采用监测数，上报数并列对照，互不替代。"
        + (f"各校采集完整率{percent(min(known) * 100)}～{percent(max(known) * 100)}。" if known else "")
    )
    differing = [one for one in sections if _differs(one)]
    if not differing:
        yield Paragraph("各学段监测数与上报数一致。")
        return
    more = f"（前{_NAMED}个，共{len(differing)}个）" if len(differing) > _NAMED else ""
    yield Table(
        caption=f"监测数与上报数不一致的学段{more}",
        heads=("学校", "上报（间）", "监测（间）", "采集完整率", "结论", "说明"),
        rows=[_row(one) for one in differing[:_NAMED]],
        widths=(34, 18, 18, 20, 16, 50),
    )


def equipment(report: Report) -> Iterator[Block]:
    """What the asset ledgers add up to beside the form, where any school has told one."""
    schools = {
        one.section.school.school_code: rests
        for one in report.evaluation.sections
        if "L6" in one.judgements and (rests := one.judgements["L6"].evidence).equipment is not None
    }
    if not schools:
        return
    total = sum((one.equipment.value for one in schools.values() if one.equipment), Fraction(0))
    seen = sum((one.equipment.seen for one in schools.values() if one.equipment), Fraction(0))
    declared = sum((one.whole for one in schools.values() if one.whole is not None), Fraction(0))
    yield Paragraph(
        f"生均教学仪器设备值：{len(schools)}所学校按资产台账判定，台账计入{rounded(total, 2)}元，"
        f"其中联网可见{rounded(seen, 2)}元；上述学校报表数共{rounded(declared, 2)}元，并列对照。"
    )


def _differs(one: SectionResult) -> bool:
    rests = one.judgements["L7"].evidence
    return rests.declared != rests.observed


def _row(one: SectionResult) -> tuple[str, ...]:
    judgement = one.judgements["L7"]
    rests = judgement.evidence
    declared, observed, complete = rests.declared, rests.observed, rests.completeness
    return (
        label(one),
        "未填报" if declared is None else _rooms(declared),
        UNKNOWN if observed is None else _rooms(observed),
        NONE if complete is None else percent(complete * 100),
        VERDICT_NAMES[judgement.verdict],
        chinese(judgement.reason),
    )


def _rooms(value: Fraction) -> str:
    """Rooms of a split school are fractions; two decimals are enough to read."""
    return plain(value) if value.denominator == 1 else rounded(value, 2)
