"""An evaluation as JSON; numbers are decimal text."""

import json
from typing import Any

from registry.exact import plain, rounded
from registry.vocabulary import Stage
from rules.answers import rows
from rules.judging.district import District, StageResult
from rules.judging.evaluate import Evaluation
from rules.judging.guarantees import Guarantee, SchoolGuarantees
from rules.judging.indicators import Judgement
from rules.judging.rollup import Region, VarianceSplit
from rules.judging.section_results import SectionResult, evidence_reason
from rules.judging.utilisation import Rate, SchoolUtilisation
from rules.judging.wireless import RoomCoverage, SchoolCoverage
from rules.words import Reason, to_list, worded
from runtime.language import Language


def to_json(evaluation: Evaluation) -> str:
    """The interface that others rely on: keys are added, never renamed."""
    return json.dumps(to_dict(evaluation), ensure_ascii=False, indent=2)


def to_dict(evaluation: Evaluation, lang: Language | None = None) -> dict[str, Any]:
    """Reasons are worded in the program's language unless another is asked for; their values stand beside."""
    return {
        "as_of": evaluation.as_of.isoformat(),
        "standard": evaluation.standard.name,
        "basis": evaluation.basis,
        "districts": [_district(evaluation, district) for district in evaluation.districts],
        "rollup": [_region(region) for region in evaluation.regions],
        "sections": [_section(evaluation, result, lang) for result in evaluation.sections],
        "guarantees": [_guarantees(school, lang) for school in evaluation.guarantees],
        "wireless": {"schools": [_school_coverage(school, lang) for school in evaluation.coverage]},
        "utilisation": [_utilisation(school, lang) for school in evaluation.utilisation],
        "multimedia": [
            {
                "school_code": room.school_code,
                "room": room.room,
                "declared": room.declared,
                "observed": room.seen,
                **why(room.reason, lang),
            }
            for room in evaluation.multimedia
        ],
        "unmatched": [
            {
                "what": found.what,
                "school_code": found.school,
                "room": found.room or None,
                "readings": found.readings,
                "likely": list(found.likely),
                **why(found.reason, lang),
            }
            for found in evaluation.unmatched
        ],
        "excluded": [
            {
                "school_code": excluded.school.school_code,
                "name": excluded.school.name,
                **why(excluded.reason, lang),
            }
            for excluded in evaluation.excluded
        ],
    }


def _district(evaluation: Evaluation, district: District) -> dict[str, Any]:
    found = {"district": district.district, "verdict": district.verdict, **_figures(district)}
    for stage, figures in found["stages"].items():
        figures["sections_declared_only"] = _declared_only(evaluation, district, stage)
    return found


def _declared_only(evaluation: Evaluation, district: District, stage: Stage) -> int:
    """Sections whose declared figures stand alone, because nothing was ever heard of their school."""
    return sum(
        result.section.stage == stage
        and result.section.school.district == district.district
        and result.section.school.school_code in evaluation.never_heard
        for result in evaluation.sections
    )


def _region(region: Region) -> dict[str, Any]:
    found = {
        "level": region.level,
        "code": region.code,
        "districts": list(region.districts),
        **_figures(region),
    }
    for stage, splits in region.splits.items():
        for code, split in splits.items():
            found["stages"][stage]["indicators"][code]["inequality"] = (
                None if split is None else _split(split)
            )
    return found


def _split(split: VarianceSplit) -> dict[str, Any]:
    """Variance of the ratio per pupil, exact: within and between add up to the total."""
    share = split.between_share
    return {
        "within": str(split.within),
        "between": str(split.between),
        "between_share": None if share is None else rounded(share, 2),
    }


