"""Which days of the past a district's history has, and the district as it was then."""

import datetime as dt
from zoneinfo import ZoneInfo

from firmware_sim import Scenario
from firmware_sim.history import Span
from runtime import ConfigError
from runtime.language import Text


def span_of(
    scenario: Scenario, first: dt.date | None, last: dt.date | None, *, now: float, interval_s: int
) -> tuple[Scenario, Span]:
    """The scenario as it stands on the last day, and the span from the first day's midnight to its end.

    Nothing is later than `now` (seconds UTC). Without a last day it ends now, without a first day it begins
    with the term. Raises ConfigError.
    """
    zone = ZoneInfo((scenario.term or scenario).calendar.timezone)
    today = dt.datetime.fromtimestamp(now, zone).date()
    last = min(last or today, today)
    told = scenario.on(last)
    first = first or _term_begins(told, last)
    if first > last:
        raise ConfigError(Text(f"--from {first} 晚于 {last}", f"--from {first} is after {last}"))
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).timestamp()
    begin = dt.datetime.combine(first, dt.time(), zone).timestamp()
    return told, Span(begin=begin, end=min(end, now), interval_s=interval_s)


def _term_begins(scenario: Scenario, day: dt.date) -> dt.date:
    terms = [term for term in scenario.calendar.term if term.first <= day]
    if not terms:
        raise ConfigError(
            Text(f"{day} 之前没有学期，请给出 --from", f"no term begins before {day}: give --from")
        )
    return max(terms, key=lambda term: term.first).first
