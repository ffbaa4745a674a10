"""七、设施设备利用率和完好率: how much displays are used, how many are in order; the sheet 设施利用."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil

from registry.exact import plain, rounded
from rules.answers.book import A3, VERDICT_STYLES, Book, Sheet
from rules.judging.district import tally
from rules.judging.utilisation import RATES, Rate, RateCode, SchoolUtilisation
from rules.judging.utilisation_total import RateTotal, totals_of
from rules.report.blocks import Block, Chart, Paragraph, Series, Table
from rules.report.printing import COLOURS, NONE, UNKNOWN, percent, rate_name, verdict_name
from rules.report.report import Report
from rules.report.school_columns import HEADS, WIDTHS, school_cells, school_heads
from rules.report.usage import SHORT, rates

# What stands above and below the line of each rate.
_PARTS: Mapping[RateCode, tuple[str, str]] = {
    "U1": ("使用课时", "有数据课时"),
    "U2": ("开机台·日", "有数据台·日"),
    "U3": ("闲置间数", "有数据间数"),
    "U4": ("完好台数", "有数据台数"),
    "U5": ("使用课时", "在校生数"),
}
_UNITS: Mapping[RateCode, str] = {"U1": "%", "U2": "%", "U3": "%", "U4": "%", "U5": "课时/人"}
_JUDGED: RateCode = "U4"  # the only rate with a limit, and so with a column for the answer
_NAMED = 15  # so many schools are in the table of the document; the workbook has all of them
_BANDS = (20, 40, 60, 80, 100)  # percent; each band without its upper end, but for the last
_TICKS = 6  # at most on the axis
_ENOUGH_FOR_A_CHART = 5  # fewer schools are read from the workbook's sheet
_COLUMNS = 4


def utilisation(report: Report) -> Iterator[Block]:
    """The district's rates with what is known of them, then the record of use, then devices out of order."""
    evaluation = report.evaluation
    if evaluation.facts is None:
        yield Paragraph("本季未接入监测数据，设施设备利用率和完好率无从统计。")
        return
    if not evaluation.utilisation:
        yield Paragraph("登记表和监测中均没有配备多媒体设备的房间，设施设备利用率和完好率无从统计。")
        return
    if not any(rate.known for school in evaluation.utilisation for rate in school.rates):
        yield Paragraph("统计期内没有收到设备读数，设施设备利用率和完好率无从统计。")
        return
    least = plain(evaluation.standard.utilisation.min_completeness * 100)
    yield Paragraph(
        f"利用率按最近{len(evaluation.facts.days)}个教学日统计，区级数为各校分子之和除以分母之和，不是各校比率的平均；"
        f"采集完整率低于{least}%的为“{SHORT}”。利用率只列示、不判定，设备完好率应不低于{_limit(report)}。"
    )
    for district in evaluation.districts:
        schools = _of_district(report, district.district)
        if schools:
            yield from _district(report, report.district_name(district.district), schools)
    yield from _record(report)
    yield from _out_of_order(report)


def _of_district(report: Report, code: str) -> list[SchoolUtilisation]:
    return [school for school in report.evaluation.utilisation if school.school.district == code]


def _shown(rate: Rate) -> str:
    """A rate as printed, in percent or lessons per pupil; 数据不足 where too little is known."""
    if rate.value is None:
        return UNKNOWN if rate.enough else SHORT
    return rounded(rate.value if rate.code == "U5" else rate.value * 100, 2)


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
        rows=[_total_cells(code, total) for code, total in totals.items()],
        widths=(33, 20, 31, 31, 24, 17),
    )
    if totals["U1"].enough >= _ENOUGH_FOR_A_CHART:
        yield _bands(name, [school.of("U1") for school in schools])


def _total_cells(code: RateCode, total: RateTotal) -> tuple[str, ...]:
    above, below = _PARTS[code]
    rate = total.rate
    return (
        f"{code} {rate_name(code)}",
        _shown(rate) + ("" if code == "U5" or rate.value is None else "%"),
        f"{above}{_figure(rate.numerator)}" if rate.known else NONE,
        f"{below}{_figure(rate.denominator)}" if rate.known else NONE,
        percent(rate.completeness * 100) if rate.known else NONE,
        f"{total.enough}/{total.schools}",
    )


