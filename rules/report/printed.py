"""What sheets print beside the evaluation's JSON: kept in the snapshot, for a correction to compare with."""

from collections.abc import Mapping
from typing import Any

from registry.exact import plain
from rules.judging.evaluate import Evaluation
from rules.judging.section_results import SectionResult
from rules.report.shortfall_list import Noted
from rules.report.snapshot import digest
from rules.report.usage import DeviceUsage, SchoolUsage
from rules.stored.frozen import Place


def printed_of(
    evaluation: Evaluation, noted: Mapping[Place, Noted], usage: tuple[SchoolUsage, ...] | None
) -> dict[str, Any]:
    """As JSON can say it."""
    schools = [
        *(result.section.school for result in evaluation.sections),
        *(coverage.school for coverage in evaluation.coverage),
        *(excluded.school for excluded in evaluation.excluded),
    ]
    return {
        "schools": {
            school.school_code: {"name": school.name, "kind": school.kind, "district": school.district}
            for school in schools
        },
        "shares": [
            _share(evaluation, result)
            for result in evaluation.sections
            if len(result.section.school.stages) > 1
        ],
        "noted": [
            {
                "school_code": code,
                "stage": stage,
                "indicator": indicator,
                "measure": note.measure,
                "status": note.status,
            }
            for (code, stage, indicator), note in noted.items()
        ],
        "usage": None
        if usage is None
        else [
            {
                "school_code": used.school.school_code,
                "devices": [_device(device) for device in used.devices],
            }
            for used in usage
        ],
    }


def _share(evaluation: Evaluation, result: SectionResult) -> dict[str, Any]:
    """As in 学段占比分析: the stage's share, and what the whole school has."""
    section, shared = result.section, evaluation.standard.shared.indicators
    return {
        "school_code": section.school.school_code,
        "stage": section.stage,
        "share": None if section.share is None else str(section.share),
        "whole": {
            judgement.bar.indicator.item: None
            if (whole := judgement.evidence.whole) is None
            else plain(whole)
            for code, judgement in result.judgements.items()
            if code in shared
        },
    }


def _device(used: DeviceUsage) -> dict[str, Any]:
    """Its sums; and a mark of its days, which differ where one lesson moved to another."""
    days = [(day.day.isoformat(), day.slots, day.polls, day.answered) for day in used.days]
    return {
        "room": used.device.room,
        "device": used.device.device,
        "type": used.device.type,
        **{what: used.total(what) for what in ("lessons", "known", "used", "polls", "answered")},
        "days": digest(repr(days).encode())[:8],
    }
