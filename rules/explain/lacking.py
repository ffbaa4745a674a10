"""How much an answer lacks, in words and in its own unit: what an explanation says first."""

from registry.vocabulary import GUARANTEES
from rules.judging.gap import guarantee_gap, shortfall
from rules.judging.guarantees import Guarantee
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.wireless import SchoolCoverage
from rules.words import NOTHING, Reason, joined, reason

_UNKNOWN = reason("lacking.unknown")


def of_judgement(judgement: Judgement, result: SectionResult) -> Reason:
    """Rooms, teachers, m² or yuan; the whole school's where its stages share them."""
    if judgement.verdict == "pass":
        return NOTHING
    found = shortfall(judgement)
    if found is None:
        return _UNKNOWN
    share = judgement.evidence.share
    whole = share is not None and share != 1 and len(result.section.school.stages) > 1
    (least, most), unit = found, judgement.bar.indicator.unit
    if least == most:
        return reason("lacking.school" if whole else "lacking.amount", gap=str(most), unit=unit)
    code = "lacking.school_range" if whole else "lacking.range"
    return reason(code, least=str(least), most=str(most), unit=unit)


def of_coverage(coverage: SchoolCoverage) -> Reason:
    """Rooms that are known not to be covered, and those of which it is not known."""
    if coverage.verdict == "pass":
        return NOTHING
    failing, unknown = coverage.count("fail"), coverage.count("undetermined")
    return (
        joined(
            reason("lacking.uncovered", rooms=failing) if failing else NOTHING,
            reason("lacking.open", rooms=unknown) if unknown else NOTHING,
        )
        or _UNKNOWN
    )


def of_guarantee(guarantee: Guarantee) -> Reason:
    """Items or rooms that lack, pupils or classes too many."""
    if guarantee.verdict == "pass":
        return NOTHING
    gap, facts = guarantee_gap(guarantee), GUARANTEES[guarantee.code]
    if not gap:
        return _UNKNOWN
    return reason("lacking.too_many" if facts.at_most else "lacking.amount", gap=str(gap), unit=facts.unit)
