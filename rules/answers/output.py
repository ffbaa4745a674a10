"""An evaluation as JSON and CSV; numbers are decimal text. The table is in `table.py`."""

import csv
import io
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from registry.exact import plain, root, rounded, rounded_down, rounded_root, rounded_up
from registry.vocabulary import GUARANTEE_NAMES, STAGE_NAMES, VERDICT_NAMES
from rules.judging.balance_range import Range
from rules.judging.district import Balance, District, StageResult, Tally
from rules.judging.evaluate import Evaluation
from rules.judging.guarantees import Guarantee, SchoolGuarantees
from rules.judging.indicators import Judgement
from rules.judging.rollup import Region, Split
from rules.judging.section_results import SectionResult, evidence_reason
from rules.judging.utilisation import Rate, SchoolUtilisation
from rules.judging.wireless import RoomCoverage, SchoolCoverage
from rules.words import Reason, to_list, worded
from runtime.language import Language

# "学校标识码 school_code": Chinese for the reader, English for the program that splits at the space.
CSV_HEADERS = (
    "区县 district",
    "学校标识码 school_code",
    "学校名称 name",
    "学段 stage",
    "指标 indicator",
    "结论 verdict",
    "实际值 value",
    "达标值 threshold",
    "下限 floor",
    "分子 numerator",
    "分母 denominator",
    "申报 declared",
    "监测 observed",
    "采集完整率 completeness",
    "临界 near",
    "理由 reason",
    "依据 evidence",
)


def to_json(evaluation: Evaluation) -> str:
    """The interface that others rely on: keys are added, never renamed."""
    return json.dumps(to_dict(evaluation), ensure_ascii=False, indent=2)


def to_dict(evaluation: Evaluation, lang: Language | None = None) -> dict[str, Any]:
    """Reasons are worded in the program's language unless another is asked for; their values stand beside."""
    return {
        "as_of": evaluation.as_of.isoformat(),
        "standard": evaluation.standard.name,
        "basis": evaluation.basis,
        "districts": [_district(district) for district in evaluation.districts],
        "rollup": [_region(region) for region in evaluation.regions],
        "sections": [_section(result, lang) for result in evaluation.sections],
        "guarantees": [_guarantees(school, lang) for school in evaluation.guarantees],
        "wireless": {"schools": [_school_coverage(school, lang) for school in evaluation.coverage]},
        "utilisation": [_utilisation(school, lang) for school in evaluation.utilisation],
        "multimedia": [
            {
                "school_code": room.school_code,
                "room": room.room,
                "declared": room.declared,
                "observed": room.seen,
                **_why(room.reason, lang),
            }
            for room in evaluation.multimedia
        ],
        "excluded": [
            {"school_code": one.school.school_code, "name": one.school.name, **_why(one.reason, lang)}
            for one in evaluation.excluded
        ],
    }


