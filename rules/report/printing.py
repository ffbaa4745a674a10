"""Names and numbers as a Chinese official report prints them."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from math import ceil

from registry.exact import plain, root, rounded, rounded_down, rounded_root, rounded_up
from registry.vocabulary import Stage, Verdict
from rules.answers.figure import Figure
from rules.judging.balance_range import Range
from rules.judging.district import Tally
from rules.words import name

# Of every chart: a dark one and a light one, told apart on paper without colour, too.
COLOURS: dict[Stage, str] = {"primary": "1F4E79", "junior": "9DC3E6"}
_TEN_THOUSAND = 10_000
NONE = "—"
UNKNOWN = "未判定"


NO_FIGURE = Figure("")


def verdict_name(verdict: Verdict) -> str:
    return name("verdicts", verdict, "zh")


def stage_name(stage: str) -> str:
    return name("stages", stage, "zh")


def rate_name(code: str) -> str:
    return name("rates", code, "zh")


def listed(names: Iterable[str]) -> str:
    return "、".join(names)


def first_of(names: Sequence[str], most: int, unit: str) -> str:
    """The first few by name, and how many there are where that is not all."""
    if len(names) <= most:
        return listed(names)
    return f"{listed(names[:most])}等{len(names)}{unit}"


def money(cny: Fraction, *, up: bool = False) -> str:
    """In 万元 from ten thousand on, two decimals at most. up: rounded up, for what must suffice."""
    if abs(cny) < _TEN_THOUSAND:
        return f"{_short(cny, up=up)}元"
    return f"{_short(cny / _TEN_THOUSAND, up=up)}万元"


def _short(value: Fraction, *, up: bool) -> str:
    hundredths = ceil(value * 100) if up else Fraction(rounded(value, 2)) * 100
    return plain(Fraction(hundredths, 100))


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


def range_of(squared: Range | None) -> str:
    """Where a difference coefficient lies, from the range of its square: three decimals, outwards."""
    if squared is None:
        return "无法估计"
    low = rounded_down(root(squared.low), 3)
    if squared.high is None:
        return f"{low}以上"
    return f"{low}～{rounded_up(root(squared.high), 3)}"


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