def _figures(place: District | Region) -> dict[str, Any]:
    wireless = place.wireless
    return {
        "stages": {stage: _stage(figures) for stage, figures in place.stages.items()},
        "wireless": {
            **rows.of_tally(wireless.schools),
            "schools": wireless.schools.total,
            "rooms": rows.of_tally(wireless.rooms),
            "area_m2": plain(wireless.area_m2),
            "area_covered_m2": plain(wireless.area_covered_m2),
        },
        "guarantees": {
            code: {
                **rows.of_tally(tally.schools),
                "failing_by_kind": dict(tally.failing_by_kind),
                "counts": dict(tally.counts),
                "schools_counted": dict(tally.schools_counted),
            }
            for code, tally in place.guarantees.items()
        },
    }


def _stage(figures: StageResult) -> dict[str, Any]:
    return {
        "sections": figures.sections,
        "indicators": {
            code: {
                **rows.of_tally(balance.tally),
                **rows.of_balance(balance),
                **rows.ranges_of_balance(balance),
            }
            for code, balance in figures.indicators.items()
        },
        "overall": rows.of_tally(figures.overall),
        **rows.of_composite(figures),
        **rows.range_of_composite(figures),
    }


def _section(evaluation: Evaluation, result: SectionResult, lang: Language | None) -> dict[str, Any]:
    section = result.section
    return {
        "school_code": section.school.school_code,
        "name": section.school.name,
        "unit": section.school.unit,
        "stage": section.stage,
        "pupils": section.pupils,
        "basis": evaluation.basis_of(section.school.school_code),
        "indicators": {
            code: judgement_dict(judgement, lang) for code, judgement in result.judgements.items()
        },
        "overall": {
            "verdict": result.overall.verdict,
            **why(result.overall.reason, lang),
            "passing": result.overall.passing,
        },
    }


def judgement_dict(judgement: Judgement, lang: Language | None) -> dict[str, Any]:
    """One section's answer to one indicator, with its reason and what it rests on."""
    value = judgement.value
    return {
        **rows.of_judgement(judgement),
        "value_exact": None if value is None else str(value),
        "verdict": judgement.verdict,
        **why(judgement.reason, lang),
        "evidence": worded(evidence_reason(judgement.evidence), lang),
    }


def _guarantees(school: SchoolGuarantees, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        **{answer.code: guarantee_dict(answer, lang) for answer in school.answers.values()},
    }


def guarantee_dict(answer: Guarantee, lang: Language | None) -> dict[str, Any]:
    """One school's answer to one guarantee, with its reason and its counts."""
    return {
        "verdict": answer.verdict,
        **rows.only(rows.of_guarantee(answer), "value", "threshold", "gap"),
        **why(answer.reason, lang),
        "counts": dict(answer.counts),
    }


def _utilisation(school: SchoolUtilisation, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        "rooms": len(school.rooms),
        **{rate.code: _rate(rate, lang) for rate in school.rates},
    }


def _rate(rate: Rate, lang: Language | None) -> dict[str, Any]:
    ends = [rows.shown(rate.least), rows.shown(rate.most)]
    return {**rows.of_rate(rate), "range": ends, **why(rate.reason, lang)}


def _school_coverage(school: SchoolCoverage, lang: Language | None) -> dict[str, Any]:
    figures = ("completeness", "rooms_required", "rooms_covered", "rooms_undetermined", "gap")
    return {
        "school_code": school.school.school_code,
        "name": school.school.name,
        "verdict": school.verdict,
        **why(school.reason, lang),
        **rows.only(rows.of_coverage(school), *figures),
        "rooms": [_room_coverage(room, lang) for room in school.rooms],
    }


def _room_coverage(room: RoomCoverage, lang: Language | None) -> dict[str, Any]:
    return {
        "school_code": room.room.school_code,
        "room": room.room.room,
        "verdict": room.verdict,
        **why(room.reason, lang),
        **rows.of_room(room),
    }


def why(reason: Reason, lang: Language | None) -> dict[str, Any]:
    """A reason in words, and as code and arguments."""
    return {"reason": worded(reason, lang), "reasons": to_list(reason)}
