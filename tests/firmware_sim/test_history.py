"""A gateway's past: the same every time, on its own clock, and late where it had no way to the broker."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from contract import (
    AccessPoint,
    Asset,
    Reading,
    RoomDevice,
    SignalSample,
    Status,
    decode_envelope,
    decode_status,
)
from firmware_sim import Scenario, World, load_scenario
from firmware_sim.history import GatewayPast, Message, Span, places_of
from runtime import ConfigError
from tests.firmware_sim.conftest import moment

FIRST, SECOND, THIRD = "2112000001", "3112000002", "3112000003"
TODAY = dt.date(2026, 11, 13)
FAR_MS = 2**42


@dataclass
class Told:
    """All messages of one gateway, read as ingest reads them."""

    messages: list[Message]
    readings: list[Reading] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)

    def of(self, kind: type[Reading]) -> list[Reading]:
        return [reading for reading in self.readings if isinstance(reading, kind)]


@pytest.fixture(scope="module")
def term() -> Scenario:
    return load_scenario("demo").on(TODAY)


def told(scenario: Scenario, school: str, first: str, last: str, *, interval_s: int = 1800) -> Told:
    world = World(scenario)
    span = Span(begin=moment(f"{first} 00:00"), end=moment(f"{last} 00:00"), interval_s=interval_s)
    past = GatewayPast(scenario, world.campus(school), places_of(scenario, world)[school], span)
    found = Told(list(past.messages()))
    for message in found.messages:
        if message.stream == "status":
            found.statuses.append(decode_status(message.payload))
        else:
            decoded = decode_envelope(message.payload, now_ms=FAR_MS)
            assert (decoded.refused, decoded.seq, len(decoded.readings)) == (
                None,
                message.seq,
                message.readings,
            )
            found.readings += decoded.readings
    return found


def test_the_same_span_is_the_same_to_the_byte_and_another_seed_is_not(term: Scenario) -> None:
    once, again = (told(term, FIRST, "2026-09-07", "2026-09-08") for _ in range(2))
    other = told(term.model_copy(update={"seed": 1}), FIRST, "2026-09-07", "2026-09-08")
    payloads = [message.payload for message in once.messages]
    assert payloads == [message.payload for message in again.messages]
    assert set(payloads).isdisjoint(message.payload for message in other.messages)


def test_every_reading_has_an_identity_of_its_own(term: Scenario) -> None:
    """Also where a clock is put back over what it has said before."""
    found = told(term, THIRD, "2026-09-25", "2026-09-28", interval_s=300).readings
    identities = {
        (
            reading.measurement.name,
            reading.time,
            *(getattr(reading, tag) for tag in reading.measurement.tag_names[4:]),
        )
        for reading in found
    }
    assert len(identities) == len(found)


def test_the_account_of_every_status_is_of_what_was_sent_before_it(term: Scenario) -> None:
    found = told(term, SECOND, "2026-10-12", "2026-10-16")
    produced = last_seq = 0
    waiting = dict[int, int]()
    for message in found.messages:
        if message.stream == "readings":
            waiting[message.seq] = message.readings
            continue
        account = decode_status(message.payload).account
        assert account is not None
        sent = sum(waiting.values())
        produced, last_seq = account.produced, account.last_seq
        assert account.produced == account.acknowledged + account.pending
        assert (account.acknowledged, message.seq) == (sent, last_seq)
    assert (produced, last_seq) == (len(found.readings), max(waiting))


def test_a_gateway_that_was_away_delivers_late_and_says_what_waited(term: Scenario) -> None:
    found = told(term, SECOND, "2026-10-12", "2026-10-16")
    away = (moment("2026-10-13 00:00"), moment("2026-10-15 00:00"))
    late = [message for message in found.messages if message.late]
    heard = [message.due for message in found.messages]
    assert [] == [due for due in heard if away[0] <= due < away[1]]
    assert {away[1]} == {message.due for message in late}
    two_days = [reading for reading in found.readings if away[0] <= reading.time / 1000 < away[1] - 3600]
    assert 0 < len(two_days) <= sum(message.readings for message in late)
    on_return = sum(message.readings for message in found.messages if message.due == away[1])
    pending = [status.account.pending for status in found.statuses if status.account]
    assert [on_return] == [number for number in pending if number]


def test_a_clock_that_is_slow_dates_readings_back_and_the_status_says_by_how_much(term: Scenario) -> None:
    found = told(term, THIRD, "2026-09-18", "2026-09-29")
    offsets = {
        (status.time[:10], status.clock_offset_ms)
        for status in found.statuses
        if "04:00" <= status.time[11:16] <= "05:00"
    }
    assert {day for day, offset in offsets if offset == 1_500_000} == {
        f"2026-09-{day}" for day in range(21, 27)
    }
    assert {offset for _, offset in offsets} == {0, 1_500_000}
    # Rounds are made at the full and the half hour: by the slow clock at five to, and at five past.
    slow = {
        reading.time // 60_000 % 30
        for reading in found.of(AccessPoint)
        if moment("2026-09-22 00:00") <= reading.time / 1000 < moment("2026-09-23 00:00")
    }
    assert slow <= set(range(5, 7))


def test_an_access_point_that_was_replaced_is_told_until_then_and_its_successor_after(term: Scenario) -> None:
    found = told(term, FIRST, "2026-09-22", "2026-09-24", interval_s=3600)
    renewed = moment("2026-09-23 00:00") * 1000
    room = [ap for ap in found.of(AccessPoint) if ap.room == "202"]
    before = {(ap.ap, ap.state) for ap in room if ap.time < renewed}
    after = {(ap.ap, ap.state) for ap in room if ap.time >= renewed}
    assert before == {("21023SIM210000010006", "down")}
    assert after == {("21023SIM210000015006", "up")}
    serials = [{asset.serial for asset in found.of(Asset) if asset.asset == "AP0006"}]
    assert serials == [{"21023SIM210000010006", "21023SIM210000015006"}]


def test_a_projector_that_nobody_switched_off_is_on_all_night_and_its_lamp_burns(term: Scenario) -> None:
    found = told(term, SECOND, "2026-10-21", "2026-10-23", interval_s=3600).of(RoomDevice)
    night = (moment("2026-10-21 22:00") * 1000, moment("2026-10-22 06:00") * 1000)
    seen = {
        device: {
            (one.power, one.lamp_h)
            for one in found
            if one.device == device and night[0] <= one.time < night[1]
        }
        for device in ("PJ-104", "PJ-105")
    }
    assert {power for power, _ in seen["PJ-104"]} == {"off"}
    assert {power for power, _ in seen["PJ-105"]} == {"on"}
    assert len({lamp for _, lamp in seen["PJ-105"]}) == 8


def test_walks_are_made_on_the_first_day_and_each_weeks_last_but_not_by_a_clock_that_is_slow(
    term: Scenario,
) -> None:
    found = told(term, THIRD, "2026-09-07", "2026-10-13", interval_s=3600).of(SignalSample)
    days = {dt.datetime.fromtimestamp(one.time / 1000, dt.UTC).date().isoformat()[5:] for one in found}
    # 09-26 is a make-up day in the week of the slow clock; 09-30 is the last day before the holiday.
    assert days == {"09-07", "09-11", "09-18", "09-30", "10-10", "10-12"}


def test_lessons_differ_by_weekday_and_slot(term: Scenario) -> None:
    """Of all rooms' lessons: the last of the day far fewer, Friday fewer than Tuesday."""
    world, slots = World(term), term.calendar.slot
    used = Counter(
        (weekday, slot.name)
        for school in term.schools
        for room in school.rooms
        for weekday in range(5)
        for begin, end in world.campus(school.code).timetable.spans(school.code, room.code, weekday)
        for slot in slots
        if begin <= slot.begin and slot.end <= end
    )
    by_day, by_slot = Counter[int](), Counter[str]()
    for (weekday, name), lessons in used.items():
        by_day[weekday] += lessons
        by_slot[name] += lessons
    assert by_day[4] < by_day[1] * 0.9
    assert by_slot["第7节"] < by_slot["第2节"] / 2


