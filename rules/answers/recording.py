"""An evaluation as points, and into the store: whole each time, for the register is told from history."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from contract import Measurement, Point, Value
from rules.answers import rows
from rules.judging.district import District, Tally
from rules.judging.evaluate import Evaluation
from rules.judging.guarantees import SchoolGuarantees
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.utilisation import SchoolUtilisation
from rules.judging.wireless import SchoolCoverage
from rules.stored.amounts import amount_text
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, UTILISATION, VERDICT
from rules.words import Reason, to_json, worded
from store import Rejected, Store

_Fields = Mapping[str, Value | None]
_REMEMBERED = 1 << 14  # many rooms have the same reason, and most of them for weeks


def record(store: Store, evaluation: Evaluation, now_ms: int) -> list[Rejected]:
    """Store an evaluation; what the store refused comes back. Raises store.Unavailable."""
    return store.write(points(evaluation, now_ms))


def points(evaluation: Evaluation, now_ms: int) -> list[Point]:
    """Every verdict, room and district figure, all at the moment of evaluation."""
    found: list[Point] = []
    stamp = _stamp(evaluation)
    for section in evaluation.sections:
        found += _section(stamp, section, now_ms)
    for school in evaluation.coverage:
        found += _coverage(stamp, school, now_ms)
    for guaranteed in evaluation.guarantees:
        found += _guarantees(stamp, guaranteed, now_ms)
    for used in evaluation.utilisation:
        found += _utilisation(stamp, used, now_ms)
    for district in evaluation.districts:
        found += _district(stamp, district, now_ms)
    return found


def _district(stamp: _Fields, district: District, now_ms: int) -> Iterator[Point]:
    for stage, figures in district.stages.items():
        for code, balance in figures.indicators.items():
            ends = _ends(rows.ranges_of_balance(balance), mean="mean_range", cv="cv_range")
            told: rows.AnswerRow = {**rows.of_balance(balance), **ends}
            yield _of_district(stamp, (district.district, stage, code), now_ms, balance.tally, told)
        composite: rows.AnswerRow = {
            "cv": rows.of_composite(figures)["composite_cv"],
            **_ends(rows.range_of_composite(figures), cv="composite_cv_range"),
        }
        yield _of_district(stamp, (district.district, stage, "overall"), now_ms, figures.overall, composite)
    school = (district.district, "school")
    yield _of_district(stamp, (*school, "wireless"), now_ms, district.wireless.schools)
    for guarantee, result in district.guarantees.items():
        yield _of_district(stamp, (*school, guarantee), now_ms, result.schools)


def _ends(ranges: Mapping[str, rows.Ends | None], **names: str) -> dict[str, str | None]:
    """The two ends of each figure that is known to lie in a range; none where all is known."""
    found: dict[str, str | None] = {}
    for figure, name in names.items():
        least, most = ranges.get(name) or (None, None)
        found |= {f"{figure}_least": least, f"{figure}_most": most}
    return found


def _of_district(
    stamp: _Fields,
    tags: tuple[str, str, str],
    now_ms: int,
    tally: Tally,
    more: rows.AnswerRow | None = None,
) -> Point:
    fields = {**stamp, **rows.of_tally(tally), **(more or {})}
    cv = fields.get("cv")
    numbers = {"rate_number": _chart(tally.rate), "cv_number": None if cv is None else float(cv)}
    return _indicator(tags, now_ms, fields | numbers)


def _section(stamp: _Fields, result: SectionResult, now_ms: int) -> Iterator[Point]:
    school, stage = result.section.school, result.section.stage
    for code, judgement in result.judgements.items():
        fields: _Fields = {
            **stamp,
            "verdict": judgement.verdict,
            **_why(judgement.reason),
            **rows.of_judgement(judgement),
            **_exactly(judgement),
            **_numbers(judgement.value, judgement.bar.threshold),
        }
        yield _verdict((school.district, school.school_code, stage, code), now_ms, fields)
    overall = result.overall
    fields = {
        **stamp,
        "verdict": overall.verdict,
        **_why(overall.reason),
        "numerator": str(overall.passing),
        "denominator": str(len(overall.judgements)),
    }
    yield _verdict((school.district, school.school_code, stage, "overall"), now_ms, fields)


def _exactly(judgement: Judgement) -> _Fields:
    """What a plan counts on with: the amount unrounded, and what of it is not known."""
    return {
        "amount": amount_text(judgement.numerator, judgement.most),
        "missing_json": None if judgement.exact else to_json(judgement.evidence.missing),
    }


def _coverage(stamp: _Fields, school: SchoolCoverage, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code)
    fields = {
        **stamp,
        "verdict": school.verdict,
        **_why(school.reason),
        **rows.of_coverage(school),
        **_numbers(rows.coverage_percent(school), 100),
    }
    yield _verdict((*place, "school", "wireless"), now_ms, fields)
    for room in school.rooms:
        fields = {"verdict": room.verdict, **_why(room.reason), **rows.of_room(room)}
        # A room stands under its own school, also where that one is counted with another.
        tags = (place[0], room.room.school_code, room.room.room)
        yield _room(tags, now_ms, fields)


def _guarantees(stamp: _Fields, school: SchoolGuarantees, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code, "school")
    for answer in school.answers.values():
        fields = {
            **stamp,
            "verdict": answer.verdict,
            **_why(answer.reason),
            **rows.of_guarantee(answer),
            **_numbers(answer.value, answer.threshold),
        }
        yield _verdict((*place, answer.code), now_ms, fields)


def _utilisation(stamp: _Fields, school: SchoolUtilisation, now_ms: int) -> Iterator[Point]:
    place = (school.school.district, school.school.school_code)
    for rate in school.rates:
        fields = {
            **stamp,
            **_why(rate.reason),
            **rows.of_rate(rate),
            **_numbers(rate.value, None),
        }
        yield _rate((*place, rate.code), now_ms, fields)


@lru_cache(_REMEMBERED)
def _why(reason: Reason) -> Mapping[str, Value | None]:
    """In Chinese for whoever queries the store, and as the value that every program words."""
    return {"reason": worded(reason, "zh"), "reason_json": to_json(reason)}


def _stamp(evaluation: Evaluation) -> _Fields:
    return {"standard": evaluation.standard.name, "as_of": evaluation.as_of.isoformat()}


def _points_of(measurement: Measurement) -> Callable[[tuple[str, ...], int, _Fields], Point]:
    names = measurement.field_names

    def point(tags: tuple[str, ...], now_ms: int, fields: _Fields) -> Point:
        return Point(measurement, tags, now_ms, tuple(map(fields.get, names)))

    return point


_verdict, _room = _points_of(VERDICT), _points_of(ROOM_COVERAGE)
_indicator, _rate = _points_of(DISTRICT_INDICATOR), _points_of(UTILISATION)


def _numbers(value: Fraction | int | None, threshold: Fraction | int | None) -> _Fields:
    return {"value_number": _chart(value), "threshold_number": _chart(threshold)}


def _chart(value: Fraction | int | None) -> float | None:
    # For a chart's pixels only; every decision was made before this.
    if value is None:
        return None
    above, below = value.as_integer_ratio()
    return above / below
