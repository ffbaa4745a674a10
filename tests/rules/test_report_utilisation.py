"""设施利用 in the quarterly report: rates added up over schools, the chapter and the sheet."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rules.facts.facts import Facts
from rules.judging.utilisation import RATES, Rate, RateCode, SchoolUtilisation
from rules.judging.utilisation_total import totals_of
from rules.report.blocks import Chart
from rules.report.files import WORKBOOK, render
from rules.report.narrative import narrative
from rules.report.report import Report
from tests.rules.build import BINHAI, school
from tests.rules.report_world import chapter, in_memory, near_miss, workbook

TITLE = "利用率和完好率"
DAYS = tuple(date(2021, 9, 1) + timedelta(days=number) for number in range(20))
Parts = tuple[int, int, int, int]  # numerator, denominator, known, due


def used(number: int, **rates: Parts) -> SchoolUtilisation:
    """A school with one room; a rate that is not named is 1 of 2, all known."""
    found = {code: rates.get(code, (1, 2, 2, 2)) for code in RATES}
    return SchoolUtilisation(
        school=school(f"21120000{number:02}", unit="区教体局"),
        rooms=((f"21120000{number:02}", "R1"),),
        rates=tuple(rate(code, *parts) for code, parts in found.items()),
    )


def rate(code: RateCode, numerator: int, denominator: int, known: int, due: int) -> Rate:
    return Rate(
        code=code,
        numerator=Fraction(numerator),
        denominator=Fraction(denominator),
        known=known,
        due=due,
        enough=bool(due) and known * 5 >= due * 4,
        reason="…",
        verdict="fail" if code == "U4" and numerator * 20 < denominator * 19 else None,
    )


def report(*schools: SchoolUtilisation) -> Report:
    one = near_miss()
    facts = Facts(days=DAYS, until_ms=0, survey_since=DAYS[0])
    evaluation = replace(one.evaluation, facts=facts, basis="observed", utilisation=schools)
    return replace(one, evaluation=evaluation)


def cells(book: Report, *rows: int) -> list[list[Any]]:
    sheet = workbook(render(book)[WORKBOOK])["设施利用"]
    return [[cell.value for cell in sheet[row]] for row in rows]


def test_the_districts_rate_is_sum_over_sum_and_not_the_mean_of_rates() -> None:
    one = totals_of(BINHAI, [used(1, U1=(1, 2, 2, 2)), used(2, U1=(40, 40, 40, 40))])["U1"]
    assert (Fraction(41, 42), 2, 2) == (one.rate.value, one.schools, one.enough)


_PARTS = st.tuples(*[st.integers(min_value=0, max_value=10**6)] * 3).map(
    lambda one: (min(one[:2]), one[1], one[1], max(one))
)


@given(st.lists(_PARTS, max_size=6), st.lists(_PARTS, max_size=6))
def test_sums_of_parts_of_a_district_add_up_to_the_whole(one: list[Parts], other: list[Parts]) -> None:
    left, right, whole = (
        totals_of(BINHAI, [used(number, U2=parts) for number, parts in enumerate(some)])["U2"].rate
        for some in (one, other, [*one, *other])
    )
    assert (
        left.numerator + right.numerator,
        left.denominator + right.denominator,
        left.known + right.known,
        left.due + right.due,
    ) == (whole.numerator, whole.denominator, whole.known, whole.due)


def test_a_school_of_which_much_is_known_does_not_make_up_for_a_silent_one() -> None:
    one = totals_of(BINHAI, [used(1, U2=(5, 30, 30, 10)), used(2, U2=(0, 0, 0, 10))])["U2"].rate
    assert (Fraction(1, 2), False, None) == (one.completeness, one.enough, one.value)


def test_lessons_of_a_school_without_its_number_of_pupils_are_in_no_sum_per_pupil() -> None:
    schools = [used(1, U5=(10, 100, 2, 2)), used(2, U5=(90, 0, 2, 2))]
    one = totals_of(BINHAI, schools)["U5"]
    assert (Fraction(1, 10), 1, 1) == (one.rate.value, one.schools, one.left_out)
    assert "1所学校未填报在校生数，不计入生均使用课时。" in chapter(report(*schools), TITLE)[0]


def test_ninety_five_percent_of_all_devices_decide_for_the_district_unless_silent_ones_could() -> None:
    verdicts = [
        totals_of(BINHAI, [used(1, U4=(60, 60, 60, 60)), used(2, U4=parts)])["U4"].rate.verdict
        for parts in ((35, 40, 40, 40), (34, 40, 40, 40), (34, 39, 39, 40))
    ]
    assert ["pass", "fail", "undetermined"] == verdicts


def test_without_a_store_use_is_said_to_be_unknown_in_one_sentence() -> None:
    assert ("本季未接入监测数据，设施设备利用率和完好率无从统计。", []) == chapter(near_miss(), TITLE)


def test_a_district_without_displays_has_nothing_to_tell() -> None:
    assert ("没有配备多媒体设备的房间" in chapter(report(), TITLE)[0]) is True


def test_too_little_data_is_said_beside_the_counts_and_the_completeness() -> None:
    _, tables = chapter(report(used(1, U1=(3, 7, 7, 10))), TITLE)
    assert ("U1 课时使用率", "数据不足", "使用课时3", "有数据课时7", "70.00%", "0/1") == tables[0].rows[0]


def test_schools_below_the_limit_of_devices_in_order_are_named_the_worst_first() -> None:
    schools = [used(1, U4=(9, 10, 10, 10)), used(2, U4=(19, 20, 20, 20)), used(3, U4=(1, 2, 2, 2))]
    table = chapter(report(*schools), TITLE)[1][1]
    assert [
        ("学校03", "50.00%", "1", "2", "100.00%", "区教体局"),
        ("学校01", "90.00%", "9", "10", "100.00%", "区教体局"),
    ] == table.rows


def test_five_schools_are_drawn_by_bands_of_use_with_whole_numbers_on_the_axis() -> None:
    shares = (0, 19, 20, 100, 100)
    schools = [used(number, U1=(share, 100, 100, 100)) for number, share in enumerate(shares)]
    without = used(9, U1=(9, 10, 10, 100))
    chart = next(
        one
        for one in narrative(report(*schools, without))
        if isinstance(one, Chart) and "课时使用率" in one.caption
    )
    assert ([2, 1, 0, 0, 2], 1) == (chart.series[0].values, chart.step)
    few = [one for one in narrative(report(*schools[1:])) if isinstance(one, Chart) and one.step]
    assert [] == few


def test_the_sheet_has_value_parts_completeness_and_answer_of_each_rate() -> None:
    row = cells(report(used(1, U1=(3, 7, 7, 10), U4=(9, 10, 10, 10), U5=(3, 0, 2, 2))), 5)[0]
    assert (
        [1, "学校01", "2112000001", "滨海新区", "小学"],
        ["数据不足", 3, 7, 70],
        [50, 1, 2, 100],
        [90, 9, 10, 100, "未达标"],
        ["未判定", 3, 0, 100],
    ) == (row[:5], row[5:9], row[9:13], row[17:22], row[22:26])


def test_the_sheets_sums_are_those_of_all_schools() -> None:
    schools = [used(1, U1=(1, 3, 3, 3)), used(2, U1=(40, 40, 40, 47))]
    assert ["滨海新区合计", 95.35, 41, 43, 86] == [cells(report(*schools), 7)[0][n] for n in (0, 5, 6, 7, 8)]


def test_the_sheet_of_a_quarter_without_readings_says_so() -> None:
    report_ = in_memory([school("2112000001", primary_pupils=9)], {})
    assert "本季未接入监测数据，没有可统计的学校。" == cells(report_, 5)[0][0]


def test_devices_out_of_order_are_a_step_of_the_work_to_come() -> None:
    assert "保完好。1所学校设备完好率未达到要求" in chapter(report(used(1)), "下一步工作")[0]
