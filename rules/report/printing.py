"""Names and numbers as a Chinese official report prints them."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from registry.exact import rounded, rounded_root
from registry.vocabulary import Stage, Verdict
from rules.words import name

COLOURS: dict[Stage, str] = {"primary": "4472C4", "junior": "70AD47"}  # of every chart
NONE = "—"
UNKNOWN = "未判定"


def verdict_name(verdict: Verdict) -> str:
    return name("verdicts", verdict, "zh")


def stage_name(stage: str) -> str:
    return name("stages", stage, "zh")


def listed(names: Iterable[str]) -> str:
    return "、".join(names)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def percent(value: Fraction | None) -> str:
    """Two decimals, as the bureau prints shares of schools."""
    return UNKNOWN if value is None else f"{rounded(value, 2)}%"


def coefficient(squared: Fraction | None) -> str:
    """A difference coefficient from its square: three decimals, as the ministry's tables."""
    return UNKNOWN if squared is None else rounded_root(squared, 3)


def beside_limit(squared: Fraction | None, limit: Fraction) -> str:
    """The same with as many decimals more as it takes to see on which side of the limit it lies."""
    if squared is None:
        return UNKNOWN
    for places in range(3, 9):
        text = rounded_root(squared, places)
        if squared == limit * limit or Fraction(text) != limit:
            return text
    return text