def test_a_term_moves_by_whole_weeks_with_all_that_befell_it(term: Scenario) -> None:
    later = load_scenario("demo").on(TODAY + dt.timedelta(weeks=30, days=-2))
    for before, after in zip(term.schools, later.schools, strict=True):
        assert [one.first + dt.timedelta(weeks=30) for one in before.planted if one.first is not None] == [
            one.first for one in after.planted if one.first is not None
        ]
    assert later.calendar.makeup[0].day.weekday() == term.calendar.makeup[0].day.weekday()
    assert later.calendar.term[0].first == term.calendar.term[0].first + dt.timedelta(weeks=30)


def test_rounds_once_a_day_are_made_and_told_in_the_hour_of_their_time(term: Scenario) -> None:
    """And nothing is observed after the span's end."""
    world = World(term)
    span = Span(begin=moment("2026-10-08 10:00"), end=moment("2026-10-12 10:00"), interval_s=86_400)
    past = GatewayPast(term, world.campus(FIRST), places_of(term, world)[FIRST], span)
    found = [message for message in past.messages() if message.stream == "readings"]
    hours = [
        (moment(f"2026-10-{day} 10:00"), moment(f"2026-10-{day} 11:00")) for day in ("08", "09", "10", "11")
    ]
    assert [end for _, end in hours] == [message.due for message in found]
    for message, (begin, end) in zip(found, hours, strict=True):
        times = {
            reading.time / 1000
            for reading in decode_envelope(message.payload, now_ms=FAR_MS).readings
            if not isinstance(reading, SignalSample)
        }
        assert begin <= min(times)
        assert max(times) < end


