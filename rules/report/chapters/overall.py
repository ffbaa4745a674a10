"""一、总体情况: how many schools and stages were looked at, and what comes of each district."""

from collections import Counter
from collections.abc import Iterator

from registry.vocabulary import Verdict
from rules.judging.district import Tally
from rules.report.blocks import Block, Paragraph
from rules.report.chapters.unmatched import unmatched_told
from rules.report.printing import chinese_date, first_of, known, rate, stage_name
from rules.report.report import Report

_NAMED = 5  # so many schools are named; the workbook has all of them
_VERDICTS: dict[Verdict, str] = {
    "pass": "达到县域义务教育优质均衡发展资源配置要求",
    "fail": "尚未达到县域义务教育优质均衡发展资源配置要求",
    "undetermined": "因部分数据缺失，暂不能判定是否达到县域义务教育优质均衡发展资源配置要求",
}


def overall(report: Report) -> Iterator[Block]:
    """What it rests on, the districts, the list of shortfalls, and who is left out."""
    evaluation = report.evaluation
    yield Paragraph(_basis(report))
    for district in evaluation.districts:
        parts = [
            f"{stage_name(stage)}{figures.sections}个，{_told(figures.overall)}"
            for stage, figures in district.stages.items()
        ]
        stages = "；".join(parts) or "没有参与评估的学段"
        yield Paragraph(
            f"{report.district_name(district.district)}：{stages}。{_VERDICTS[district.verdict]}。"
        )
    for told in (_declared_only(report), unmatched_told(report)):
        if told:
            yield Paragraph(told)
    lines = report.shortfalls.lines
    counts = Counter(line.state for line in lines)
    told = "，".join(f"{state}{number}项" for state, number in sorted(counts.items()))
    yield Paragraph(f"台账共{len(lines)}项" + (f"，其中{told}。" if told else "。"))
    if evaluation.excluded:
        yield Paragraph(
            f"另有{len(evaluation.excluded)}所学校（学段）按规定不参与评估，名单见附表“学校对照”。"
        )


def _basis(report: Report) -> str:
    evaluation = report.evaluation
    schools = len({result.section.school.school_code for result in evaluation.sections})
    until = "截至" if report.running else "数据日期为"
    before = f"与{report.before.title}季报对比" if report.before else "没有可对比的上季季报"
    return (
        f"本季报依据{report.standard_named}，对{schools}所学校的{len(evaluation.sections)}个学段逐校逐项评估，"
        f"{until}{chinese_date(report.as_of)}，{before}。"
        + ("" if evaluation.basis == "observed" else "本季未接入监测数据，各项均按学校报表数判定。")
    )


def _declared_only(report: Report) -> str:
    """Schools that nothing was ever heard of: their verdicts are declared ones, and say so."""
    schools = report.registry.schools
    names = [schools[code].name for code in schools if code in report.evaluation.never_heard]
    if not names:
        return ""
    named = first_of(names, _NAMED, "所学校")
    return f"从未收到{named}的监测数据，其各项按学校报表数判定（仅申报），不作监测对照。"


def _told(tally: Tally) -> str:
    if not known(tally):
        return "均未判定"
    unknown = f"，未判定{tally.undetermined}个" if tally.undetermined else ""
    return f"综合达标{tally.passing}个，达标率{rate(tally)}{unknown}"
