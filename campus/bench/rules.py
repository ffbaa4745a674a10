"""How fast evaluations are: many sections at once, and a year of a district day by day.

The yardstick is a bare loop of the same run over the same figures: whole numbers, one crosswise comparison
and one addition for each section and indicator, and nothing kept. No store is involved: what a store
needs for counting a day's readings comes on top.
"""

import resource
import time
from collections.abc import Callable
from datetime import date

from campus.bench.district import LAST, facts_of, registry_of, school_days
from campus.collector import no_collector
from rules.answers.recording import points
from rules.judging.evaluate import Evaluation, evaluate
from rules.standards.reading import standard_for

_KIB = 1024
_DISTRICT = 202  # sections of the plan's district: 128 小学 and 74 初中
_ROOMS = 20


def measure(*, sections: int, most_days: int, say: Callable[[str], None]) -> None:
    """Print what both runs took."""
    standard = standard_for("binhai-2021", as_of=LAST)
    registry = registry_of(sections)
    say(f"registry of {sections:,} sections: peak memory {_peak_mib():,.0f} MiB")
    with no_collector():
        began = time.perf_counter()
        evaluation = evaluate(registry, standard, None, LAST)
        seconds = time.perf_counter() - began
        peak = _peak_mib()
        coefficients = _coefficients(evaluation)
        bare = _yardstick(evaluation)
    say(f"evaluated once: {seconds:.2f} s, {sections / seconds:,.0f} sections/s, peak memory {peak:,.0f} MiB")
    say(f"composite coefficients of {len(evaluation.districts)} districts, and regions: {coefficients:.2f} s")
    say(f"bare loop over the same figures: {bare:.2f} s, ratio {seconds / bare:.1f}")
    del evaluation, registry
    _year(most_days, say)


def _year(most_days: int, say: Callable[[str], None]) -> None:
    """Every school day of a year: facts of that day in, verdicts out, and the points for the store."""
    standard = standard_for("binhai-2021", as_of=LAST)
    registry = registry_of(_DISTRICT, rooms=_ROOMS)
    days, spent, stored = school_days(registry)[:most_days], 0.0, 0
    for day in days:
        facts = facts_of(registry, day)
        with no_collector():
            began = time.perf_counter()
            stored += len(points(evaluate(registry, standard, facts, day), _midnight_ms(day)))
            spent += time.perf_counter() - began
    say(
        f"a year of {_DISTRICT} sections, {len(registry.rooms):,} rooms, {len(days)} school days: "
        f"{spent:.2f} s, {spent / len(days) * 1000:.0f} ms a day, {stored:,} points"
    )


def _coefficients(evaluation: Evaluation) -> float:
    """Seconds for what is worked out where it is shown: roots to 49 decimals, and the split of inequality."""
    began = time.perf_counter()
    stages = [one.stages for one in evaluation.districts] + [one.stages for one in evaluation.regions]
    for figures in (figures for place in stages for figures in place.values()):
        _ = figures.composite_cv
    for region in evaluation.regions:
        _ = region.splits
    return time.perf_counter() - began


def _yardstick(evaluation: Evaluation) -> float:
    """Seconds to compare and add the same numbers with nothing around them."""
    figures = [
        (*(answer.known or (0, 1)), result.section.pupils or 1, *bar.threshold.as_integer_ratio())
        for result in evaluation.sections
        for bar, answer in zip(result.bars, result.answers, strict=True)
    ]
    began = time.perf_counter()
    passing = total = 0
    for above, below, pupils, asked, of in figures:
        if above * 100 * of >= asked * below * pupils:
            passing += 1
        total += above
    return time.perf_counter() - began


def _midnight_ms(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB
