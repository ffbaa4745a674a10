"""Taking cells, lines and readings away may open an answer and widen a figure, and does nothing else."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contract import Reading
from registry import CatalogueItem, Registry, Room
from registry.vocabulary import Verdict
from rules.facts.facts import AssetFacts, Facts, LedgerFacts
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.utilisation import Rate
from store import open_store
from tests.rules.build import BINHAI, CALENDAR, registry, school
from tests.rules.telemetry import (
    CODE,
    LAST_DAY,
    NOW,
    access_point,
    good_survey,
    one_school,
    points,
    polls,
    projector,
    room,
    sample,
    silent,
)

OTHER = "2112000002"
DAYS = CALENDAR.school_days_before(LAST_DAY, 20)
_CELLS = {
    "multimedia": st.booleans(),
    "occupied": st.booleans(),
    "area_m2": st.integers(40, 110).map(Fraction),
    "kind": st.sampled_from(("普通教室", "音乐教室", "美术教室", "校长办公室", "会议室")),
}


def may_become(before: Verdict | None, after: Verdict | None) -> bool:
    return after == before or after == "undetermined"


def wider(before: tuple[Any, Any], after: tuple[Any, Any]) -> bool:
    """Whether a figure known to lie between two ends still lies there; None is no bound."""
    low, high = (Fraction(0) if before[0] is None else before[0]), before[1]
    new_low, new_high = (Fraction(0) if after[0] is None else after[0]), after[1]
    if after[0] is None:
        new_high = None
    return bool(new_low <= low and (new_high is None or (high is not None and high <= new_high)))


def only_opened(before: Evaluation, after: Evaluation) -> None:
    for known, less in zip(before.sections, after.sections, strict=True):
        for code, judgement in known.judgements.items():
            now = less.judgements[code]
            assert may_become(judgement.verdict, now.verdict), (code, judgement.verdict, now.verdict)
            assert wider((judgement.numerator, judgement.most), (now.numerator, now.most)), code
        assert may_become(known.verdict, less.verdict)
    for school_before, school_after in zip(before.guarantees, after.guarantees, strict=True):
        for guarantee, answer in school_before.answers.items():
            assert may_become(answer.verdict, school_after.answers[guarantee].verdict), guarantee
    for covered, now_covered in zip(before.coverage, after.coverage, strict=True):
        assert may_become(covered.verdict, now_covered.verdict)
    (district,), (later,) = before.districts, after.districts
    for stage, figures in district.stages.items():
        for code, balance in figures.indicators.items():
            now_balance = later.stages[stage].indicators[code]
            assert now_balance.balanced in {balance.balanced, None}
            for true, found in (
                (balance.sums.mean, now_balance.mean_range),
                (balance.sums.cv_squared, now_balance.cv_squared_range),
            ):
                if true is not None and found is not None and not balance.unknown:
                    assert found.low <= true
                    assert found.high is None or true <= found.high


@st.composite
def _rooms(draw: st.DrawFn, code: str) -> list[Room]:
    return [
        replace(room(f"R{number}"), school_code=code, **{name: draw(cell) for name, cell in _CELLS.items()})
        for number in range(draw(st.integers(1, 5)))
    ]


@st.composite
def _ledger(draw: st.DrawFn) -> LedgerFacts:
    assets = tuple(
        AssetFacts(
            asset=f"A{number}",
            name=draw(st.sampled_from(("投影机", "学生用计算机"))),
            category=draw(st.sampled_from(("A02010104", "A02020400", "A0301"))),
            room=None,
            serial=None,
            quantity=draw(st.integers(1, 30)),
            value_fen=draw(st.integers(0, 9_000_000)),
            status=draw(st.sampled_from((None, "in_use", "scrapped"))),
        )
        for number in range(draw(st.integers(0, 6)))
    )
    return LedgerFacts(time_ms=NOW, assets=assets, lines=len(assets), whole=True)


@st.composite
def _declared(draw: st.DrawFn) -> Registry:
    schools = [
        school(
            code,
            primary_pupils=draw(st.integers(20, 2300)),
            primary_classes=draw(st.integers(1, 30)),
            largest_primary_class=draw(st.integers(20, 50)),
        )
        for code in (CODE, OTHER)
    ]
    items = ("teaching_area_m2", "sports_area_m2", "equipment_cny")
    statistics: dict[Any, Any] = {
        (code, "school", item): draw(st.integers(0, 2_000_000)) for code in (CODE, OTHER) for item in items
    }
    rooms = [one for code in (CODE, OTHER) for one in draw(_rooms(code))]
    catalogue = (
        CatalogueItem(
            name="学生用计算机", stage="school", per="class", quantity=Fraction(1), words=("计算机",)
        ),
    )
    return replace(registry(schools, rooms=rooms, statistics=statistics), catalogue=catalogue)


def _without_cells(data: st.DataObject, known: Registry) -> Registry:
    rooms = tuple(
        replace(
            one,
            **{
                name: None for name in _CELLS if name != "multimedia" and data.draw(st.booleans(), label=name)
            },
            # A 否 that is erased from a classroom leaves a classroom, which counts by what is seen in it.
            **({"multimedia": None} if data.draw(st.booleans(), label="multimedia") else {}),
        )
        for one in known.rooms
    )
    statistics = {
        key: value for key, value in known.statistics.items() if data.draw(st.booleans(), label=str(key))
    }
    schools = {
        code: replace(
            one,
            **{
                name: None
                for name in ("primary_pupils", "primary_classes", "largest_primary_class")
                if data.draw(st.booleans(), label=name)
            },
        )
        for code, one in known.schools.items()
    }
    return replace(known, rooms=rooms, statistics=statistics, schools=schools)


def _without_lines(data: st.DataObject, ledger: LedgerFacts) -> LedgerFacts:
    kept = tuple(
        replace(asset, category=None) if data.draw(st.booleans(), label="no category") else asset
        for asset in ledger.assets
        if data.draw(st.booleans(), label="read")
    )
    return replace(ledger, assets=kept, whole=len(kept) == len(ledger.assets))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(known=_declared(), ledgers=st.lists(_ledger(), min_size=2, max_size=2), data=st.data())
def test_cells_and_lines_that_are_taken_away_only_open_answers(
    known: Registry, ledgers: list[LedgerFacts], data: st.DataObject
) -> None:
    less = _without_cells(data, known)
    fewer = [_without_lines(data, ledger) for ledger in ledgers]

    def judged(rest: Registry, told: list[LedgerFacts]) -> Evaluation:
        facts = Facts(
            days=DAYS,
            until_ms=NOW,
            survey_since=LAST_DAY - timedelta(days=180),
            ledgers=dict(zip((CODE, OTHER), told, strict=True)),
        )
        return evaluate(rest, BINHAI, facts, LAST_DAY)

    only_opened(judged(known, ledgers), judged(less, fewer))
    only_opened(evaluate(known, BINHAI, None, LAST_DAY), evaluate(less, BINHAI, None, LAST_DAY))


def _in_range(true: Rate, less: Rate) -> bool:
    """The rate with everything known lies in the range that is given with less."""
    if not true.denominator or less.least is None or less.most is None:
        return True
    return less.least <= true.numerator / true.denominator <= less.most


_MINUTES = st.lists(st.sampled_from(("on", "off", "fault")), min_size=18, max_size=18)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=st.lists(_MINUTES, min_size=2, max_size=2), data=st.data())
def test_polls_that_are_missing_only_widen_the_rates(
    answers: list[list[str]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both displays answer every five minutes of every day of the window, then some of it is taken away."""

    def reading(time: int, name: str, answer: str) -> Reading:
        condition = "error" if answer == "fault" else "ok"
        return projector(
            time,
            device=f"P{name}",
            room=f"R{name}",
            power="off" if answer == "off" else "on",
            condition=condition,
        )

    whole = [
        reading(time, str(number), answer)
        for day in DAYS
        for number, own in enumerate(answers, 1)
        for time, answer in zip(polls(day, count=18), own, strict=True)
    ]
    days = set(data.draw(st.lists(st.integers(1, 18), max_size=6), label="silent days"))
    slots = set(data.draw(st.lists(st.integers(0, 17), max_size=5), label="missing polls"))
    gone = {time for at in days for time in polls(DAYS[at], count=18)}
    gone |= {polls(DAYS[-1], count=18)[at] for at in slots if at < 17}
    known = one_school(room("R1"), room("R2"), pupils=100)

    def rates(readings: list[Reading], name: str) -> tuple[Rate, ...]:
        with open_store(f"sqlite:///{tmp_path_factory.mktemp(name) / 's.sqlite'}") as opened:
            opened.prepare()
            assert opened.write(points(*readings)) == []
            facts = observe(opened, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        return evaluate(known, BINHAI, facts, LAST_DAY).utilisation[0].rates

    true = rates(whole, "whole")
    less = rates([one for one in whole if one.time not in gone], "less")
    for rate, left in zip(true, less, strict=True):
        assert _in_range(rate, left), (rate.code, rate.numerator / rate.denominator, left.least, left.most)
        if rate.verdict is not None:
            assert may_become(rate.verdict, left.verdict), rate.code


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    levels=st.lists(st.sampled_from((-50, -64, -66, None)), min_size=3, max_size=3),
    states=st.lists(st.sampled_from(("up", "down")), min_size=10, max_size=10),
    data=st.data(),
)
def test_samples_that_are_missing_leave_coverage_open(
    levels: list[int | None],
    states: list[str],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    samples: list[Reading] = [sample(point, level) for point, level in zip("ABC", levels, strict=True)]
    served: list[Reading] = [access_point(time, state) for time, state in zip(polls(), states, strict=True)]
    kept = [one for one in samples if data.draw(st.booleans(), label="sample")]
    unknown = data.draw(st.booleans(), label="silent controller")
    left = [access_point(one.time, "unknown") for one in served] if unknown else served

    def coverage(readings: list[Reading], name: str) -> Evaluation:
        with open_store(f"sqlite:///{tmp_path_factory.mktemp(name) / 's.sqlite'}") as opened:
            opened.prepare()
            assert opened.write(points(*readings, silent(polls()[0]))) == []
            facts = observe(opened, one_school(room()), BINHAI, as_of=LAST_DAY, now_ms=NOW)
        return evaluate(one_school(room()), BINHAI, facts, LAST_DAY)

    before, after = coverage([*samples, *served], "whole"), coverage([*kept, *left], "less")
    assert may_become(before.coverage[0].verdict, after.coverage[0].verdict)


_STATES = st.sampled_from(("on", "off", "fault", "off"))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    habits=st.lists(st.lists(_STATES, min_size=18, max_size=18), min_size=3, max_size=3),
    states=st.lists(st.sampled_from(("up", "down", "up", "up")), min_size=18, max_size=18),
    data=st.data(),
)
def test_any_polls_that_are_missing_turn_no_verdict_round(
    habits: list[list[str]],
    states: list[str],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Any polls of displays and an access point may be missing but the first, from which on each is asked."""
    known = one_school(room("R1"), room("R2"), room("R3"), pupils=100)
    moments = [time for day in DAYS for time in polls(day, count=18)]

    def display(place: int, number: int, state: str) -> Reading:
        power, condition = ("off" if state == "off" else "on"), ("error" if state == "fault" else "ok")
        name = f"{number}"
        return projector(moments[place], device=f"P{name}", room=f"R{name}", power=power, condition=condition)

    whole = {
        (number, place): display(place, number, habits[number][place % 18])
        for number in range(3)
        for place in range(len(moments))
    }
    whole |= {(9, place): access_point(moments[place], states[place % 18]) for place in range(len(moments))}
    slots = data.draw(st.sets(st.integers(1, 17), max_size=4), label="slots of every day")
    days = data.draw(st.sets(st.integers(1, 19), max_size=5), label="days")
    silent_ones = data.draw(st.sets(st.sampled_from((0, 1, 2, 9)), min_size=1), label="of which")
    left = {
        key: told
        for key, told in whole.items()
        if key[0] not in silent_ones or key[1] == 0 or (key[1] % 18 not in slots and key[1] // 18 not in days)
    }
    # A use that is shorter than a lesson's may be missed; the standard says how short.
    for number in range(3):
        at_work = [slot for slot, state in enumerate(habits[number]) if state == "on"]
        assume(not at_work or len(at_work) > 2)

    def judged(readings: dict[tuple[int, int], Reading], name: str) -> Evaluation:
        with open_store(f"sqlite:///{tmp_path_factory.mktemp(name) / 's.sqlite'}") as opened:
            opened.prepare()
            assert opened.write(points(*readings.values(), *good_survey("R1"))) == []
            facts = observe(opened, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        return evaluate(known, BINHAI, facts, LAST_DAY)

    before, after = judged(whole, "whole"), judged(left, "left")
    only_opened(before, after)
    for rate, less in zip(before.utilisation[0].rates, after.utilisation[0].rates, strict=True):
        assert _in_range(rate, less), rate.code
        if rate.verdict is not None:
            assert may_become(rate.verdict, less.verdict), rate.code