def _figure(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else rounded(value, 2)


def _bands(name: str, found: Sequence[Rate]) -> Chart:
    """How many schools use their displays how much; a school with too little data is in no band."""
    counts = [0] * len(_BANDS)
    for rate in found:
        if rate.value is not None:
            counts[min(int(rate.value * 100) * len(_BANDS) // 100, len(_BANDS) - 1)] += 1
    lows = (0, *_BANDS)
    return Chart(
        caption=f"{name}各校{rate_name('U1')}分布",
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
    known, used = (sum(device.total(what) for device in devices) for what in ("known", "used"))
    head = f"设备使用记录（全季，按设备）：{len(report.usage or ())}所学校{len(devices)}台设备有使用记录，"
    if not known or not found.completeness:
        yield Paragraph(f"{head}没有一个节次的数据足以判明使用与否。")
        return
    rate = SHORT if found.used is None else percent(found.used)
    yield Paragraph(
        f"{head}有数据的{known}节次中使用{used}节次，节次使用率{rate}，采集完整率{percent(found.completeness)}。"
    )


def _out_of_order(report: Report) -> Iterator[Block]:
    short = [school for school in report.evaluation.utilisation if school.of("U4").verdict == "fail"]
    if not short:
        yield Paragraph(f"没有判为设备完好率低于{_limit(report)}的学校。")
        return
    more = f"（前{_NAMED}所，共{len(short)}所，全部见附件工作簿）" if len(short) > _NAMED else ""
    worst = sorted(short, key=lambda school: school.of("U4").numerator / school.of("U4").denominator)
    yield Table(
        caption=f"设备完好率低于{_limit(report)}的学校{more}",
        heads=("学校", "完好率", "完好台数", "有数据台数", "采集完整率", "责任单位"),
        rows=[_worst_cells(school, school.of("U4")) for school in worst[:_NAMED]],
        widths=(39, 19, 20, 24, 24, 30),
    )


def _worst_cells(school: SchoolUtilisation, rate: Rate) -> tuple[str, ...]:
    return (
        school.school.name,
        SHORT if rate.value is None else percent(rate.value * 100),
        str(rate.numerator),
        str(rate.denominator),
        percent(rate.completeness * 100),
        school.school.unit or NONE,
    )


def utilisation_sheet(book: Book, report: Report) -> None:
    """设施利用: a row a school with rooms that have or should have a display; sums over sums below."""
    sheet = book.sheet("设施利用")
    last = len(HEADS) + _COLUMNS * len(RATES)
    sheet.head(f"设施设备利用率和完好率　{report.quarter.title}", report.basis, last)
    school_heads(sheet)
    for code, first, columns in _places():
        sheet.merge(2, first, 2, first + columns - 1, f"{code} {rate_name(code)}（{_UNITS[code]}）")
        heads = ("比率", *_PARTS[code], "采集完整率（%）", "判定")
        sheet.row(3, heads[:columns], "head", first=first)
    sheet.raw.set_row(3, 28)
    schools = report.evaluation.utilisation
    for number, school in enumerate(schools, 1):
        school_cells(sheet, 3 + number, number, school.school, report)
        _rate_cells(sheet, 3 + number, {rate.code: rate for rate in school.rates})
    row = 4 + len(schools)
    for name, members in _sums(report):
        totals = totals_of(report.evaluation.standard, members)
        sheet.merge(row, 0, row, len(HEADS) - 1, name, "middle")
        _rate_cells(sheet, row, {code: total.rate for code, total in totals.items()})
        row += 1
    for line, note in enumerate(_notes(report), row):
        sheet.merge(line, 0, line, last, note, "note")
    widths = [width for code, _, _ in _places() for width in _widths(code)]
    sheet.layout((*WIDTHS, *widths), head_rows=(2, 3), frozen_columns=2, paper=A3)


def _places() -> Iterable[tuple[RateCode, int, int]]:
    """Each rate's first column, and how many it has."""
    first = len(HEADS)
    for code in RATES:
        columns = _COLUMNS + (code == _JUDGED)
        yield code, first, columns
        first += columns


def _widths(code: RateCode) -> tuple[float, ...]:
    return (9, 9, 10, 10, 9) if code == _JUDGED else (9, 9, 11, 10)


def _rate_cells(sheet: Sheet, row: int, found: Mapping[RateCode, Rate]) -> None:
    for code, first, _ in _places():
        rate = found[code]
        if rate.value is None:
            sheet.text(row, first, _shown(rate), "open")
        else:
            sheet.number(row, first, _shown(rate), "two")
        if rate.known:
            for column, figure in ((first + 1, rate.numerator), (first + 2, rate.denominator)):
                sheet.number(row, column, figure, "number" if figure.denominator == 1 else "two")
            sheet.number(row, first + 3, rate.completeness * 100, "two")
        else:
            sheet.row(row, [NONE] * 3, "middle", first=first + 1)
        if rate.verdict is not None:
            sheet.text(row, first + 4, verdict_name(rate.verdict), VERDICT_STYLES[rate.verdict])


def _sums(report: Report) -> Iterable[tuple[str, list[SchoolUtilisation]]]:
    """Each district, and all of them where there are several."""
    schools = report.evaluation.utilisation
    codes = sorted({school.school.district for school in schools})
    for code in codes:
        yield f"{report.district_name(code)}合计", _of_district(report, code)
    if len(codes) > 1:
        yield "总计", list(schools)


def _notes(report: Report) -> list[str]:
    facts = report.evaluation.facts
    if facts is None:
        return ["本季未接入监测数据，没有可统计的学校。"]
    days = f"注：最近{len(facts.days)}个教学日；合计为各校分子之和除以分母之和，不是各校比率的平均。"
    pupils = f"未填报在校生数的学校，U5为“未判定”，其课时不计入U5合计。采集完整率不足的为“{SHORT}”。"
    if report.registry.timetable.lessons:
        pupils += "课表中列出的房间只计其课表中的课时，其余房间计校历的全部节次。"
    none = [] if report.evaluation.utilisation else ["没有配备多媒体设备的房间。"]
    return [*none, days + pupils]
