"""六、网络多媒体教室监测与上报对照: the rooms that were seen at work beside the number that was declared."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from registry.exact import plain, rounded
from rules.judging.indicators import Judgement
from rules.judging.multimedia import SchoolUse
from rules.judging.section_results import SectionResult
from rules.report.blocks import Block, Paragraph, Table
from rules.report.printing import NONE, UNKNOWN, percent, verdict_name
from rules.report.report import Report
from rules.report.sections import judgement_on, label
from rules.words import worded

_NAMED = 15  # so many sections are in the table of the document
_Answers = Sequence[tuple[SectionResult, Judgement]]


def multimedia(report: Report) -> Iterator[Block]:
    """The sums over schools, and section by section where both numbers differ."""
    facts = report.evaluation.facts
    if facts is None:
        yield Paragraph("本季未接入监测数据，网络多媒体教室数按学校报表数判定，无从对照。")
        return
    answers = [
        (result, judgement)
        for result in report.evaluation.sections
        if (judgement := judgement_on(result, "multimedia_rooms"))
    ]
    yield Paragraph(_sums_told(answers, days=len(facts.days)))
    differing = [
        (result, judgement)
        for result, judgement in answers
        if judgement.evidence.declared != judgement.evidence.observed
    ]
    if not differing:
        yield Paragraph("各学段监测数与上报数一致。")
        return
    more = f"（前{_NAMED}个，共{len(differing)}个）" if len(differing) > _NAMED else ""
    yield Table(
        caption=f"监测数与上报数不一致的学段{more}",
        heads=("学校", "上报（间）", "监测（间）", "采集完整率", "结论", "说明"),
        rows=[_cells(result, judgement) for result, judgement in differing[:_NAMED]],
        widths=(34, 18, 18, 20, 16, 50),
    )


def _sums_told(answers: _Answers, *, days: int) -> str:
    # A school's rooms are counted once, whatever stages it has.
    rests = {result.section.school.school_code: judgement.evidence for result, judgement in answers}.values()
    stated = [evidence.whole for evidence in rests if evidence.whole is not None]
    declared = f"共{plain(sum(stated, Fraction(0)))}间" if stated else "均未填报"
    uses = [evidence.use for evidence in rests if evidence.use is not None]
    shares = [evidence.completeness for evidence in rests if evidence.completeness is not None]
    return (
        f"学校上报网络多媒体教室{declared}；最近{days}个教学日{_seen_told(uses)}。"
        "判定采用监测数，上报数并列对照，互不替代。"
        + (
            f"各校采集完整率{percent(min(shares) * 100)}～{percent(max(shares) * 100)}。"
            if any(shares)
            else ""
        )
    )


def _seen_told(uses: Sequence[SchoolUse]) -> str:
    working, idle = (sum(use.count(seen) for use in uses) for seen in ("working", "not_working"))
    unknown = sum(use.count("unknown") for use in uses)
    if not working and not idle:
        return "没有监测到任何一间的状态"
    return f"监测到正常使用的{working}间，监测为不正常的{idle}间" + (
        f"，状态未知的{unknown}间" if unknown else ""
    )


def _cells(result: SectionResult, judgement: Judgement) -> tuple[str, ...]:
    rests = judgement.evidence
    declared, observed, complete = rests.declared, rests.observed, rests.completeness
    return (
        label(result),
        "未填报" if declared is None else _rooms(declared),
        UNKNOWN if observed is None else _rooms(observed),
        percent(complete * 100) if complete else NONE,
        verdict_name(judgement.verdict),
        worded(judgement.reason, "zh"),
    )


def _rooms(value: Fraction) -> str:
    """Rooms of a split school are fractions; two decimals are enough to read."""
    return plain(value) if value.denominator == 1 else rounded(value, 2)
