"""A section as the report calls it, and its answer on one figure of the form, whatever its code."""

from registry.vocabulary import Item
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.report.printing import stage_name


def label(result: SectionResult) -> str:
    """A whole school's stages are told apart by name."""
    school = result.section.school
    return f"{school.name}（{stage_name(result.section.stage)}）" if len(school.stages) > 1 else school.name


def judgement_on(result: SectionResult, item: Item) -> Judgement | None:
    """The answer on the indicator of this item; None where the standard has none."""
    found = (judgement for judgement in result.judgements.values() if judgement.bar.indicator.item == item)
    return next(found, None)
