"""台账: what would close a gap, and how a quarter stands against the one before."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import read_registry
from registry.vocabulary import Verdict
from rules.answers.output import to_dict
from rules.answers.recording import record
from rules.judging.evaluate import evaluate
from rules.judging.gap import shortfall
from rules.judging.indicators import Evidence
from rules.report.shortfall_list import Noted, shortfall_list, shown
from rules.stored.frozen import Earlier, earlier_of
from store import open_store
from tests.rules.build import BARS, BINHAI, CALENDAR, judge, judgement, registry, school
from tests.rules.report_world import in_memory, made, small_registry

CODE = "2112000001"
PLACE = (CODE, "primary", "L7")


@given(rooms=st.integers(0, 80), pupils=st.integers(1, 3000), share=st.fractions(Fraction(1, 50), 1))
def test_the_gap_is_the_least_number_that_makes_the_section_pass(
    rooms: int, pupils: int, share: Fraction
) -> None:
    one = replace(judgement(rooms * share, pupils), source=Evidence(share=share))
    found = shortfall(one)
    if one.verdict != "fail":
        assert found is None
        return
    assert found is not None
    least, most = found
    after = [judgement((rooms + more) * share, pupils).verdict for more in (least - 1, least)]
    assert (least, ["fail", "pass"]) == (most, after)


def test_unknown_rooms_make_the_gap_a_range() -> None:
    assert (2, 3) == shortfall(judgement(4, 300, most=5))


def test_a_section_of_which_nothing_is_known_has_no_gap() -> None:
    assert None is shortfall(judgement(None, 300))


@pytest.mark.parametrize(
    ("before", "rooms", "expected"),
    [
        (Earlier(verdict="fail", value=Fraction(1)), 2, ("持续未达标", "1.00", "+1.00")),
        (Earlier(verdict="pass", value=Fraction(3)), 2, ("本季新增", "3.00", "-1.00")),
        (Earlier(verdict="undetermined", value=None), 2, ("本季判明", "未判定", "")),
        (Earlier(verdict="fail", value=Fraction(1)), 3, ("本季已达标", "1.00", "+2.00")),
        (Earlier(verdict="fail", value=Fraction(1)), None, ("未判定", "1.00", "")),
        (None, 2, ("未达标", "", "")),
    ],
)
def test_a_line_stands_against_the_quarter_before(
    before: Earlier | None, rooms: int | None, expected: tuple[str, str, str]
) -> None:
    report = in_memory(
        [school(CODE, primary_pupils=100)],
        {} if rooms is None else {(CODE, "school", "multimedia_rooms"): rooms},
        earlier=None if before is None else {PLACE: before},
    )
    line = next(one for one in report.shortfalls.lines if one.place == PLACE)
    assert expected == (line.state, line.before.text, line.change.text)


def test_the_change_is_that_of_the_printed_figures() -> None:
    """229 rooms for 10155 pupils are 2.2550… and print as 2.26; 1.8951… prints as 1.90."""
    report = in_memory(
        [school(CODE, primary_pupils=10155)],
        {(CODE, "school", "multimedia_rooms"): 229},
        earlier={PLACE: Earlier(verdict="fail", value=Fraction("1.8951"))},
    )
    line = next(line for line in report.shortfalls.lines if line.place == PLACE)
    assert ("2.26", "1.90", "+0.36") == (line.now.text, line.before.text, line.change.text)
    less = in_memory(
        [school(CODE, primary_pupils=10155)],
        {(CODE, "school", "multimedia_rooms"): 229},
        earlier={PLACE: Earlier(verdict="fail", value=Fraction("1.9049"))},
    )
    line = next(line for line in less.shortfalls.lines if line.place == PLACE)
    assert ("2.26", "1.90", "+0.36") == (line.now.text, line.before.text, line.change.text)


def test_what_passed_and_passes_is_no_line() -> None:
    report = in_memory(
        [school(CODE, primary_pupils=100)],
        {(CODE, "school", "multimedia_rooms"): 3},
        earlier={PLACE: Earlier(verdict="pass", value=Fraction(3))},
    )
    assert PLACE not in [one.place for one in report.shortfalls.lines]


def test_a_frozen_evaluation_gives_back_its_exact_values() -> None:
    report = in_memory([school(CODE, primary_pupils=87)], {(CODE, "school", "multimedia_rooms"): 2})
    found = earlier_of(to_dict(report.evaluation))
    verdict: Verdict = "fail"
    assert found[PLACE] == Earlier(
        verdict=verdict,
        value=Fraction(200, 87),
        numerator="2",
        denominator="87",
        threshold="2.3",
        observed=False,
    )


def test_a_measure_of_the_bureau_stands_in_its_line_and_none_is_invented() -> None:
    report = in_memory([school(CODE, primary_pupils=100)], {(CODE, "school", "multimedia_rooms"): 2})
    lines = shortfall_list(report.evaluation, noted={PLACE: Noted(measure="年内添置")}).lines
    assert {"L7": "年内添置"} == {one.code: one.measure for one in lines if one.measure}


def test_measures_and_the_registers_states_stand_in_the_report(tmp_path: Path, sqlite_url: str) -> None:
    folder = small_registry(tmp_path / "registry")
    known = read_registry(folder)
    with open_store(sqlite_url) as store:
        store.prepare()
        now = datetime(2021, 12, 20, 10, tzinfo=CALENDAR.zone)
        evaluation = evaluate(known, BINHAI, None, now.date())
        assert [] == record(store, evaluation, round(now.timestamp() * 1000))
        # L6 and L7 are open in the report, for this store has no readings.
        first = next(
            one
            for one in shortfall_list(evaluation).lines
            if one.verdict == "fail" and one.code in {"L4", "L5"}
        )
        (folder / "measures.csv").write_text(
            "school_code,stage,indicator,measure,started\n"
            f"{first.place[0]},{first.stage},{first.code},年内添置,2021-12-01\n",
            encoding="utf-8",
        )
        lines = made(folder, tmp_path / "out", store=store).report.shortfalls.lines
    noted = {one.place: (one.measure, one.status) for one in lines if one.verdict == "fail"}
    assert ("年内添置", "整改中") == noted.pop(first.place)
    assert {("", "未启动")} == set(noted.values())


@pytest.mark.parametrize(("most", "expected"), [(None, "不低于1.33"), (7, "1.33～2.33"), (5, "1.33")])
def test_a_value_with_something_unknown_shows_how_far_it_may_reach(most: int | None, expected: str) -> None:
    bar = BARS["L7", "primary"]
    limit = None if most is None else Fraction(most)
    one = judge(bar, 300, Fraction(4), limit, Evidence(missing="?"))
    assert expected == shown(one).text


def test_guarantees_stand_in_the_ledger_where_they_fail_and_where_they_failed() -> None:
    large = school(CODE, primary_pupils=2100, largest_primary_class=44)
    small = school("2112000002", primary_pupils=300, largest_primary_class=47)
    evaluation = evaluate(registry([large, small]), BINHAI, None, date(2021, 9, 28))
    earlier = {
        (CODE, "school", "G4"): Earlier(verdict="fail", value=Fraction(2150)),
        (CODE, "school", "G5"): Earlier(verdict="fail", value=Fraction(46)),
        ("2112000002", "school", "G4"): Earlier(verdict="pass", value=Fraction(290)),
    }
    noted = {(CODE, "school", "G4"): Noted(measure="新建校区")}
    lines = [line for line in shortfall_list(evaluation, earlier, noted).lines if line.code.startswith("G")]
    assert [
        (
            line.place[0],
            line.code,
            line.now.text,
            line.before.text,
            line.change.text,
            line.target.text,
            line.gap.text,
            line.measure,
            line.state,
        )
        for line in lines
    ] == [
        (CODE, "G4", "2100", "2150", "-50", "≤2000", "100人", "新建校区", "持续未达标"),
        (CODE, "G5", "44", "46", "-2", "≤45", "", "", "本季已达标"),
        ("2112000002", "G5", "47", "", "", "≤45", "", "", "未达标"),
    ]


def test_a_frozen_quarter_tells_what_its_guarantees_were() -> None:
    evaluation = evaluate(registry([school(CODE, primary_pupils=2100)]), BINHAI, None, date(2021, 9, 28))
    frozen = to_dict(evaluation)
    place = (CODE, "school", "G4")
    assert earlier_of(frozen)[place] == Earlier(
        verdict="fail", value=Fraction(2100), numerator="2100", threshold="2000"
    )
    del frozen["guarantees"]
    assert place not in earlier_of(frozen)
