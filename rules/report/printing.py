"""Names and numbers as a Chinese official report prints them."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from registry.exact import rounded, rounded_root
from registry.vocabulary import GuaranteeCode, Stage, Verdict
from rules.judging.district import Tally
from rules.words import name

COLOURS: dict[Stage, str] = {"primary": "4472C4", "junior": "70AD47"}  # of every chart
NONE = "—"
UNKNOWN = "未判定"


def verdict_name(verdict: Verdict) -> str:
    return name("verdicts", verdict, "zh")


def stage_name(stage: str) -> str:
    return name("stages", stage, "zh")


def guarantee_name(code: GuaranteeCode) -> str:
    return name("indicators_short", code, "zh")


def listed(names: Iterable[str]) -> str:
    return "、".join(names)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def percent(value: Fraction) -> str:
    """Two decimals, as the bureau prints shares of schools."""
    return f"{rounded(value, 2)}%"


def rate_of(tally: Tally) -> Fraction | None:
    """Percent of all that pass; None where there is no answer at all: nothing observed is not nought."""
    return tally.rate if known(tally) else None


def rate(tally: Tally) -> str:
    found = rate_of(tally)
    return NONE if found is None else percent(found)


def known(tally: Tally) -> int:
    """How many have an answer."""
    return tally.passing + tally.failing


def beside_limit(squared: Fraction | None, limit: Fraction) -> str:
    """A difference coefficient from its square: three decimals, as the ministry's tables, more where it takes
    more to see on which side of the limit it lies."""
    if squared is None:
        return UNKNOWN
    for places in range(3, 9):
        text = rounded_root(squared, places)
        if squared == limit * limit or Fraction(text) != limit:
            return text
    return text
