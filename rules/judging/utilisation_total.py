"""The use of displays over many schools: what each adds up is added up again, never the mean of rates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rules.judging.utilisation import RATES, Rate, RateCode, SchoolUtilisation, in_order, share_known
from rules.standards.standard import Standard
from rules.words import reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTotal:
    """One rate over `schools` schools, of which `enough` have enough data for a rate of their own.

    left_out: schools in neither sum, because they have not stated their pupils (U5 only).
    """

    rate: Rate
    schools: int
    enough: int
    left_out: int


def totals_of(standard: Standard, schools: Sequence[SchoolUtilisation]) -> dict[RateCode, RateTotal]:
    """Every rate, over all schools given; of none, each has too little data."""
    return {code: _total(standard, code, [school.of(code) for school in schools]) for code in RATES}


def _total(standard: Standard, code: RateCode, rates: Sequence[Rate]) -> RateTotal:
    # Lessons of a school whose pupils nobody counted would be lessons per other schools' pupils.
    counted = [rate for rate in rates if code != "U5" or rate.denominator]
    # No school can know more than its own part: it would stand in for another's silence.
    known, due = sum(min(rate.known, rate.due) for rate in counted), sum(rate.due for rate in counted)
    numerator, denominator = (
        _sum(rate.numerator for rate in counted),
        _sum(rate.denominator for rate in counted),
    )
    rate = Rate(
        code=code,
        numerator=numerator,
        denominator=denominator,
        known=known,
        due=due,
        enough=share_known(known, due) >= standard.utilisation.min_completeness,
        reason=reason("rate.total", schools=len(counted)),
        verdict=in_order(int(numerator), due - known, due, standard.utilisation.serviceable_share)
        if code == "U4"
        else None,
    )
    return RateTotal(
        rate=rate,
        schools=len(counted),
        enough=sum(rate.enough for rate in counted),
        left_out=len(rates) - len(counted),
    )


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))
