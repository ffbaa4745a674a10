"""The chapter on 设施设备利用率和完好率: how much displays are used, and how many are in order."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil

from registry.exact import plain, rounded
from rules.judging.district import tally
from rules.judging.utilisation import RATE_NAMES, Rate, RateCode, SchoolUtilisation
from rules.judging.utilisation_total import Total, totals_of
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.report import Report
from rules.report.usage import rates
from rules.report.words import COLOURS, NONE, UNKNOWN, district_name, percent

SHORT = "数据不足"
# What stands above and below the line of each rate.
PARTS: Mapping[RateCode, tuple[str, str]] = {
    "U1": ("使用课时", "有数据课时"),
    "U2": ("开机台·日", "有数据台·日"),
    "U3": ("闲置间数", "有数据间数"),
    "U4": ("完好台数", "有数据台数"),
    "U5": ("使用课时", "在校生数"),
}
_NAMED = 15  # so many schools are in the table of the document; the workbook has all of them
_BANDS = (20, 40, 60, 80, 100)  # percent; each band without its upper end, but for the last
_TICKS = 6  # at most on the axis
_ENOUGH_FOR_A_CHART = 5  # fewer schools are read from the workbook's sheet


def utilisation(report: Report) -> Iterator[Block]:
    """The district's rates with what is known of them, then the record of use, then devices out of order."""
    evaluation = report.evaluation
    if evaluation.facts is None:
        yield Paragraph("本季未接入监测数据，设施设备利用率和完好率无从统计。")
        return
    if not evaluation.utilisation:
        yield Paragraph("登记表和监测中均没有配备多媒体设备的房间，设施设备利用率和完好率无从统计。")
        return
    if not any(one.known for school in evaluation.utilisation for one in school.rates):
        yield Paragraph("统计期内没有收到设备读数，设施设备利用率和完好率无从统计。")
        return
    least = plain(evaluation.standard.utilisation.min_completeness * 100)
    yield Paragraph(
        f"利用率按最近{len(evaluation.facts.days)}个教学日统计，区级数为各校分子之和除以分母之和，不是各校比率的平均；"
        f"采集完整率低于{least}%的为“{SHORT}”。利用率只列示、不判定，设备完好率应不低于{_limit(report)}。"
    )
    for district in evaluation.districts:
        schools = [one for one in evaluation.utilisation if one.school.district == district.district]
        if schools:
            yield from _district(report, district_name(district.district), schools)
    yield from _record(report)
    yield from _out_of_order(report)


def shown(one: Rate) -> str:
    """A rate as printed, in percent or lessons per pupil; 数据不足 where too little is known."""
    if one.value is None:
        return UNKNOWN if one.enough else SHORT
    return rounded(one.value if one.code == "U5" else one.value * 100, 2)


def _limit(report: Report) -> str:
    return f"{plain(report.evaluation.standard.utilisation.serviceable_share * 100)}%"


def _district(report: Report, name: str, schools: Sequence[SchoolUtilisation]) -> Iterator[Block]:
    totals = totals_of(report.evaluation.standard, schools)
    counted = tally(school.of("U4").verdict or "undetermined" for school in schools)
    rooms = sum(len(school.rooms) for school in schools)
    without = totals["U5"].left_out
    yield Paragraph(
        f"{name}：统计{len(schools)}所学校的{rooms}间多媒体教室。"
        f"设备完好率达到{_limit(report)}的学校{counted.passing}所，低于的{counted.failing}所，"
        f"未判定{counted.undetermined}所。"
        + (f"{without}所学校未填报在校生数，不计入生均使用课时。" if without else "")
    )
    yield Table(
        caption=f"{name}设施设备利用率和完好率",
        heads=("项目", "比率", "分子", "分母", "采集完整率", "数据充足学校"),
        rows=[_row(code, one) for code, one in totals.items()],
        widths=(33, 20, 31, 31, 24, 17),
    )
    if totals["U1"].enough >= _ENOUGH_FOR_A_CHART:
        yield _bands(name, [school.of("U1") for school in schools])


def _row(code: RateCode, one: Total) -> tuple[str, ...]:
    above, below = PARTS[code]
    rate = one.rate
    return (
        f"{code} {RATE_NAMES[code]}",
        shown(rate) + ("" if code == "U5" or rate.value is None else "%"),
        f"{above}{_figure(rate.numerator)}",
        f"{below}{_figure(rate.denominator)}",
        percent(rate.completeness * 100),
        f"{one.enough}/{one.schools}",
    )


def _figure(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else rounded(value, 2)


def _bands(name: str, found: Sequence[Rate]) -> Chart:
    """How many schools use their displays how much; a school with too little data is in no band."""
    counts = [0] * len(_BANDS)
    for one in found:
        if one.value is not None:
            counts[min(int(one.value * 100) * len(_BANDS) // 100, len(_BANDS) - 1)] += 1
    lows = (0, *_BANDS)
    return Chart(
        caption=f"{name}各校课时使用率（U1）分布",
        categories=[f"{low}%～{high}%" for low, high in zip(lows, _BANDS, strict=False)],
        series=[
            Series(name="学校数", values=[Fraction(number) for number in counts], colour=COLOURS["primary"])
        ],
        number_format="0",
        step=ceil(Fraction(max(counts), _TICKS)),
    )


def _record(report: Report) -> Iterator[Block]:
    """Over all devices of the quarter: the records of use are its evidence."""
    devices = [device for school in report.usage or () for device in school.devices]
    if not devices:
        return
    found = rates(devices, report.evaluation.standard.utilisation)
    known, used = (sum(one.total(what) for one in devices) for what in ("known", "used"))
    rate = SHORT if found.used is None else percent(found.used)
    yield Paragraph(
        f"设备使用记录（全季，按设备）：{len(report.usage or ())}所学校{len(devices)}台设备有使用记录，"
        f"有数据的{known}节次中使用{used}节次，节次使用率{rate}，采集完整率{percent(found.completeness)}。"
    )


def _out_of_order(report: Report) -> Iterator[Block]:
    schools = report.evaluation.utilisation
    short = [school for school in schools if school.of("U4").verdict == "fail"]
    if not short:
        yield Paragraph(f"没有判为设备完好率低于{_limit(report)}的学校。")
        return
    more = f"（前{_NAMED}所，共{len(short)}所，全部见附件工作簿）" if len(short) > _NAMED else ""
    worst = sorted(short, key=lambda one: one.of("U4").numerator / one.of("U4").denominator)
    yield Table(
        caption=f"设备完好率低于{_limit(report)}的学校{more}",
        heads=("学校", "完好率", "完好台数", "有数据台数", "采集完整率", "责任单位"),
        rows=[_worst(school, school.of("U4")) for school in worst[:_NAMED]],
        widths=(39, 19, 20, 24, 24, 30),
    )


def _worst(school: SchoolUtilisation, one: Rate) -> tuple[str, ...]:
    return (
        school.school.name,
        SHORT if one.value is None else percent(one.value * 100),
        str(one.numerator),
        str(one.denominator),
        percent(one.completeness * 100),
        school.school.unit or NONE,
    )
