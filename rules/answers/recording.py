"""An evaluation as points, and into the store: whole each time, for the register is told from history."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache

from contract import Measurement, Point, Value
from registry.exact import plain, rounded, rounded_root
from rules.judging.district import Balance, StageResult, Tally
from rules.judging.evaluate import Evaluation
from rules.judging.gap import areas_missing, gap_of, guarantee_gap
from rules.judging.guarantees import SchoolGuarantees
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.utilisation import SchoolUtilisation
from rules.judging.wireless import SchoolCoverage
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, UTILISATION, VERDICT
from rules.words import Reason, to_json, worded
from store import Rejected, Store

_REMEMBERED = 1 << 14  # many rooms have the same reason, and most of them for weeks


def record(store: Store, evaluation: Evaluation, now_ms: int) -> list[Rejected]:
    """Store an evaluation; what the store refused comes back. Raises store.Unavailable."""
    return store.write(points(evaluation, now_ms))


def points(evaluation: Evaluation, now_ms: int) -> list[Point]:
    """Every verdict, room and district figure, all at the moment of evaluation."""
    found: list[Point] = []
    for section in evaluation.sections:
        found += _section(evaluation, section, now_ms)
    for school in evaluation.coverage:
        found += _coverage(evaluation, school, now_ms)
    for guaranteed in evaluation.guarantees:
        found += _guarantees(evaluation, guaranteed, now_ms)
    for used in evaluation.utilisation:
        found += _utilisation(evaluation, used, now_ms)
    for district in evaluation.districts:
        for stage, figures in district.stages.items():
            for code, balance in figures.indicators.items():
                found.append(
                    _point(
                        DISTRICT_INDICATOR,
                        (district.district, stage, code),
                        now_ms,
                        _standing(evaluation) | _tally(balance.tally) | _balance(balance),
                    )
                )
            found.append(
                _point(
                    DISTRICT_INDICATOR,
                    (district.district, stage, "overall"),
                    now_ms,
                    _standing(evaluation) | _tally(figures.overall) | _composite(figures),
                )
            )
        found.append(
            _point(
                DISTRICT_INDICATOR,
                (district.district, "school", "wireless"),
                now_ms,
                _standing(evaluation) | _tally(district.wireless.schools),
            )
        )
        for guarantee, result in district.guarantees.items():
            fields = _standing(evaluation) | _tally(result.schools)
            tags = (district.district, "school", guarantee)
            found.append(_point(DISTRICT_INDICATOR, tags, now_ms, fields))
    return found


def _section(evaluation: Evaluation, result: SectionResult, now_ms: int) -> Iterator[Point]:
    school, stage = result.section.school, result.section.stage
    for code, judgement in result.judgements.items():
        fields = _standing(evaluation) | _judgement(judgement)
        yield _point(VERDICT, (school.district, school.school_code, stage, code), now_ms, fields)
    overall = result.overall
    fields = _standing(evaluation) | {
        "verdict": overall.verdict,
        **_why(overall.reason),
        "numerator": str(overall.passing),
        "denominator": str(len(overall.judgements)),
    }
    yield _point(VERDICT, (school.district, school.school_code, stage, "overall"), now_ms, fields)


def _judgement(one: Judgement) -> dict[str, Value | None]:
    value, rests = one.value, one.evidence
    return {
        "verdict": one.verdict,
        **_why(one.reason),
        "numerator": _exact(one.numerator),
        "denominator": None if one.pupils is None else str(one.pupils),
        "value": _shown(value),
        "threshold": one.bar.threshold_text,
        "floor": one.bar.floor_text,
        "declared": _exact(rests.declared),
        "observed": _exact(rests.observed),
        "completeness": _shown(rests.completeness),
        "near": one.near,
        "gap": gap_of(one),
        "value_number": _chart(value),
        "threshold_number": _chart(one.bar.threshold),
    }


def _coverage(evaluation: Evaluation, school: SchoolCoverage, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code)
    covered = str(school.count("pass")) if school.rooms else None
    percent = Fraction(100 * school.count("pass"), school.required) if school.rooms else None
    fields = _standing(evaluation) | {
        "verdict": school.verdict,
        **_why(school.reason),
        "numerator": covered,
        "denominator": str(school.required),
        "value": None if percent is None else rounded(percent, 2),
        "threshold": "100",
        "observed": covered,
        "completeness": _shown(school.completeness),
        "gap": areas_missing(school),
        "value_number": _chart(percent),
        "threshold_number": 100.0,
    }
    yield _point(VERDICT, (*place, "school", "wireless"), now_ms, fields)
    for room in school.rooms:
        fields = {
            "verdict": room.verdict,
            **_why(room.reason),
            "area_class": room.area_class,
            "points": room.points,
            "points_covered": room.points_covered,
            "points_required": room.points_required,
            "worst_rssi_dbm": room.worst_rssi_dbm,
            "ap_samples": room.ap_samples,
            "ap_up": room.ap_up,
            "signal_source": room.signal_source,
        }
        # A room stands under its own school, also where that one is counted with another.
        tags = (place[0], room.room.school_code, room.room.room)
        yield _point(ROOM_COVERAGE, tags, now_ms, fields)


def _guarantees(evaluation: Evaluation, school: SchoolGuarantees, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code, "school")
    for answer in school.answers.values():
        fields = _standing(evaluation) | {
            "verdict": answer.verdict,
            **_why(answer.reason),
            "numerator": None if answer.value is None else str(answer.value),
            "value": None if answer.value is None else str(answer.value),
            "threshold": None if answer.threshold is None else str(answer.threshold),
            "gap": guarantee_gap(answer),
            "value_number": None if answer.value is None else float(answer.value),
            "threshold_number": None if answer.threshold is None else float(answer.threshold),
        }
        yield _point(VERDICT, (*place, answer.code), now_ms, fields)


def _utilisation(evaluation: Evaluation, school: SchoolUtilisation, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code)
    for rate in school.rates:
        fields: dict[str, Value | None] = {
            "as_of": evaluation.as_of.isoformat(),
            "numerator": plain(rate.numerator),
            "denominator": plain(rate.denominator),
            "value": _shown(rate.value),
            "completeness": _shown(rate.completeness),
            "enough": rate.enough,
            "verdict": rate.verdict,
            **_why(rate.reason),
            "value_number": _chart(rate.value),
        }
        yield _point(UTILISATION, (*place, rate.code), now_ms, fields)


@lru_cache(_REMEMBERED)
def _why(reason: Reason) -> Mapping[str, Value | None]:
    """In Chinese for whoever queries the store, and as the value that every program words."""
    return {"reason": worded(reason, "zh"), "reason_json": to_json(reason)}


def _standing(evaluation: Evaluation) -> dict[str, Value | None]:
    return {"standard": evaluation.standard.name, "as_of": evaluation.as_of.isoformat()}


def _tally(one: Tally) -> dict[str, Value | None]:
    return {
        "passing": one.passing,
        "failing": one.failing,
        "undetermined": one.undetermined,
        "rate": None if one.rate is None else rounded(one.rate, 2),
        "rate_number": _chart(one.rate),
    }


def _balance(one: Balance) -> dict[str, Value | None]:
    mean, variance, squared = one.sums.mean, one.sums.variance, one.sums.cv_squared
    cv = None if squared is None else rounded_root(squared, 6)
    return {
        "mean": None if mean is None else rounded(mean * one.per, 4),
        "sd": None if variance is None else rounded_root(variance * one.per**2, 6),
        "cv": cv,
        "cv_limit": plain(one.limit, at_least=2),
        "balanced": one.balanced,
        "cv_number": None if cv is None else float(cv),
    }


def _composite(figures: StageResult) -> dict[str, Value | None]:
    cv = figures.composite_cv
    return {"cv": None if cv is None else rounded(cv, 6), "cv_number": _chart(cv)}


def _point(
    measurement: Measurement, tags: tuple[str, ...], now_ms: int, fields: dict[str, Value | None]
) -> Point:
    return Point(measurement, tags, now_ms, tuple(map(fields.get, _names(measurement))))


@cache
def _names(measurement: Measurement) -> tuple[str, ...]:
    return measurement.field_names


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else plain(value)


def _shown(value: Fraction | None) -> str | None:
    return None if value is None else rounded(value, 4)


def _chart(value: Fraction | None) -> float | None:
    # For a chart's pixels only; every decision was made before this.
    return None if value is None else float(value)
