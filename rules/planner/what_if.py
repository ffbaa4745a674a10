"""What if one school had so much more: its sections and its district, judged again by the very same rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from registry import School
from registry.vocabulary import IndicatorCode
from rules.judging.district import District, judge_district
from rules.judging.evaluate import Evaluation
from rules.judging.section_results import SectionResult
from rules.planner.effects import with_more
from rules.standards.standard import Indicator, Standard


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A school's sections and its district before and after. added: to the whole school, by indicator."""

    school: School
    standard: Standard
    added: Mapping[IndicatorCode, Fraction]
    sections: tuple[tuple[SectionResult, SectionResult], ...]
    before: District
    after: District


def addable(standard: Standard) -> tuple[Indicator, ...]:
    """What a whole school can have more of: what its stages share between them."""
    return tuple(each for each in standard.indicators if each.code in standard.shared.indicators)


def what_if(
    evaluation: Evaluation, school_code: str, added: Mapping[IndicatorCode, Fraction]
) -> WhatIf | None:
    """None where no section of this school is judged."""
    own = [result for result in evaluation.sections if result.section.school.school_code == school_code]
    if not own:
        return None
    school, standard = own[0].section.school, evaluation.standard
    mended = {id(result): with_more(standard, result, added) for result in own}
    of_district = [
        result for result in evaluation.sections if result.section.school.district == school.district
    ]
    before = next(each for each in evaluation.districts if each.district == school.district)
    after = judge_district(
        school.district, standard, [mended.get(id(result), result) for result in of_district], []
    )
    return WhatIf(
        school=school,
        standard=standard,
        added=added,
        sections=tuple((result, mended[id(result)]) for result in own),
        before=before,
        after=replace(after, wireless=before.wireless, guarantees=before.guarantees),
    )
