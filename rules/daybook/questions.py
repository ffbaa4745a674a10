"""What is asked of the store about a day: one tally a table, each in one pass over the day's rows."""

from dataclasses import dataclass
from datetime import date, timedelta

from contract import LEDGER_RUN, MEASUREMENTS, PRESENCE, STATUS
from registry.calendar import Calendar, Interval
from rules.daybook.entry import Lesson
from store import Condition, Item, Span, Tally
from store.periods import period_of, span_of
from store.tally import TallyFunction

POLLED = ("access_point", "room_device")
AP_TAGS = ("district", "school", "room", "ap", "gateway")
# A clock that is off by less than this is right: lessons are not cut by the second.
SHIFT_MS = 15_000
RADIO_LEVELS = (("busy", "utilisation_pct"), ("noise", "noise_dbm"), ("clients", "clients"))
RADIO_TAGS = ("district", "school", "room", "ap", "radio")
DEVICE_TAGS = ("district", "school", "room", "device", "type", "gateway")
RUN_TAGS = ("district", "school", "gateway", "collector", "target")
GATEWAY_TAGS = ("district", "school", "gateway")
LEDGER_TAGS = ("district", "school", "gateway", "collector")

_ANSWERED = Condition("reachable", "=", True)
_ON = Condition("power", "=", "on")
_OFF_CAMPUS = Condition("serves_campus", "=", False)
_LIT = Condition("power", "=", ("on", "warming"))
_PRESENT = Condition("evidence", "=", PRESENCE)
_WATTS = Condition("evidence", "=", "watts")
_ERROR = Condition("condition", "=", "error")
_TOLD = Condition("rows", ">", 0)
# No standard lets a ledger be older.
_LEDGER_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySpans:
    """A school day's spans as far as they are over; lessons are there once they are over as a whole."""

    day: date
    weekday: int
    whole: Interval
    hours: Interval
    until_ms: int
    lessons: tuple[Lesson, ...]

    @property
    def counted(self) -> Span:
        """School hours that are over."""
        return Span(self.hours.begin_ms, min(self.hours.end_ms, self.until_ms))

    @property
    def local(self) -> Span:
        """The local day as far as it is over."""
        return Span(self.whole.begin_ms, min(self.whole.end_ms, self.until_ms))

    @property
    def second_month_ms(self) -> int | None:
        """Where a day lies in two months of UTC, by which readings expire: when the second begins."""
        begin, _ = span_of(period_of("readings", self.whole.end_ms - 1))
        return begin if begin > self.whole.begin_ms else None


def spans_of(calendar: Calendar, day: date, *, until_ms: int) -> DaySpans | None:
    """None where it is no school day, or school has not begun."""
    hours = calendar.school_hours(day)
    if hours is None or hours.begin_ms >= until_ms:
        return None
    return DaySpans(
        day=day,
        weekday=calendar.weekday_of(day) + 1,
        whole=Interval(begin_ms=calendar.end_of(day - timedelta(days=1)), end_ms=calendar.end_of(day)),
        hours=hours,
        until_ms=until_ms,
        lessons=tuple(
            Lesson(name, slot.begin_ms, slot.end_ms)
            for name, slot in calendar.named_slots(day, until_ms=until_ms)
        ),
    )


def tallies(spans: DaySpans, where: tuple[Condition, ...]) -> list[Tally]:
    """Access points, radios, devices, rounds, gateways, ledgers: in this order."""
    return [
        _of_readings("access_point", AP_TAGS, _ap_items(spans), where),
        _of_readings("radio", RADIO_TAGS, _radio_items(spans), where),
        _of_readings(
            "room_device", DEVICE_TAGS, (*_device_items(spans), *lesson_items(spans.lessons)), where
        ),
        _of_readings("collector_run", RUN_TAGS, _run_items(spans), where),
        Tally(measurement=STATUS, group_by=GATEWAY_TAGS, items=_gateway_items(spans), where=where),
        Tally(
            measurement=MEASUREMENTS["collector_run"],
            group_by=LEDGER_TAGS,
            items=_ledger_items(spans),
            where=(*where, Condition("target", "=", LEDGER_RUN)),
        ),
    ]


def _of_readings(
    kind: str, tags: tuple[str, ...], items: tuple[Item, ...], where: tuple[Condition, ...]
) -> Tally:
    """Of a table with a row a device and minute: more than a million a district's day."""
    return Tally(measurement=MEASUREMENTS[kind], group_by=tags, items=items, where=where, apart="school")


def shifted_tally(spans: DaySpans, school: str, gateway: str, offset_ms: int) -> Tally:
    """The lessons again, by the clock of one gateway that is off."""
    own = tuple(
        Lesson(lesson.name, lesson.begin_ms - offset_ms, lesson.end_ms - offset_ms)
        for lesson in spans.lessons
    )
    return Tally(
        measurement=MEASUREMENTS["room_device"],
        group_by=DEVICE_TAGS,
        items=lesson_items(own),
        where=(Condition("school", "=", school), Condition("gateway", "=", gateway)),
    )


def shifted_radios(spans: DaySpans, school: str, gateways: tuple[str, ...], offset_ms: int | None) -> Tally:
    """A school's radios by lesson, of one gateway by its own clock; without a clock, of all but these."""
    whose = Condition("gateway", "!=" if offset_ms is None else "=", gateways)
    return Tally(
        measurement=MEASUREMENTS["radio"],
        group_by=RADIO_TAGS,
        items=_radio_lesson_items(spans, offset_ms or 0),
        where=(Condition("school", "=", school), whose),
        apart="school",
    )


