"""How much is missing: the least whole number that would close a shortfall, in the indicator's own unit."""

from fractions import Fraction
from math import ceil

from rules.judging.guarantees import Guarantee
from rules.judging.indicators import Judgement
from rules.judging.wireless import SchoolCoverage


def gap_of(judgement: Judgement) -> int | None:
    """Rooms, teachers, m² or yuan that the school lacks; 0 where it passes, None where it is not known.

    What may be there but was not seen does not count: it would not prove anything.
    """
    if judgement.verdict == "pass":
        return 0
    found = shortfall(judgement)
    return None if found is None else found[1]


def shortfall(judgement: Judgement) -> tuple[int, int] | None:
    """The least whole number of rooms, teachers, m² or yuan that the school must add to pass.

    Twice: should everything unknown be there, and should none of it; equal where nothing is unknown. Of what
    a school's stages share a stage gets only its part, so that the school must add more. None where the
    section does not fail, or nothing is known.
    """
    if (
        judgement.verdict != "fail"
        or judgement.numerator is None
        or judgement.most is None
        or not judgement.pupils
    ):
        return None
    share = judgement.evidence.share
    if share is not None and not share:
        return None
    bar = judgement.bar
    wanted = Fraction(
        bar.threshold.numerator * judgement.pupils, bar.threshold.denominator * bar.indicator.per
    )
    most = ceil((wanted - judgement.numerator) / (share or 1))
    if judgement.exact:
        return most, most
    return ceil((wanted - judgement.most) / (share or 1)), most


def areas_missing(school: SchoolCoverage) -> int | None:
    """Areas that are known not to be covered; None where the school's answer is open."""
    return None if school.verdict == "undetermined" else school.count("fail")


def guarantee_gap(guarantee: Guarantee) -> int | None:
    """Items (G2) or rooms (G3) that lack, pupils (G4) or classes (G5) too many; 0: none, None: not known."""
    if guarantee.verdict == "pass":
        return 0
    if guarantee.verdict == "undetermined" or guarantee.value is None or guarantee.threshold is None:
        return None
    if guarantee.code in {"G2", "G5"}:
        return sum(count for _, count in guarantee.counts) or None
    return abs(guarantee.threshold - guarantee.value)
