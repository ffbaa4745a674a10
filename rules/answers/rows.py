"""The figures of every answer by name, a function a kind: store, JSON, CSV and explanation choose from them.

Exact numbers are decimal text; what is not known is None.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from registry.exact import plain, root, rounded, rounded_down, rounded_root, rounded_up
from rules.judging.balance_range import Range
from rules.judging.district import IndicatorBalance, StageResult, Tally
from rules.judging.gap import areas_missing, gap_of, guarantee_gap
from rules.judging.guarantees import Guarantee
from rules.judging.indicators import Judgement
from rules.judging.utilisation import Rate
from rules.judging.wireless import RoomCoverage, SchoolCoverage

# A range's least and greatest; None: not bounded.
Ends: TypeAlias = list[str | None]
AnswerRow: TypeAlias = Mapping[str, str | int | bool | None]
_PLACES = 4  # of a value; of a mean, too
_ROOT_PLACES = 6


def of_judgement(judgement: Judgement) -> AnswerRow:
    """One section, one indicator."""
    value, rests, bar = judgement.value, judgement.evidence, judgement.bar
    return {
        "numerator": exact(judgement.numerator),
        "denominator": count(judgement.pupils),
        "value": shown(value),
        "threshold": bar.threshold_text,
        "floor": bar.floor_text,
        "near": judgement.near,
        "declared": exact(rests.declared),
        "observed": exact(rests.observed),
        "share": None if rests.share is None else str(rests.share),
        "completeness": shown(rests.completeness),
        "gap": gap_of(judgement),
    }


def of_coverage(school: SchoolCoverage) -> AnswerRow:
    """A school's wireless coverage; the value is the percentage of rooms that are covered."""
    covered = school.count("pass") if school.rooms else None
    percent = coverage_percent(school)
    return {
        "numerator": count(covered),
        "denominator": str(school.required),
        "value": None if percent is None else rounded(percent, 2),
        "threshold": "100",
        "observed": count(covered),
        "completeness": shown(school.completeness),
        "gap": areas_missing(school),
        "rooms_required": school.required,
        "rooms_covered": covered,
        "rooms_undetermined": school.count("undetermined") if school.rooms else school.required,
    }


def coverage_percent(school: SchoolCoverage) -> Fraction | None:
    """None where no room is decided: nought would say that none is covered."""
    decided = school.count("pass") + school.count("fail")
    return Fraction(100 * school.count("pass"), school.required) if decided else None


def of_room(room: RoomCoverage) -> AnswerRow:
    """One room's coverage, as counts."""
    return {
        "area_class": room.area_class,
        "points": room.points,
        "points_covered": room.points_covered,
        "points_required": room.points_required,
        "worst_rssi_dbm": room.worst_rssi_dbm,
        "ap_samples": room.ap_samples,
        "ap_up": room.ap_up,
        "signal_source": room.signal_source,
    }


def of_guarantee(answer: Guarantee) -> AnswerRow:
    """One guarantee; what is behind it stands in its counts."""
    return {
        "numerator": count(answer.value),
        "value": count(answer.value),
        "threshold": count(answer.threshold),
        "gap": guarantee_gap(answer),
    }


def of_rate(rate: Rate) -> AnswerRow:
    """One rate of use."""
    return {
        "numerator": plain(rate.numerator),
        "denominator": plain(rate.denominator),
        "value": shown(rate.value),
        "completeness": shown(rate.completeness),
        "enough": rate.enough,
        "verdict": rate.verdict,
    }


def of_tally(tally: Tally) -> AnswerRow:
    """How many sections or schools pass, and their percentage."""
    return {
        "passing": tally.passing,
        "failing": tally.failing,
        "undetermined": tally.undetermined,
        "rate": None if tally.rate is None else rounded(tally.rate, 2),
    }


def of_balance(balance: IndicatorBalance) -> AnswerRow:
    """One indicator over a stage of a district or region."""
    mean, variance, per = balance.sums.mean, balance.sums.variance, balance.per
    return {
        "mean": None if mean is None else rounded(mean * per, _PLACES),
        "sd": None if variance is None else rounded_root(variance * per**2, _ROOT_PLACES),
        "cv": coefficient(balance.sums.cv_squared),
        "cv_limit": plain(balance.limit, at_least=2),
        "balanced": balance.balanced,
        "sections_unknown": balance.unknown,
    }


def ranges_of_balance(balance: IndicatorBalance) -> Mapping[str, Ends | None]:
    """Where the figures lie whose sections are not all known: the least rounded down, the greatest up."""
    if not balance.unknown:
        return {}
    means, variances, squares = balance.mean_range, balance.variance_range, balance.cv_squared_range
    per = balance.per
    return {
        "mean_range": None if means is None else _ends(means, lambda end: end * per, _PLACES),
        "sd_range": None
        if variances is None
        else _ends(variances, lambda end: root(end * per**2), _ROOT_PLACES),
        "cv_range": None if squares is None else _ends(squares, root, _ROOT_PLACES),
    }


def range_of_composite(stage: StageResult) -> Mapping[str, Ends | None]:
    """The same of all indicators together."""
    if not any(balance.unknown for balance in stage.indicators.values()):
        return {}
    found = stage.composite_range
    return {"composite_cv_range": None if found is None else _ends(found, lambda end: end, _ROOT_PLACES)}


def _ends(found: Range, shown_as: Callable[[Fraction], Fraction], places: int) -> Ends:
    high = None if found.high is None else rounded_up(shown_as(found.high), places)
    return [rounded_down(shown_as(found.low), places), high]


def of_composite(stage: StageResult) -> AnswerRow:
    """All indicators of a stage together."""
    composite = stage.composite_cv
    return {
        "composite_cv": None if composite is None else rounded(composite, _ROOT_PLACES),
        "composite_within_limit": stage.composite_within,
    }


def coefficient(squared: Fraction | None) -> str | None:
    """A difference coefficient from its square."""
    return None if squared is None else rounded_root(squared, _ROOT_PLACES)


def texts(row: AnswerRow, *names: str) -> tuple[tuple[str, str | None], ...]:
    """These figures as an explanation has them: name and text, a flag as 1 or 0."""
    return tuple((name, _text(row[name])) for name in names)


def _text(value: str | int | bool | None) -> str | None:
    return None if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def only(row: AnswerRow, *names: str) -> dict[str, str | int | bool | None]:
    """These figures of a row, in this order."""
    return {name: row[name] for name in names}


def exact(value: Fraction | None) -> str | None:
    return None if value is None else plain(value)


def shown(value: Fraction | None) -> str | None:
    return None if value is None else rounded(value, _PLACES)


def count(value: int | None) -> str | None:
    return None if value is None else str(value)
