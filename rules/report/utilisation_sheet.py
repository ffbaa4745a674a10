"""设施利用: every school's rates U1 to U5 with what they are made of, and the sums over a district."""

from collections.abc import Iterable, Mapping

from registry.vocabulary import VERDICT_NAMES
from rules.judging.utilisation import RATE_NAMES, Rate, RateCode, SchoolUtilisation
from rules.judging.utilisation_total import totals_of
from rules.report.book import A3, VERDICT_STYLES, Book, Sheet
from rules.report.report import Report
from rules.report.school_rows import HEADS, WIDTHS, school_cells, school_heads
from rules.report.utilisation_text import PARTS, SHORT, shown
from rules.report.words import district_name

_COLUMNS = 4
_UNITS: Mapping[RateCode, str] = {"U1": "%", "U2": "%", "U3": "%", "U4": "%", "U5": "课时/人"}
_JUDGED: RateCode = "U4"  # the only rate with a limit, and so with a column for the answer


def utilisation_sheet(book: Book, report: Report) -> None:
    """A row a school with rooms that have or should have a display; sums over sums below."""
    sheet = book.sheet("设施利用")
    last = len(HEADS) + _COLUMNS * len(RATE_NAMES)
    sheet.head(f"设施设备利用率和完好率　{report.quarter.title}", report.basis, last)
    school_heads(sheet)
    for code, first, columns in _places():
        sheet.merge(2, first, 2, first + columns - 1, f"{code} {RATE_NAMES[code]}（{_UNITS[code]}）")
        heads = ("比率", *PARTS[code], "采集完整率（%）", "判定")
        sheet.row(3, heads[:columns], "head", first=first)
    sheet.raw.set_row(3, 28)
    schools = report.evaluation.utilisation
    for number, school in enumerate(schools, 1):
        school_cells(sheet, 3 + number, number, school.school)
        _rates(sheet, 3 + number, {rate.code: rate for rate in school.rates})
    row = 4 + len(schools)
    for name, members in _sums(report):
        totals = totals_of(report.evaluation.standard, members)
        sheet.merge(row, 0, row, len(HEADS) - 1, name, "middle")
        _rates(sheet, row, {code: one.rate for code, one in totals.items()})
        row += 1
    for line, note in enumerate(_notes(report), row):
        sheet.merge(line, 0, line, last, note, "note")
    widths = [width for code, _, _ in _places() for width in _widths(code)]
    sheet.layout((*WIDTHS, *widths), head_rows=(2, 3), frozen_columns=2, paper=A3)


def _places() -> Iterable[tuple[RateCode, int, int]]:
    """Each rate's first column, and how many it has."""
    first = len(HEADS)
    for code in RATE_NAMES:
        columns = _COLUMNS + (code == _JUDGED)
        yield code, first, columns
        first += columns


def _widths(code: RateCode) -> tuple[float, ...]:
    return (9, 9, 10, 10, 9) if code == _JUDGED else (9, 9, 11, 10)


def _rates(sheet: Sheet, row: int, rates: Mapping[RateCode, Rate]) -> None:
    for code, first, _ in _places():
        one = rates[code]
        if one.value is None:
            sheet.text(row, first, shown(one), "open")
        else:
            sheet.number(row, first, shown(one), "two")
        for column, figure in ((first + 1, one.numerator), (first + 2, one.denominator)):
            sheet.number(row, column, figure, "number" if figure.denominator == 1 else "two")
        sheet.number(row, first + 3, one.completeness * 100, "two")
        if one.verdict is not None:
            sheet.text(row, first + 4, VERDICT_NAMES[one.verdict], VERDICT_STYLES[one.verdict])


def _sums(report: Report) -> Iterable[tuple[str, list[SchoolUtilisation]]]:
    """Each district, and all of them where there are several."""
    schools = report.evaluation.utilisation
    codes = list(dict.fromkeys(one.school.district for one in schools))
    for code in sorted(codes):
        yield (
            f"{district_name(code)}合计",
            [one for one in schools if one.school.district == code],
        )
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
