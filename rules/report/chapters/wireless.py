"""五、无线网络全覆盖: by school, as the ministry counts; rooms and area beside it."""

from collections.abc import Iterator
from fractions import Fraction

from rules.judging.district import WirelessResult
from rules.judging.wireless import SchoolCoverage
from rules.report.blocks import Block, Paragraph, Table
from rules.report.printing import NONE, known, percent, rate, verdict_name
from rules.report.report import Report
from rules.report.rooms import rooms_called
from rules.words import worded

_NAMED = 15  # so many schools are in the table of the document


def wireless(report: Report) -> Iterator[Block]:
    """District by district, then the schools that are not covered, or of which it is not known."""
    if report.evaluation.facts is None:
        yield Paragraph("本季未接入监测数据，无线网络覆盖情况未判定。")
        return
    for district in report.evaluation.districts:
        last = _last_told(report, district.district)
        name = report.district_name(district.district)
        yield Paragraph(f"{name}：{_told(district.wireless)}{last}")
    # Schools of which nothing is known are counted above; a list of them would say it once more each.
    short = [
        coverage
        for coverage in report.evaluation.coverage
        if coverage.verdict == "fail" or (coverage.verdict == "undetermined" and coverage.completeness)
    ]
    short.sort(key=lambda coverage: coverage.verdict != "fail")
    if short:
        more = f"（前{_NAMED}所，共{len(short)}所）" if len(short) > _NAMED else ""
        yield Table(
            caption=f"无线网络未实现全覆盖或部分房间未判定的学校{more}",
            heads=("学校", "结论", "应覆盖（间）", "已覆盖（间）", "说明"),
            rows=[_cells(coverage) for coverage in short[:_NAMED]],
            widths=(38, 16, 16, 16, 70),
        )


def _told(found: WirelessResult) -> str:
    schools, rooms = found.schools, found.rooms
    if not known(schools):
        text = f"参与统计的{schools.total}所学校均未判定。"
    else:
        text = (
            f"参与统计的{schools.total}所学校中，{schools.passing}所实现无线网络全覆盖，覆盖率{rate(schools)}；"
            f"{schools.failing}所未全覆盖，{schools.undetermined}所未判定。"
        )
    if not rooms.total:
        return text
    if not known(rooms):
        return f"{text}应覆盖的{rooms.total}间房间均未判定。"
    share = Fraction(100) * found.area_covered_m2 / found.area_m2 if found.area_m2 else None
    area = "" if share is None else f"，按面积计{percent(share)}"
    unknown = f"，另有{rooms.undetermined}间未判定" if rooms.undetermined else ""
    return text + f"按房间计{rooms.passing}/{rooms.total}间（{rate(rooms)}）{area}{unknown}。"


def _last_told(report: Report, district: str) -> str:
    found = None if report.last is None else report.last.rates.get((district, "school", "wireless"))
    return "" if found is None else f"上季覆盖率{found}%。"


def _cells(coverage: SchoolCoverage) -> tuple[str, ...]:
    return (
        coverage.school.name,
        verdict_name(coverage.verdict),
        str(coverage.required),
        str(coverage.count("pass")) if coverage.completeness else NONE,
        _why(coverage),
    )


def _why(coverage: SchoolCoverage) -> str:
    """The rooms by name; where none was looked at, what is known of the school as a whole."""
    failing, unknown = (
        [room.room for room in coverage.rooms if room.verdict == verdict]
        for verdict in ("fail", "undetermined")
    )
    parts = [f"未覆盖：{rooms_called(failing)}"] if failing else []
    if unknown and len(unknown) == len(coverage.rooms):
        parts.append(f"{len(unknown)}间均未判定")
    elif unknown:
        parts.append(f"未判定：{rooms_called(unknown)}")
    return "；".join(parts) or worded(coverage.reason, "zh")
