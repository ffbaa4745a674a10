"""六、网络多媒体教室监测与上报对照: the rooms that were seen at work beside the number that was declared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from registry import School
from registry.exact import plain
from rules.judging.indicators import Evidence, Judgement
from rules.judging.multimedia import MultimediaRooms
from rules.report.blocks import Block, Paragraph, Table
from rules.report.printing import NONE, UNKNOWN, percent, stage_name, verdict_name
from rules.report.report import Report
from rules.report.rooms import rooms_called
from rules.report.sections import judgement_on

_NAMED = 15  # so many schools are in the table of the document


@dataclass(frozen=True, slots=True)
class _School:
    """A school's rooms, which are counted once, and the answer of each of its stages."""

    school: School
    answers: dict[str, Judgement]

    @property
    def rests(self) -> Evidence:
        return next(iter(self.answers.values())).evidence

    @property
    def differs(self) -> bool:
        """Of a school that nothing was ever heard of, nothing stands beside what it declared."""
        return self.rests.use is not None and any(
            answer.evidence.declared != answer.evidence.observed for answer in self.answers.values()
        )


def multimedia(report: Report) -> Iterator[Block]:
    """The sums over schools, and school by school where both numbers differ."""
    facts = report.evaluation.facts
    if facts is None:
        yield Paragraph("本季未接入监测数据，网络多媒体教室数按学校报表数判定，无从对照。")
        return
    schools = _schools(report)
    yield Paragraph(_sums_told(schools, days=len(facts.days)))
    differing = [school for school in schools if school.differs]
    if not differing:
        yield Paragraph("各校监测数与上报数一致。")
        return
    more = f"（前{_NAMED}所，共{len(differing)}所）" if len(differing) > _NAMED else ""
    yield Table(
        caption=f"监测数与上报数不一致的学校{more}",
        heads=("学校", "上报（间）", "正常（间）", "采集完整率", "结论", "说明"),
        rows=[_cells(report, school) for school in differing[:_NAMED]],
        widths=(36, 15, 15, 20, 24, 46),
    )


def _schools(report: Report) -> list[_School]:
    found: dict[str, _School] = {}
    for result in report.evaluation.sections:
        section = result.section
        if judgement := judgement_on(result, "multimedia_rooms"):
            school = found.setdefault(section.school.school_code, _School(section.school, {}))
            school.answers[section.stage] = judgement
    return list(found.values())


def _sums_told(schools: Sequence[_School], *, days: int) -> str:
    rests = [school.rests for school in schools]
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


def _seen_told(uses: Sequence[MultimediaRooms]) -> str:
    working, idle, unknown = (
        sum(use.count(seen) for use in uses) for seen in ("working", "not_working", "unknown")
    )
    if not working and not idle:
        return "没有监测到任何一间的状态"
    text = f"监测到正常使用的{working}间，监测为不正常的{idle}间"
    return text + (f"，状态未知的{unknown}间" if unknown else "")


def _cells(report: Report, school: _School) -> tuple[str, ...]:
    rests = school.rests
    use, complete = rests.use, rests.completeness
    return (
        school.school.name,
        "未填报" if rests.whole is None else plain(rests.whole),
        UNKNOWN if use is None or not complete else str(use.count("working")),
        percent(complete * 100) if complete else NONE,
        _verdicts(school),
        "" if use is None else _why(report, use, rests.whole),
    )


def _verdicts(school: _School) -> str:
    """A whole school's stages share its rooms, and may be answered differently."""
    verdicts = {stage: verdict_name(answer.verdict) for stage, answer in school.answers.items()}
    if len(set(verdicts.values())) == 1:
        return next(iter(verdicts.values()))
    return "，".join(f"{stage_name(stage)}{verdict}" for stage, verdict in verdicts.items())


def _why(report: Report, use: MultimediaRooms, declared: Fraction | None) -> str:
    rooms = {(room.school_code, room.room): room for room in report.registry.rooms}
    parts = []
    for seen, said in (("not_working", "不正常"), ("unknown", "状态未知")):
        found = [rooms[room.school_code, room.room] for room in use.rooms if room.seen == seen]
        if found:
            parts.append(f"{said}：{rooms_called(found)}")
    unlisted = 0 if declared is None else max(0, int(declared) - len(use.rooms))
    if unlisted:
        parts.append(f"上报而未登记的{unlisted}间")
    undeclared = [rooms[room.school_code, room.room] for room in use.rooms if room.declared is False]
    if undeclared:
        parts.append(f"登记为非多媒体教室而有设备：{rooms_called(undeclared)}")
    return "；".join(parts)
