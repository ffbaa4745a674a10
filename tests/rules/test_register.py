"""The shortfall register: a fold over evaluation days, closed by lasting proof and reopened by itself."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import Point
from registry import Measure, Registry, Room, School
from registry.vocabulary import ITEMS, Verdict
from rules.answers.recording import points
from rules.judging.evaluate import evaluate
from rules.judging.gap import gap_of, guarantee_gap
from rules.judging.guarantees import judge_guarantees
from rules.judging.indicators import Evidence, Judgement
from rules.judging.sections import groups, sections_of
from rules.shortfalls.fold import DayFinding, EvaluationDay, ShortfallItem, ShortfallState, fold
from rules.shortfalls.output import to_csv, to_dict
from rules.shortfalls.register import Shortfalls, ShortfallSource, measures_of, shortfalls
from rules.stored.tables import VERDICT
from store import Store, open_store
from tests.rules.build import BARS, BINHAI, judge, judgement, registry, school
from tests.rules.commands import SMALL, campus
from tests.rules.telemetry import CODE, ms
from tests.servers import Server

KEY = ("120116", CODE, "primary", "L7")
FIRST = date(2021, 9, 6)
PASS_DAYS = 3
MEASURE = Measure(school_code=CODE, stage="primary", indicator="L7", measure="新增两间")

verdicts = st.sampled_from(["pass", "fail", "undetermined"])
gaps = st.none() | st.integers(1, 4)


def day(number: int, verdict: Verdict, gap: int | None = None) -> EvaluationDay:
    finding = DayFinding(key=KEY, verdict=verdict, gap=0 if verdict == "pass" else gap)
    return EvaluationDay(day=FIRST + timedelta(days=number), findings=(finding,))


def run(*given: str, measures: Sequence[Measure] = (), pass_days: int = PASS_DAYS) -> ShortfallItem | None:
    """A register of one item after these days: "fail 5", "pass", "undetermined"."""
    days = []
    for number, text in enumerate(given):
        verdict, _, gap = text.partition(" ")
        days.append(day(number, verdict, int(gap) if gap else None))  # type: ignore[arg-type]  # a verdict
    return fold(days, pass_days=pass_days, measures={KEY[1:]: measures}).get(KEY)


def states(item: ShortfallItem | None) -> list[ShortfallState]:
    return [step.state for step in item.history] if item else []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["pass", "pass"], []),
        (["undetermined"], []),
        (["fail 2"], ["open"]),
        (["fail 2", "fail 2", "fail 1"], ["open", "in_progress"]),
        (["fail 2", "fail 3"], ["open"]),
        (["fail", "pass", "pass"], ["open", "awaiting"]),
        (["fail", "pass", "pass", "pass"], ["open", "awaiting", "closed"]),
        (["fail", "pass", "fail", "pass", "pass"], ["open", "awaiting", "in_progress", "awaiting"]),
        (
            ["fail", "pass", "pass", "pass", "fail", "pass", "pass", "pass"],
            ["open", "awaiting", "closed", "reopened", "awaiting", "closed"],
        ),
        (["fail", "pass", "pass", "undetermined", "pass"], ["open", "awaiting", "closed"]),
        (["fail", "pass", "pass", "undetermined", "undetermined"], ["open", "awaiting"]),
    ],
)
def test_an_item_goes_from_opening_to_lasting_proof_and_back(
    given: list[str], expected: list[ShortfallState]
) -> None:
    assert expected == states(run(*given))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("83.33", ["open"]), ("0.00", ["open"]), (None, ["open"]), ("91.67", ["open", "in_progress"])],
)
def test_rooms_that_nobody_knows_of_any_more_do_not_make_the_gap_of_coverage_smaller(
    value: str | None, expected: list[ShortfallState]
) -> None:
    """Of two uncovered rooms one is not known any more: that is no progress until more rooms are covered."""
    key = ("120116", CODE, "school", "wireless")
    before = DayFinding(key=key, verdict="fail", value="83.33", gap=2)
    after = DayFinding(key=key, verdict="fail", value=value, gap=1)
    days = [EvaluationDay(day=FIRST, findings=(before,))]
    days.append(EvaluationDay(day=FIRST + timedelta(days=1), findings=(after,)))
    assert expected == states(fold(days, pass_days=PASS_DAYS, measures={})[key])


def test_a_noted_measure_starts_the_work_on_its_day_and_not_before() -> None:
    later = Measure(
        school_code=CODE, stage="primary", indicator="L7", measure="x", started=FIRST + timedelta(days=2)
    )
    before, after = run("fail", "fail", measures=[later]), run("fail", "fail", "fail", measures=[later])
    assert (states(before), states(after)) == (["open"], ["open", "in_progress"])


def test_a_measure_that_was_there_before_a_relapse_does_not_count_again() -> None:
    item = run("fail", "pass", "fail", measures=[MEASURE], pass_days=1)
    assert ["open", "in_progress", "awaiting", "closed", "reopened"] == states(item)


@given(st.lists(st.tuples(verdicts, gaps), max_size=30), st.integers(0, 30))
def test_folding_in_one_go_equals_going_on_from_any_day(found: list[tuple[Verdict, int]], cut: int) -> None:
    days = [day(number, verdict, gap) for number, (verdict, gap) in enumerate(found)]
    whole = fold(days, pass_days=PASS_DAYS, measures={})
    begun = fold(days[:cut], pass_days=PASS_DAYS, measures={})
    assert whole == fold(days[cut:], pass_days=PASS_DAYS, measures={}, start=begun)


@given(
    st.lists(st.tuples(verdicts, gaps, st.integers(1, 4)), max_size=12),
    st.none() | st.integers(0, 20),
    st.integers(1, 4),
)
def test_a_finding_that_comes_again_as_the_same_object_counts_as_one_that_says_the_same(
    runs: list[tuple[Verdict, int | None, int]], started: int | None, pass_days: int
) -> None:
    same, apart = [], []
    for verdict, gap, times in runs:
        found = day(0, verdict, gap)
        for _ in range(times):
            same.append(replace(found, day=FIRST + timedelta(days=len(same))))
            apart.append(day(len(apart), verdict, gap))
    begin = FIRST + timedelta(days=started or 0)
    measures = [replace(MEASURE, started=begin)] if started is not None else []
    folded = [
        fold(days, pass_days=pass_days, measures={KEY[1:]: measures} if measures else {})
        for days in (same, apart)
    ]
    assert folded[0] == folded[1]


@given(st.lists(verdicts, max_size=30), st.integers(1, 5))
def test_nothing_closes_without_its_days_of_passes_since_the_last_fail(
    found: list[Verdict], pass_days: int
) -> None:
    days = [day(number, verdict) for number, verdict in enumerate(found)]
    item = fold(days, pass_days=pass_days, measures={}).get(KEY)
    since = found[len(found) - found[::-1].index("fail") :] if "fail" in found else []
    expected = None if "fail" not in found else since.count("pass") >= pass_days
    assert expected == (None if item is None else item.state == "closed")


@given(st.lists(verdicts, max_size=20))
def test_a_relapse_always_reopens(found: list[Verdict]) -> None:
    closing: list[Verdict] = ["fail", "pass", "pass", "pass", *found, "pass", "pass", "pass"]
    item = run(*closing, "fail")
    assert item is not None
    assert ("reopened", item.reopened) == (item.state, FIRST + timedelta(days=len(closing)))


def test_the_gap_is_the_least_whole_number_that_closes_the_shortfall() -> None:
    # 2 rooms for 87 pupils are 2.2989 < 2.3; one room more is enough. 7 for 302 pass.
    found = [gap_of(judgement(2, 87)), gap_of(judgement(7, 302)), gap_of(judgement(None, 87))]
    equipment = gap_of(judgement(Fraction("173999.99"), 87, code="L6"))
    assert ([1, 0, None], 1) == (found, equipment)


def test_the_gaps_of_the_guarantees_are_rooms_pupils_and_classes() -> None:
    """13 classes need two rooms a subject and have one for music; 100 pupils and 3 classes are too many."""
    large = school(
        CODE, primary_pupils=2100, primary_classes=13, largest_primary_class=46, oversized_primary_classes=3
    )
    music = Room(
        school_code=CODE, room="M", kind="音乐教室", coverage="none", area_m2=Fraction(100), occupied=False
    )
    answers = judge_guarantees(registry([large], rooms=[music]), BINHAI, (large,)).answers.values()
    small = school(CODE, primary_pupils=100, primary_classes=3, largest_primary_class=40)
    fine = judge_guarantees(registry([small]), BINHAI, (small,)).answers.values()
    assert ([3, 100, 3], [None, 0, 0]) == (
        [guarantee_gap(one) for one in answers],
        [guarantee_gap(one) for one in fine],
    )


@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(0, 60))
def test_with_the_gap_a_split_school_passes_and_with_one_less_it_fails(
    primary: int, junior: int, rooms: int
) -> None:
    kind = school(CODE, "九年一贯制", primary_pupils=primary, junior_pupils=junior)
    section = sections_of(groups(registry([kind])), BINHAI)[0][1]
    assert section.share is not None
    share = section.share

    def with_rooms(count: int) -> Judgement:
        there = count * share
        return judge(BARS["L7", "junior"], junior, there, there, Evidence(share=share))

    gap = gap_of(with_rooms(rooms))
    assert gap is not None
    closed = with_rooms(rooms + gap).verdict
    before = with_rooms(rooms + gap - 1).verdict if gap else "fail"
    assert ("pass", "fail") == (closed, before)


def primary_school(rooms: int) -> Registry:
    """A school for which everything but its rooms is more than enough."""
    one = School(
        school_code=CODE, name="海滨小学", district="120116", kind="小学", unit="区教体局", primary_pupils=302
    )
    figures = {(CODE, "school", item): 10**7 for item in ITEMS} | {
        (CODE, "school", "multimedia_rooms"): rooms
    }
    return registry([one], statistics=figures)  # type: ignore[arg-type]  # "school" is one of the stages


def evaluated(text: str, rooms: int, *, as_of: date | None = None) -> list[Point]:
    """An evaluation at a local time, as `campus rules watch` stores it."""
    moment = ms(text)
    known = primary_school(rooms)
    return points(evaluate(known, BINHAI, None, as_of or known.calendar.day_of(moment)), moment)


@pytest.fixture
def store(sqlite_url: str) -> Store:
    opened = open_store(sqlite_url)
    opened.prepare()
    return opened


def seen(found: Shortfalls) -> list[tuple[str, ShortfallState, int | None]]:
    return [(row.item.key[3], row.item.state, row.item.known.gap) for row in found.rows]


def test_the_last_evaluation_of_a_local_day_counts_and_trials_for_other_days_do_not(store: Store) -> None:
    with store:
        store.write(evaluated("2021-09-06T00:10", 9))
        store.write(evaluated("2021-09-06T23:50", 4))
        store.write(evaluated("2021-09-06T23:55", 9, as_of=date(2021, 9, 1)))
        store.write(evaluated("2021-09-07T00:05", 5))
        first = shortfalls(store, primary_school(4), BINHAI, as_of=date(2021, 9, 6))
        second = shortfalls(store, primary_school(4), BINHAI, as_of=date(2021, 9, 7))
    assert ([("L7", "open", 3)], [("L7", "in_progress", 2)]) == (seen(first), seen(second))


def test_a_register_without_any_item_says_when_it_was_evaluated_last(store: Store) -> None:
    known = primary_school(9)
    with store:
        never = shortfalls(store, known, BINHAI, as_of=FIRST)
        store.write(evaluated("2021-09-06T09:00", 9))
        source = ShortfallSource(store)
        found = [source.read(known, BINHAI, as_of=FIRST + timedelta(days=more)) for more in (0, 1, 2)]
    assert (None, [(FIRST, ())] * 3) == (never.evaluated, [(one.evaluated, one.rows) for one in found])


def test_reading_day_by_day_equals_reading_at_once(store: Store) -> None:
    rooms = [4, 4, 5, 7, 7, 7, 6, 7]
    known = primary_school(4)
    answers, at_once = [], []
    with store:
        source = ShortfallSource(store)
        for number, count in enumerate(rooms):
            today = FIRST + timedelta(days=number)
            store.write(evaluated(f"{today}T09:00", count))
            answers.append(source.read(known, BINHAI, as_of=today))
            at_once.append(shortfalls(store, known, BINHAI, as_of=today))
    assert at_once == answers
    assert ["open", "open", "in_progress", "awaiting", "awaiting", "closed", "reopened", "awaiting"] == [
        row.rows[0].item.state for row in answers
    ]


def test_the_register_names_who_answers_until_when_and_what_is_overdue(store: Store) -> None:
    known = primary_school(4)
    planned = Registry(
        schools=known.schools,
        rooms=(),
        statistics=known.statistics,
        calendar=known.calendar,
        measures=(
            Measure(
                school_code=CODE,
                stage="primary",
                indicator="L7",
                measure="新增三间",
                responsible="区财政局",
                started=FIRST,
                deadline=date(2021, 9, 7),
            ),
        ),
    )
    with store:
        store.write([*evaluated("2021-09-06T09:00", 4), *evaluated("2021-09-08T09:00", 4)])
        item = to_dict(shortfalls(store, planned, BINHAI, as_of=date(2021, 9, 8)))["items"][0]
        unit = to_dict(shortfalls(store, known, BINHAI, as_of=date(2021, 9, 8)))["items"][0]["responsible"]
    wanted = ("state_name", "gap", "unit", "target", "responsible", "deadline", "overdue", "opened")
    assert [item[name] for name in wanted] == [
        *("整改中", 3, "间", "2.3", "区财政局", "2021-09-07", True, "2021-09-06"),
    ]
    assert ("区教体局", [measures_of(planned)[KEY[1:]][0].measure]) == (unit, [item["measure"]])


def test_influxdb_gives_the_same_register(store: Store, influx: Server) -> None:
    found = []
    for opened in (store, open_store(f"influxdb://127.0.0.1:{influx.port}/register")):
        with opened:
            opened.prepare()
            for number, rooms in enumerate((4, 5, 7, 7, 7, 6)):
                opened.write(evaluated(f"{FIRST + timedelta(days=number)}T21:00", 4))
                opened.write(evaluated(f"{FIRST + timedelta(days=number)}T23:00", rooms))
            found.append(shortfalls(opened, primary_school(4), BINHAI, as_of=FIRST + timedelta(days=5)))
    assert found[0] == found[1]
    assert ["open", "in_progress", "awaiting", "closed", "reopened"] == states(found[0].rows[0].item)


def test_the_command_prints_json_csv_and_a_table(store: Store, sqlite_url: str) -> None:
    with store:
        store.write(evaluated("2021-09-06T09:00", 4))
        expected = to_csv(shortfalls(store, primary_school(4), BINHAI, as_of=FIRST))
    given = ("shortfalls", "--registry", str(SMALL), "--store", sqlite_url, "--as-of", "2021-09-06")
    as_json, as_csv, table = (campus(*given, "--format", kind) for kind in ("json", "csv", "table"))
    assert [as_json.returncode, as_csv.returncode, table.returncode] == [0, 0, 0]
    assert json.loads(as_json.stdout)["counts"]["open"] == 1
    rows = list(csv.reader(io.StringIO(as_csv.stdout)))
    assert rows == list(csv.reader(io.StringIO(expected)))
    assert "未启动 1" in table.stdout


@pytest.mark.usefixtures("in_english")
def test_a_date_that_is_none_is_one_clear_line(sqlite_url: str) -> None:
    ran = campus("shortfalls", "--registry", str(SMALL), "--store", sqlite_url, "--as-of", "gestern")
    assert (2, "campus: --as-of 'gestern': write the date as YYYY-MM-DD\n") == (ran.returncode, ran.stderr)


def test_a_year_of_a_district_is_read_by_its_days_not_by_its_evaluations(store: Store) -> None:
    """The store is asked for what ever failed, and of that for each day's last evaluation alone."""
    with store:
        for hour in range(8, 12):
            store.write(evaluated(f"2021-09-06T{hour:02}:00", 4))
        asked: list[int] = []
        read = store.query

        def counting(query):  # type: ignore[no-untyped-def]  # stands for Store.query
            rows = read(query)
            if query.measurement is VERDICT:
                asked.append(len(rows))
            return rows

        store.query = counting  # type: ignore[method-assign]
        shortfalls(store, primary_school(4), BINHAI, as_of=FIRST)
    failed = [
        point
        for point in evaluated("2021-09-06T11:00", 4)
        if point.measurement is VERDICT and "fail" in point.fields and "overall" not in point.tags
    ]
    assert failed
    assert [len(failed), len(failed)] == asked


def test_the_measures_sheet_is_read_with_the_dates_that_spreadsheets_write(tmp_path: Path) -> None:
    import shutil

    from registry import read_registry

    folder = Path(shutil.copytree(SMALL, tmp_path / "registry"))
    (folder / "措施.csv").write_text(
        "学校标识码,学段,指标,措施,开始日期,期限\n2112000001,全校,无线,补装 AP,2021/9/1,2021-10-01\n",
        encoding="gb18030",
    )
    assert read_registry(folder).measures == (
        Measure(
            school_code="2112000001",
            stage="school",
            indicator="wireless",
            measure="补装 AP",
            started=date(2021, 9, 1),
            deadline=date(2021, 10, 1),
        ),
    )
