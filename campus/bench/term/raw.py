"""A made-up district, and one of its days as gateways observe it: every device once a minute."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from contract import Address, Point, Reading, Status, decode_envelope, decode_status, status_point, to_point
from contract.readings import reading_adapter
from firmware_sim import Scenario, World
from firmware_sim.chance import digest
from firmware_sim.history import GatewayPast, Span, places_of
from firmware_sim.history.papers import survey_round
from firmware_sim.history.span import GATEWAY
from firmware_sim.scenario_file import load_scenario
from firmware_sim.timetable import Timetable

ROOMS = 12  # each with an access point of two radios and a display
_FAR_AHEAD_MS = 2**42


def district_of(schools: int) -> Scenario:
    """So many primary schools with the lessons of the scenario binhai-2021, and a long term."""
    lessons = load_scenario("binhai-2021").calendar
    term = {"name": "2026-2", "first": dt.date(2026, 2, 23), "last": dt.date(2026, 12, 31)}
    calendar = {**lessons.model_dump(), "term": [term], "holiday": [], "makeup": []}
    return Scenario.model_validate(
        {
            "name": "bench",
            "seed": 1,
            "district": "120116",
            "district_name": "bench",
            "lessons_share": 0.6,
            "calendar": calendar,
            "schools": [_school(number) for number in range(1, schools + 1)],
        }
    )


def _school(number: int) -> dict[str, object]:
    pupils = 300 + number % 7 * 40
    room = {"first": 101, "count": ROOMS, "name": "{code}", "kind": "普通教室", "area_m2": 66}
    return {
        "code": f"2112{number:06d}",
        "name": f"学校{number}",
        "kind": "小学",
        "unit": f"单位{number % 8}",
        "lon": Decimal(117),
        "lat": Decimal(39),
        "primary_pupils": pupils,
        "primary_classes": ROOMS,
        "largest_primary_class": 45,
        "rooms": [room | {"multimedia": True, "aps": 1, "projector": "lamp"}],
        "declared": {
            "primary": {"qualified_teachers": 20, "backbone_teachers": 4, "arts_pe_teachers": 4},
            "school": {"equipment_cny": pupils * 2100, "multimedia_rooms": ROOMS},
        },
    }


def school_days(scenario: Scenario, number: int) -> list[dt.date]:
    """The first so many school days of the term."""
    timetable = Timetable(scenario.calendar, seed=0, share=0)
    day, found = scenario.calendar.term[0].first, list[dt.date]()
    while len(found) < number:
        if timetable.is_school_day(day):
            found.append(day)
        day += dt.timedelta(days=1)
    return found


class Day:
    """What every gateway of the district observed on one day. All schools had the same one."""

    def __init__(self, scenario: Scenario, day: dt.date, *, interval_s: int) -> None:
        self._scenario = scenario
        world, first = World(scenario), scenario.schools[0]
        timetable, slots = world.campus(first.code).timetable, scenario.calendar.slot
        begin = timetable.moment(day, slots[0].begin)
        end = timetable.moment(day, slots[-1].end)
        span = Span(begin=begin, end=end, interval_s=interval_s)
        campus = world.campus(first.code)
        past = GatewayPast(scenario, campus, places_of(scenario, world)[first.code], span)
        self._readings: list[tuple[int, Reading]] = []
        self._statuses: list[Status] = []
        for message in past.messages():
            if message.stream == "status":
                self._statuses.append(decode_status(message.payload))
            else:
                decoded = decode_envelope(message.payload, now_ms=_FAR_AHEAD_MS)
                self._readings += [(message.seq, reading) for reading in decoded.readings]
        walk = survey_round(campus, walk=end, interval_s=interval_s, told_ms=round(end * 1000))
        self._walk = [
            reading_adapter.validate_python({key: value for key, value in told.items() if value is not None})
            for told in walk
        ]

    @property
    def rows(self) -> int:
        """Rows of the whole district, the gateways' accounts among them."""
        each = len(self._readings) + len(self._statuses) + len(self._walk)
        return each * len(self._scenario.schools)

    def points(self) -> Iterator[list[Point]]:
        """School by school, as ingest would make them."""
        for school in self._scenario.schools:
            address = Address(self._scenario.district, school.code, GATEWAY)
            epoch = f"{digest(school.code, 'bench'):016x}"
            yield [
                *(to_point(address, epoch, seq, reading) for seq, reading in self._readings),
                *(to_point(address, epoch, 1, reading) for reading in self._walk),
                *(status_point(address, status, time_ms=_own_ms(status)) for status in self._statuses),
            ]


def _own_ms(status: Status) -> int:
    return round(dt.datetime.fromisoformat(status.time).timestamp() * 1000)
