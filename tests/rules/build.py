"""Registries, facts and judgements for tests, said in as few words as the test needs."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from registry import Registry, Room, School
from registry.calendar import Calendar, Slot, Term
from registry.vocabulary import IndicatorCode, Item, Kind, Stage, StatisticsStage
from rules.judging.indicators import Bar, Evidence, EvidenceSource, Judgement, amount, bars_of, judgement_of
from rules.standards.reading import standard_for
from rules.standards.standard import Standard
from rules.words import reason

DISTRICT = "120116"
AS_OF = date(2021, 9, 28)
BINHAI: Standard = standard_for("binhai-2021", as_of=AS_OF)
BARS: Mapping[tuple[IndicatorCode, Stage], Bar] = {
    (bar.indicator.code, stage): bar for stage, bars in bars_of(BINHAI).items() for bar in bars
}

# Two lessons a day; Tuesday the 28th is the twentieth school day of the term.
CALENDAR = Calendar(
    zone=ZoneInfo("Asia/Shanghai"),
    school_weekdays=frozenset(range(5)),
    terms=(Term(name="2021-2022-1", first=date(2021, 9, 1), last=date(2022, 1, 14)),),
    holidays=(),
    makeup_days=frozenset(),
    lesson_slots=(
        Slot(name="1", begin=time(8), end=time(8, 40)),
        Slot(name="2", begin=time(8, 50), end=time(9, 30)),
    ),
)


def school(code: str, kind: Kind = "小学", **figures: int | str | None) -> School:
    given = {"name": f"学校{code[-2:]}", "district": DISTRICT} | figures
    return School(school_code=code, kind=kind, **given)  # type: ignore[arg-type]  # figures are School's own fields


def registry(
    schools: Iterable[School],
    *,
    rooms: Iterable[Room] = (),
    statistics: Mapping[tuple[str, StatisticsStage, Item], Fraction | int] | None = None,
    calendar: Calendar = CALENDAR,
) -> Registry:
    return Registry(
        schools={one.school_code: one for one in schools},
        rooms=tuple(rooms),
        statistics={key: Fraction(value) for key, value in (statistics or {}).items()},
        calendar=calendar,
    )


def judge(
    bar: Bar, pupils: int | None, numerator: Fraction | None, most: Fraction | None, source: EvidenceSource
) -> Judgement:
    """One judgement alone: what is known, and what may be, held against the bar."""
    (answer,) = bar.answers([pupils], [amount(numerator, most)])
    return judgement_of(bar, pupils, answer, source)


def judgement(
    numerator: Fraction | int | None,
    pupils: int | None,
    *,
    code: IndicatorCode = "L7",
    stage: Stage = "primary",
    most: Fraction | int | None = None,
) -> Judgement:
    known = None if numerator is None else Fraction(numerator)
    return judge(
        BARS[code, stage],
        pupils,
        known,
        known if most is None else Fraction(most),
        Evidence(declared=known, missing=reason("missing.pupils")),
    )
