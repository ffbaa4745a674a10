"""How much is missing: the least whole number that would close a shortfall, in the indicator's own unit."""

from fractions import Fraction
from math import ceil

from rules.guarantees import Guarantee
from rules.indicators import Judgement
from rules.wireless import SchoolCoverage


def gap_of(one: Judgement) -> int | None:
    """Rooms, teachers, m² or yuan that the school lacks; 0 where it passes, None where it is not known.

    What is shared reaches a section by its share only, so that the school needs 1/share times as much.
    What may be there but was not seen does not count: it would not prove anything.
    """
    if one.verdict == "pass":
        return 0
    if one.verdict == "undetermined" or one.numerator is None or not one.pupils:
        return None
    share = Fraction(1) if one.share is None else one.share
    lacking = one.bar.threshold * one.pupils / one.bar.indicator.per - one.numerator
    return ceil(lacking / share) if share else None


def areas_missing(school: SchoolCoverage) -> int | None:
    """Areas that are known not to be covered; None where the school's answer is open."""
    return None if school.verdict == "undetermined" else school.count("fail")


def guarantee_gap(one: Guarantee) -> int | None:
    """Rooms that lack (G3), pupils (G4) or classes (G5) too many; 0 where it passes, None: not known."""
    if one.verdict == "pass":
        return 0
    if one.verdict == "undetermined" or one.value is None or one.threshold is None:
        return None
    if one.code == "G5":
        return sum(count for _, count in one.counts) or None
    return abs(one.threshold - one.value)