def to_csv(evaluation: Evaluation) -> str:
    """A row for every section and indicator, then wireless; its first mark tells Excel that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADERS)
    for result in evaluation.sections:
        school, stage = result.section.school, STAGE_NAMES[result.section.stage]
        place = [school.district, school.school_code, _harmless(school.name), stage]
        for code, judgement in result.judgements.items():
            one = _judgement(judgement, None)
            writer.writerow([*place, code, *_csv_cells(one)])
        overall = {"verdict": result.overall.verdict, **_why(result.overall.reason, None)}
        writer.writerow([*place, "综合 overall", *_csv_cells(overall)])
    for covered in evaluation.coverage:
        school = covered.school
        place = [school.district, school.school_code, _harmless(school.name), STAGE_NAMES["school"]]
        one = {
            "verdict": covered.verdict,
            "numerator": str(covered.count("pass")) if covered.rooms else None,
            "denominator": str(covered.required),
            "completeness": _shown(covered.completeness),
            **_why(covered.reason, None),
        }
        writer.writerow([*place, "无线 wireless", *_csv_cells(one)])
    for guaranteed in evaluation.guarantees:
        school = guaranteed.school
        place = [school.district, school.school_code, _harmless(school.name), STAGE_NAMES["school"]]
        for answer in guaranteed.answers.values():
            cells = _csv_cells(_guarantee(answer, None))
            writer.writerow([*place, f"{answer.code} {GUARANTEE_NAMES[answer.code]}", *cells])
    return "\ufeff" + text.getvalue()


def _csv_cells(one: dict[str, Any]) -> list[str]:
    cells = []
    for header in CSV_HEADERS[5:]:
        value = one.get(header.split(" ")[1])
        if header.endswith("verdict"):
            value = f"{VERDICT_NAMES[one['verdict']]} {one['verdict']}"
        elif isinstance(value, bool):
            value = "是 yes" if value else ""
        cells.append("" if value is None else str(value))
    return cells


def _harmless(text: str) -> str:
    # A spreadsheet runs a cell that begins like a formula.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _district(district: District) -> dict[str, Any]:
    return {"district": district.district, "verdict": district.verdict, **_figures(district)}


def _region(region: Region) -> dict[str, Any]:
    found = {
        "level": region.level,
        "code": region.code,
        "districts": list(region.districts),
        **_figures(region),
    }
    for stage, splits in region.splits.items():
        for code, one in splits.items():
            found["stages"][stage]["indicators"][code]["inequality"] = None if one is None else _split(one)
    return found


def _split(one: Split) -> dict[str, Any]:
    """Variance of the ratio per pupil, exact: within and between add up to the total."""
    share = one.between_share
    return {
        "within": str(one.within),
        "between": str(one.between),
        "between_share": None if share is None else rounded(share, 2),
    }


def _figures(place: District | Region) -> dict[str, Any]:
    wireless = place.wireless
    return {
        "stages": {stage: _stage(figures) for stage, figures in place.stages.items()},
        "wireless": {
            **_tally(wireless.schools),
            "schools": wireless.schools.total,
            "rooms": _tally(wireless.rooms),
            "area_m2": plain(wireless.area_m2),
            "area_covered_m2": plain(wireless.area_covered_m2),
        },
        "guarantees": {
            code: {
                **_tally(one.schools),
                "failing_by_kind": dict(one.failing_by_kind),
                "counts": dict(one.counts),
                "schools_counted": dict(one.schools_counted),
            }
            for code, one in place.guarantees.items()
        },
    }


def _stage(figures: StageResult) -> dict[str, Any]:
    composite = figures.composite_cv
    return {
        "sections": figures.sections,
        "indicators": {code: _balance(one) for code, one in figures.indicators.items()},
        "overall": _tally(figures.overall),
        "composite_cv": None if composite is None else rounded(composite, 6),
        "composite_within_limit": figures.composite_within,
        **_composite_range(figures),
    }


def _balance(one: Balance) -> dict[str, Any]:
    mean, variance, squared = one.sums.mean, one.sums.variance, one.sums.cv_squared
    return {
        **_tally(one.tally),
        "mean": None if mean is None else rounded(mean * one.per, 4),
        "sd": None if variance is None else rounded_root(variance * one.per**2, 6),
        "cv": None if squared is None else rounded_root(squared, 6),
        "cv_limit": plain(one.limit, at_least=2),
        "balanced": one.balanced,
        "sections_unknown": one.unknown,
        **(_ranges(one) if one.unknown else {}),
    }


def _composite_range(figures: StageResult) -> dict[str, Any]:
    if not any(balance.unknown for balance in figures.indicators.values()):
        return {}
    found = figures.composite_range
    return {"composite_cv_range": None if found is None else _ends(found, lambda end: end, 6)}


def _ranges(one: Balance) -> dict[str, Any]:
    """Where the figures of all sections lie: the least rounded down, the greatest up. None: not bounded."""
    means, variances, squares = one.mean_range, one.variance_range, one.cv_squared_range
    return {
        "mean_range": None if means is None else _ends(means, lambda end: end * one.per, 4),
        "sd_range": None if variances is None else _ends(variances, lambda end: root(end * one.per**2), 6),
        "cv_range": None if squares is None else _ends(squares, root, 6),
    }


def _ends(found: Range, shown: Callable[[Fraction], Fraction], places: int) -> list[str | None]:
    high = None if found.high is None else rounded_up(shown(found.high), places)
    return [rounded_down(shown(found.low), places), high]


def _tally(one: Tally) -> dict[str, Any]:
    return {
        "passing": one.passing,
        "failing": one.failing,
        "undetermined": one.undetermined,
        "rate": None if one.rate is None else rounded(one.rate, 2),
    }


def _section(result: SectionResult, lang: Language | None) -> dict[str, Any]:
    section = result.section
    return {
        "school_code": section.school.school_code,
        "name": section.school.name,
        "unit": section.school.unit,
        "stage": section.stage,
        "pupils": section.pupils,
        "indicators": {code: _judgement(one, lang) for code, one in result.judgements.items()},
        "overall": {
            "verdict": result.overall.verdict,
            **_why(result.overall.reason, lang),
            "passing": result.overall.passing,
        },
    }


def _judgement(one: Judgement, lang: Language | None) -> dict[str, Any]:
    value, rests = one.value, one.evidence
    return {
        "numerator": None if one.numerator is None else plain(one.numerator),
        "denominator": None if one.pupils is None else str(one.pupils),
        "value": _shown(value),
        "value_exact": None if value is None else str(value),
        "threshold": one.bar.threshold_text,
        "floor": one.bar.floor_text,
        "verdict": one.verdict,
        **_why(one.reason, lang),
        "near": one.near,
        "declared": None if rests.declared is None else plain(rests.declared),
        "observed": None if rests.observed is None else plain(rests.observed),
        "completeness": _shown(rests.completeness),
        "evidence": worded(evidence_reason(rests), lang),
    }


def _guarantees(school: SchoolGuarantees, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        **{answer.code: _guarantee(answer, lang) for answer in school.answers.values()},
    }


def _guarantee(one: Guarantee, lang: Language | None) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "value": None if one.value is None else str(one.value),
        "threshold": None if one.threshold is None else str(one.threshold),
        **_why(one.reason, lang),
        "counts": dict(one.counts),
    }


def _utilisation(school: SchoolUtilisation, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        "rooms": len(school.rooms),
        **{rate.code: _rate(rate, lang) for rate in school.rates},
    }


def _rate(one: Rate, lang: Language | None) -> dict[str, Any]:
    return {
        "numerator": plain(one.numerator),
        "denominator": plain(one.denominator),
        "value": _shown(one.value),
        "completeness": _shown(one.completeness),
        "range": [_shown(one.least), _shown(one.most)],
        "enough": one.enough,
        "verdict": one.verdict,
        **_why(one.reason, lang),
    }


def _school_coverage(school: SchoolCoverage, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        "verdict": school.verdict,
        **_why(school.reason, lang),
        "completeness": _shown(school.completeness),
        "rooms_required": school.required,
        "rooms_covered": school.count("pass") if school.rooms else None,
        "rooms_undetermined": school.count("undetermined") if school.rooms else school.required,
        "rooms": [_room_coverage(room, lang) for room in school.rooms],
    }


def _room_coverage(room: RoomCoverage, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": room.room.school_code,
        "room": room.room.room,
        "area_class": room.area_class,
        "verdict": room.verdict,
        **_why(room.reason, lang),
        "points": room.points,
        "points_covered": room.points_covered,
        "points_required": room.points_required,
        "worst_rssi_dbm": room.worst_rssi_dbm,
        "ap_samples": room.ap_samples,
        "ap_up": room.ap_up,
        "signal_source": room.signal_source,
    }


def _why(reason: Reason, lang: Language | None) -> dict[str, Any]:
    """In words, and as code and arguments."""
    return {"reason": worded(reason, lang), "reasons": to_list(reason)}


def _shown(value: Fraction | None) -> str | None:
    return None if value is None else rounded(value, 4)
