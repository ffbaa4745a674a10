"""A span of a district's past through the pipeline, and the days in it that are over."""

import datetime as dt
import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from campus.term.sending import Sender
from campus.version import program_version
from firmware_sim import Scenario, SchoolEndpoints, World
from firmware_sim.history import GatewayPast, Message, Span, places_of
from firmware_sim.timetable import Timetable

# A school day is judged so long after its last lesson.
_AFTER_LESSONS = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDay:
    """A school day, and the moment (seconds UTC) at which it is looked back on."""

    day: dt.date
    over: float


def tell(
    scenario: Scenario,
    span: Span,
    sender: Sender,
    *,
    addresses: Mapping[str, SchoolEndpoints] | None = None,
    day_over: Callable[[SchoolDay], None] | None = None,
    told: Callable[[float], None] = lambda _: None,
) -> None:
    """Send everything; `told` hears now and then up to which moment (seconds UTC) all is on its way.

    `day_over` is called for every school day, in order, when all that its gateways had sent by then is
    stored, and nothing that came late: whoever judges the day sees what was to be seen. Raises Stopped.
    """
    days = deque(school_days(scenario, span) if day_over else ())

    def settle_days(until: float) -> None:
        while days and days[0].over < until and day_over:
            day_over(days.popleft())

    for message in messages(scenario, span, addresses):
        if message.late and days and days[0].over < message.due:
            sender.settle()
        settle_days(min(sender.settled_until, message.due))
        sender.send(message)
        told(message.due)
    sender.settle()
    settle_days(span.end + 1)


def messages(
    scenario: Scenario, span: Span, addresses: Mapping[str, SchoolEndpoints] | None = None
) -> Iterator[Message]:
    """What all gateways sent in the span, in order."""
    world = World(scenario)
    places = places_of(scenario, world, addresses)
    pasts = [
        GatewayPast(scenario, world.campus(code), at, span, version=program_version())
        for code, at in places.items()
    ]
    return heapq.merge(*(past.messages() for past in pasts), key=attrgetter("due"))


def school_days(scenario: Scenario, span: Span) -> Iterator[SchoolDay]:
    """The school days that were over by the end of the span."""
    calendar = scenario.calendar
    timetable = Timetable(calendar, seed=scenario.seed, share=0)
    day = timetable.day(span.begin)
    while day <= timetable.day(span.end):
        last = timetable.moment(day, max(slot.end for slot in calendar.slot))
        over = last + _AFTER_LESSONS.total_seconds()
        if timetable.is_school_day(day) and span.begin <= over <= span.end:
            yield SchoolDay(day=day, over=over)
        day += dt.timedelta(days=1)