def test_a_plug_whose_threshold_is_to_be_learnt_is_refused(term: Scenario) -> None:
    school = term.schools[0]
    first, *others = school.room_groups
    plugged = first.model_copy(update={"plug": "tasmota"})
    changed = school.model_copy(update={"room_groups": (plugged, *others)})
    scenario = term.model_copy(update={"schools": (changed,)})
    with pytest.raises(ConfigError, match=f"房间 {FIRST} 101 的插座没有 plug_on_w"):
        places_of(scenario, World(scenario))


def test_a_fault_of_a_rooms_device_is_refused(term: Scenario) -> None:
    changed = term.schools[2].model_copy(update={"faulty": {"PN-201": "lies"}})
    scenario = term.model_copy(update={"schools": (changed,)})
    with pytest.raises(ConfigError, match=f"学校 {THIRD} 的 faulty 有 PN-201"):
        places_of(scenario, World(scenario))


@pytest.mark.parametrize(
    ("school", "device", "lit", "dark"),
    [(THIRD, "PN-", "network", "silence"), (SECOND, "TP-", "watts", "watts")],
)
def test_a_lesson_agrees_in_every_device_of_its_room(
    school: str, device: str, lit: str, dark: str, term: Scenario
) -> None:
    """Clients rise, the panel is present, the plug draws: in a lesson, and no longer at night."""
    lesson, night = moment("2026-09-08 10:30"), moment("2026-09-08 22:30")
    timetable = World(term).campus(school).timetable
    day = timetable.day(lesson)
    found = told(term, school, "2026-09-08", "2026-09-09")
    one = next(
        one
        for one in found.of(RoomDevice)
        if one.device.startswith(device)
        and any(begin <= lesson < end for begin, end in timetable.shows(school, one.room, day))
    )
    signs, clients = [], []
    for time in (lesson, night):
        signs += [
            (other.power, other.evidence)
            for other in found.of(RoomDevice)
            if other.device == one.device and 0 <= other.time / 1000 - time < 100
        ]
        clients += [
            ap.clients or 0
            for ap in found.of(AccessPoint)
            if ap.room == one.room and 0 <= ap.time / 1000 - time < 100
        ]
    assert (signs, clients[0] > 3 * clients[1]) == ([("on", lit), ("off", dark)], True)


def test_a_meter_of_the_past_grows_by_what_each_round_used(term: Scenario) -> None:
    found = told(term, SECOND, "2026-09-08", "2026-09-10").of(RoomDevice)
    plug = [one for one in found if one.device == "TP-203"]
    used = [one.used_wh for one in plug]
    grown = [(after.energy_wh or 0) - (before.energy_wh or 0) for before, after in pairwise(plug)]
    assert (used[0], min(grown) > 0) == (None, True)
    assert used[1:] == pytest.approx(grown)


def test_a_class_pc_reports_in_its_lessons_alone_and_never_says_off(term: Scenario) -> None:
    found = told(term, FIRST, "2026-09-08", "2026-09-09", interval_s=300).of(RoomDevice)
    reports = [one for one in found if one.device == "PC-101"]
    assert {(one.power, one.evidence) for one in reports} == {("on", "beacon")}
    assert 0 < len(reports) < 288 / 2
    assert {one.signed_in for one in reports} == {True, False}
