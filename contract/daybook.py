"""The table of day facts: what a school day, or a lesson of it, means once its readings are counted.

Time is the begin of the local day, in `lesson_day` and `radio_lesson` that of the lesson; every point is what
it is by its tags and that time, so that writing it twice is writing it once. A share is two integers, a flag
0 or 1. Readings count in the school hours of the day unless the column says otherwise. A mean or a percentile
holds only where its `…_known` is above 0: a store does not forget a field that is no more.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from contract.readings import RoomDevice
from contract.types import Column, ColumnType, Measurement, Point, Value

_DEVICE_TYPES = RoomDevice.measurement.column("type").choices
WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
HOURS = tuple(f"h{hour:02}" for hour in range(24))


def _tag(name: str, meaning: str, choices: tuple[str, ...] = ()) -> Column:
    return Column(name=name, type="text", required=True, meaning=meaning, choices=choices)


def _count(name: str, meaning: str, *, always: bool = False) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, required=always, meaning=meaning)


def _minutes(name: str, meaning: str, *, always: bool = False) -> Column:
    return Column(name=name, type="integer", unit="min", low=0, required=always, meaning=meaning)


def _flag(name: str, meaning: str, *, always: bool = False) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, high=1, required=always, meaning=meaning)


def _moment(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="ms", low=0, meaning=meaning)


def _percent(name: str, kind: ColumnType, meaning: str) -> Column:
    return Column(name=name, type=kind, unit="%", low=0, high=100, meaning=meaning)


def _dbm(name: str, kind: ColumnType, meaning: str) -> Column:
    return Column(name=name, type=kind, unit="dBm", low=-127, high=0, meaning=meaning)


def _text(name: str, meaning: str, *, always: bool = False) -> Column:
    return Column(name=name, type="text", required=always, meaning=meaning)


_DISTRICT = _tag("district", "District, 6 digits")
_SCHOOL = _tag("school", "School identification code, 10 digits")
_GATEWAY = _tag("gateway", "Gateway of the school")
_ROOM = _tag("room", "Room")
_AP = _tag("ap", "Access point")
_DEVICE = _tag("device", "Asset number, or the device's address where it has none")
_TYPE = _tag("type", "What it is", _DEVICE_TYPES)
_RADIO = _tag("radio", "Radio number")
_COLLECTOR = _tag("collector", "Collector's name in the gateway's configuration")
_WEEKDAY = _tag("weekday", "Whose timetable the day has: 1 Monday to 7 Sunday", WEEKDAYS)
_SLOT = _tag("slot", "Lesson slot of the calendar")

_FIRST = _moment("first_ms", "First poll of the local day")
_LAST = _moment("last_ms", "Last poll of the local day")
_RETIRED = _flag("retired", "1 where it was out of service that day", always=True)

AP_DAY = Measurement(
    name="ap_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _ROOM, _AP, _WEEKDAY),
    fields=(
        _count("due", "Polls that should have been made"),
        _count("polls", "Polls that were made", always=True),
        _count("known", "Of these, polls that found a state", always=True),
        _count("up", "Of these, up", always=True),
        _count("clients_most", "Most associated clients at one poll"),
        Column(name="clients_mean", type="float", unit="1", low=0, meaning="Associated clients on average"),
        _text("last_state", "State at the last poll of school hours"),
        _FIRST,
        _LAST,
        _RETIRED,
    ),
    meaning="An access point on one day.",
)

RADIO_DAY = Measurement(
    name="radio_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _ROOM, _AP, _RADIO, _WEEKDAY),
    fields=(
        _count("busy_known", "Readings that say how busy the channel was", always=True),
        _percent("busy_mean", "float", "Share of time the channel was busy, on average"),
        _percent("busy_p95", "integer", "The same at the 95th percentile, once school is over"),
        _count("noise_known", "Readings that say the noise floor", always=True),
        _dbm("noise_mean", "float", "Noise floor on average"),
        _dbm("noise_p95", "integer", "The same at the 95th percentile, once school is over"),
    ),
    meaning="A radio of an access point on one day.",
)

RADIO_LESSON = Measurement(
    name="radio_lesson",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _ROOM, _AP, _RADIO, _WEEKDAY, _SLOT),
    fields=(
        _count("busy_known", "Readings that say how busy the channel was", always=True),
        _percent("busy_mean", "float", "Share of time the channel was busy, on average"),
        _percent("busy_p95", "integer", "The same at the 95th percentile, once school is over"),
        _count("noise_known", "Readings that say the noise floor", always=True),
        _dbm("noise_mean", "float", "Noise floor on average"),
        _dbm("noise_p95", "integer", "The same at the 95th percentile, once school is over"),
        _count("clients_known", "Readings that say how many clients there were", always=True),
        Column(name="clients_mean", type="float", unit="1", low=0, meaning="Associated clients on average"),
        _count("clients_p95", "The same at the 95th percentile, once school is over"),
    ),
    meaning="A radio in one lesson that is over, by clocks that are right.",
)

LESSON_DAY = Measurement(
    name="lesson_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _ROOM, _DEVICE, _TYPE, _WEEKDAY, _SLOT),
    fields=(
        _flag("lesson", "1 where the room has a lesson then, or no timetable names it; else 0", always=True),
        _minutes("due_min", "Length of the lesson; 0 where the room has none", always=True),
        _minutes("known_min", "Of these, minutes of which it is known whether it was on", always=True),
        _minutes("on_min", "On or warming up, also where the room has no lesson", always=True),
        _flag("known", "1 where it is known whether the lesson used it, else 0", always=True),
        _flag("used", "1 used, 0 not used, by the standard; holds only where `known` is 1"),
        _count("faults", "Answers that reported an error", always=True),
    ),
    meaning="A display or plug in one lesson. Lessons that are over, by clocks that are right.",
)

DEVICE_DAY = Measurement(
    name="device_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _ROOM, _DEVICE, _TYPE, _WEEKDAY),
    fields=(
        _count("due", "Polls that should have been made"),
        _count("polls", "Polls that were made", always=True),
        _count("answered", "Of these, answered", always=True),
        _count("working", "Of these, on and reporting no error", always=True),
        _count("faulty", "Answers that reported an error, on or off", always=True),
        _flag("fault", "1 where an answer reported an error", always=True),
        _minutes("on_min", "On or warming up in school hours", always=True),
        _minutes("outside_min", "On or warming up outside school hours of the local day", always=True),
        _FIRST,
        _LAST,
        _RETIRED,
    ),
    meaning="A device of a room on one day.",
)

COLLECTOR_DAY = Measurement(
    name="collector_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _GATEWAY, _COLLECTOR, _WEEKDAY),
    fields=(
        _count("due", "Rounds that should have been made, over all its targets"),
        _count("rounds", "Rounds that were made", always=True),
        _count("whole", "Of these, whole", always=True),
        _count("targets", "Targets that were asked", always=True),
        _text("reads", "Kind of reading that its rounds bring"),
        Column(name="interval_s", type="integer", unit="s", low=1, meaning="From one round to the next"),
    ),
    meaning="A collector of a gateway on one day.",
)

GATEWAY_DAY = Measurement(
    name="gateway_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _GATEWAY, _WEEKDAY),
    fields=(
        _count("accounts", "Accounts of itself that it gave", always=True),
        Column(
            name="clock_offset_ms", type="integer", unit="ms", meaning="Server's clock minus its own, last"
        ),
        _flag("clock_wrong", "1 where its clock was beyond the standard's limit", always=True),
        _count("pending_most", "Most readings that waited in its spool at once"),
        _flag("late", "1 where so many waited that readings of the day came late", always=True),
    ),
    meaning="A gateway on one day.",
)

LEDGER_DAY = Measurement(
    name="ledger_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _GATEWAY, _COLLECTOR, _WEEKDAY),
    fields=(
        _moment("told_ms", "Time of the telling in force at the end of the day"),
        _count("rows", "Assets of this telling", always=True),
        _count("lines", "Lines of the ledger", always=True),
        _flag("whole", "1 where every file and line was read", always=True),
    ),
    meaning="The asset ledger in force on one day: its newest telling with anything in it.",
)

SCHOOL_DAY = Measurement(
    name="school_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL, _tag("part", "Number of the part, from 0: a text has a limit")),
    fields=(
        _count("parts", "Parts of this entry", always=True),
        _text("digest", "Of the facts, the same in every part", always=True),
        _text(
            "facts",
            "All of the day's counts that evaluations ask for, by device and lesson, JSON",
            always=True,
        ),
        _text("rest", "What the other tables hold beside it, JSON"),
        _moment("until_ms", "Moment up to which the day is counted"),
        _count("readings", "Readings that were counted"),
        _text("covers", "Digest of `touched` before the readings were counted"),
        _text("counted_by", "Digest of the calendar and limits that the counting follows"),
        _text("derived_by", "Digest of timetable, retirements and limits that the other tables follow"),
    ),
    meaning="A school's whole day as evaluations read it, and what it was made from.",
)

LATE_DAY = Measurement(
    name="late_day",
    kept="days",
    tags=(_DISTRICT, _SCHOOL),
    fields=(
        _text("day", "The day, as the calendar has it", always=True),
        _count("readings", "Readings that came late and are not counted", always=True),
        _flag("exact", "1 where it is exactly so many, 0 where it may be fewer", always=True),
    ),
    meaning="A day to which readings came when a part of its others had expired: what was counted stands.",
)

TOUCHED = Measurement(
    name="touched",
    kept="readings",
    tags=(_DISTRICT, _SCHOOL),
    fields=tuple(
        Column(name=hour, type="integer", unit="1", low=0, meaning="Another number after every write")
        for hour in HOURS
    ),
    meaning="By UTC day and hour: whether readings were written since a day was counted.",
)

COUNTED = Measurement(
    name="counted",
    kept="days",
    tags=(_DISTRICT, _SCHOOL),
    fields=(
        _text("touched", "Digest of the month's `touched` when all of its days were counted", always=True),
    ),
    meaning="By UTC month, by which readings expire: what the day book has of it. Time is the month's begin.",
)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def touched_points(points: Iterable[Point], number: int) -> list[Point]:
    """What says that these readings were written: by school, UTC day and hour a number never used before.

    Write them when the readings themselves are stored, and before anything is acknowledged.
    """
    hours = {(point.tags[0], point.tags[1], point.time // _HOUR_MS) for point in points}
    days: dict[tuple[str, str, int], list[int | None]] = {}
    for district, school, hour in hours:
        fields = days.setdefault((district, school, hour // 24), [None] * 24)
        fields[hour % 24] = number
    return [
        Point(TOUCHED, (district, school), day * _DAY_MS, tuple(fields))
        for (district, school, day), fields in days.items()
    ]


# A local day that begins in a month of UTC goes on in the first day of the next. What touches it there
# touches the month: without its first hours it cannot be counted again.
BEYOND_MS = _DAY_MS


def touched_digest(days: Iterable[tuple[int, Sequence[Value | None]]]) -> str:
    """Of a school's `touched` in some days: the begin of each, and its numbers by hour."""
    texts = (f"{begin_ms} {' '.join(map(str, numbers))}" for begin_ms, numbers in sorted(days))
    return blake2b("\n".join(texts).encode(), digest_size=12).hexdigest()


# By class: what lives for years, and what is of use only while the readings are there.
DAY_FACTS: dict[str, Measurement] = {
    table.name: table
    for table in (
        AP_DAY,
        RADIO_DAY,
        RADIO_LESSON,
        LESSON_DAY,
        DEVICE_DAY,
        COLLECTOR_DAY,
        GATEWAY_DAY,
        LEDGER_DAY,
        SCHOOL_DAY,
        LATE_DAY,
        COUNTED,
        TOUCHED,
    )
}