def lesson_items(lessons: tuple[Lesson, ...]) -> tuple[Item, ...]:
    found = []
    for number, lesson in enumerate(lessons):
        span = Span(lesson.begin_ms, lesson.end_ms)
        found += [
            Item(name=f"known{number}", function="count", field="power", span=span),
            Item(name=f"lit{number}", function="count", field="power", span=span, where=(_LIT,)),
            Item(
                name=f"faults{number}",
                function="count",
                field="reachable",
                span=span,
                where=(_ANSWERED, _ERROR),
            ),
        ]
    return tuple(found)


def _ap_items(spans: DaySpans) -> tuple[Item, ...]:
    span = spans.counted
    return (
        _item("polls", "count", "state", span),
        _item("unknown", "count", "state", span, Condition("state", "=", "unknown")),
        _item("up", "count", "state", span, Condition("state", "=", "up")),
        # Up, and known to serve the networks of others only: it covers nothing.
        _item("off_campus", "count", "state", span, Condition("state", "=", "up"), _OFF_CAMPUS),
        _item("last", "last", "state", span),
        _item("clients_known", "count", "clients", span),
        _item("clients_sum", "sum", "clients", span),
        _item("clients_most", "max", "clients", span),
        *_local_items("state", spans),
    )


def _radio_items(spans: DaySpans) -> tuple[Item, ...]:
    return (
        *(
            _item(f"{name}_{what}", function, field, spans.counted)
            for name, field in RADIO_LEVELS[:2]
            for what, function in _of_radio(spans)
        ),
        *_radio_lesson_items(spans, 0),
    )


def _radio_lesson_items(spans: DaySpans, offset_ms: int) -> tuple[Item, ...]:
    return tuple(
        _item(f"{name}_{what}{number}", function, field, span)
        for number, lesson in enumerate(spans.lessons)
        for span in (Span(lesson.begin_ms - offset_ms, lesson.end_ms - offset_ms),)
        for name, field in RADIO_LEVELS
        for what, function in _of_radio(spans)
    )


def _of_radio(spans: DaySpans) -> tuple[tuple[str, TallyFunction], ...]:
    """The percentile is the whole day's: it is asked for once school is over."""
    return _OF_RADIO if spans.until_ms >= spans.hours.end_ms else _OF_RADIO[:-1]


_OF_RADIO: tuple[tuple[str, TallyFunction], ...] = (("known", "count"), ("sum", "sum"), ("p95", "p95"))


def _device_items(spans: DaySpans) -> tuple[Item, ...]:
    span = spans.counted
    return (
        _item("polls", "count", "reachable", span),
        _item("answered", "count", "reachable", span, _ANSWERED),
        _item("on", "count", "reachable", span, _ANSWERED, _ON),
        # A condition that is not reported is no error, so errors are counted and taken off what was on.
        _item("on_faulty", "count", "reachable", span, _ANSWERED, _ON, _ERROR),
        _item("faulty", "count", "reachable", span, _ANSWERED, _ERROR),
        _item("known", "count", "power", span),
        _item("lit", "count", "power", span, _LIT),
        _item("by_presence", "count", "power", span, _PRESENT),
        _item("by_watts", "count", "power", span, _WATTS),
        _item("last", "last", "reachable", span),
        *_local_items("reachable", spans),
        *(
            _item(f"lit_outside{number}", "count", "power", outside, _LIT)
            for number, outside in enumerate(_outside(spans))
        ),
    )


def _local_items(field: str, spans: DaySpans) -> tuple[Item, ...]:
    """First and last of the local day; and how many rows lie outside school hours."""
    return (
        _item("first_day", "first_ms", field, spans.local),
        _item("last_day", "last", field, spans.local),
        *(_item(f"outside{number}", "count", field, span) for number, span in enumerate(_outside(spans))),
        *_early_items(field, spans),
    )


def _early_items(field: str, spans: DaySpans) -> tuple[Item, ...]:
    """Rows of the local day that expire a month before the others."""
    month_ms = spans.second_month_ms
    if month_ms is None:
        return ()
    return (_item("early", "count", field, Span(spans.local.begin, min(month_ms, spans.local.end))),)


def _outside(spans: DaySpans) -> list[Span]:
    local, counted = spans.local, spans.counted
    both = (Span(local.begin, counted.begin), Span(counted.end, local.end))
    return [span for span in both if span.begin < span.end]


def _run_items(spans: DaySpans) -> tuple[Item, ...]:
    span = spans.counted
    return (
        _item("rounds", "count", "status", span),
        _item("whole", "count", "status", span, Condition("status", "=", "ok")),
        _item("reads", "last", "reads", span),
        _item("interval_s", "max", "interval_s", span),
        _item("interval_least", "min", "interval_s", span),
        _item("interval_sum", "sum", "interval_s", span),
    )


def _gateway_items(spans: DaySpans) -> tuple[Item, ...]:
    span = spans.counted
    return (
        _item("last", "last", "clock_offset_ms", span),
        _item("least", "min", "clock_offset_ms", span),
        _item("most", "max", "clock_offset_ms", span),
        _item("accounts", "count", "online", spans.local),
        _item("pending_most", "max", "pending", spans.local),
        *_early_items("online", spans),
    )


def _ledger_items(spans: DaySpans) -> tuple[Item, ...]:
    end = spans.local.end
    span = Span(end - _LEDGER_DAYS * 86_400_000, end)
    return tuple(_item(name, "last", name, span, _TOLD) for name in ("rows", "expected", "unread", "status"))


def _item(name: str, function: TallyFunction, field: str, span: Span, *where: Condition) -> Item:
    return Item(name=name, function=function, field=field, span=span, where=where)
