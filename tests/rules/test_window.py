"""A span read in pages shows at every instant what asking then would show, on every kind of store."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import MEASUREMENTS, Measurement, Point, Value, utc_text
from registry import Registry, read_registry
from rules.alerts import window
from rules.alerts.judging import judge, look
from rules.alerts.machine import NEVER_SEEN, AlertStanding, Sighting, advance, stirs
from rules.alerts.notices import AlertKey, Notice
from rules.alerts.recording import change_point, notice_point, read_standings, round_points
from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules, SignalName
from rules.alerts.signals import sample_of, samples
from rules.alerts.window import Window, pages
from rules.stored.states import CERTIFICATE, ROOM_STATE, STRAY
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, VERDICT
from store import Store, open_store
from tests.rules.build import DISTRICT
from tests.rules.commands import SMALL
from tests.rules.telemetry import CODE, MINUTE, ms
from tests.rules.test_alerts import rule, rules_of
from tests.rules.test_replay import as_stored
from tests.rules.test_replay import told as told_fields
from tests.servers import Server

# Two hours around the beginning of the school's day, so that some of it counts and some does not.
BEGIN = ms("2021-09-28T07:20")
SPAN = 120 * MINUTE
REGISTRY: Registry = read_registry(SMALL)
SCHOOLS = (CODE, "2112000999")  # the second is in no registry

moments = st.integers(BEGIN - 40 * MINUTE, BEGIN + SPAN).map(lambda moment: moment // 15_000 * 15_000)
schools = st.sampled_from(SCHOOLS)
gateways = st.sampled_from(["gw1", "gw2"])
epochs = st.sampled_from(["0" * 16, "1" * 16])
numbers = st.sampled_from(["1", "2"])
rooms = st.sampled_from(["", "R101", "R102"])
verdicts = st.sampled_from(["pass", "fail", "undetermined"])


def row(measurement: Measurement, tags: tuple[str, ...], time: int, fields: Mapping[str, Value]) -> Point:
    return Point(measurement, tags, time, tuple(fields.get(name) for name in measurement.field_names))


def _access_point(at: int, school: str, gateway: str, epoch: str, ap: str, room: str, state: str) -> Point:
    tags = (DISTRICT, school, gateway, epoch, f"AP{ap}", room)
    return row(MEASUREMENTS["access_point"], tags, at, {"seq": 1, "state": state})


def _device(at: int, school: str, gateway: str, device: str, room: str, answer: tuple[bool, Any]) -> Point:
    kind = "projector" if device == "1" else "class_pc"
    # What it says of its condition stands for its power, too.
    power = {"ok": "on", "warning": "off", "error": "cooling"}.get(answer[1])
    told = {"condition": answer[1], "power": power} if answer[1] else {}
    fields = {"seq": 1, "reachable": answer[0]} | told
    return row(
        MEASUREMENTS["room_device"],
        (DISTRICT, school, gateway, "0" * 16, f"P{device}", kind, room),
        at,
        fields,
    )


def _radio(at: int, school: str, gateway: str, ap: str, room: str, busy: int | None) -> Point:
    tags = (DISTRICT, school, gateway, "0" * 16, f"AP{ap}", "0", room)
    fields: dict[str, Value] = {"seq": 1} if busy is None else {"seq": 1, "utilisation_pct": busy}
    return row(MEASUREMENTS["radio"], tags, at, fields)


def _used(at: int, school: str, room: str, unused: int) -> Point:
    return row(ROOM_STATE, (DISTRICT, school, room or "R9"), at, {"unused": unused, "lessons_due": 4})


def _stray(at: int, school: str, room: str, present: int) -> Point:
    return row(STRAY, (DISTRICT, school, "room", room or "R9"), at, {"present": present})


def _certificate(at: int, name: str, watched: int, minutes: int) -> Point:
    fields: dict[str, Value] = {"watched": watched, "until_ms": BEGIN + minutes * MINUTE}
    return row(CERTIFICATE, ("", "", name), at, fields)


def _run(at: int, school: str, gateway: str, status: str) -> Point:
    tags = (DISTRICT, school, gateway, "0" * 16, "ac", "h")
    return row(MEASUREMENTS["collector_run"], tags, at, {"seq": 1, "status": status})


def _gateway(at: int, school: str, gateway: str, online: bool, offset_ms: int) -> Point:
    fields: dict[str, Value] = {"online": online, "clock_offset_ms": offset_ms, "pending": abs(offset_ms)}
    if offset_ms:
        fields["oldest_pending"] = utc_text(at - 3 * MINUTE)
        fields |= {"spool_max_bytes": 200_000, "spool_room_bytes": abs(offset_ms) - 1000}
        fields["certificate_until"] = utc_text(BEGIN + offset_ms)
        version = abs(offset_ms) // 1000 % 3
        fields |= {"settings_version": version, "settings_wanted": 2, "settings_not_taken": 2}
        fields |= {"settings_outcome": "rolled_back" if version else "refused", "settings_master": "bureau"}
    return row(MEASUREMENTS["gateway"], (DISTRICT, school, gateway), at, fields)


def _coverage(at: int, school: str, room: str, verdict: str) -> Point:
    return row(ROOM_COVERAGE, (DISTRICT, school, room or "R9"), at, {"verdict": verdict})


def _verdict(at: int, school: str, indicator: str, verdict: str, gap: int) -> Point:
    tags = (DISTRICT, school, "primary", f"L{indicator}")
    return row(VERDICT, tags, at, {"verdict": verdict, "gap": gap})


def _evaluation(at: int) -> Point:
    return row(DISTRICT_INDICATOR, (DISTRICT, "school", "wireless"), at, {"passing": 1})


states = st.sampled_from(["up", "down", "fault", "unknown"])
answers = st.tuples(st.booleans(), st.sampled_from([None, "ok", "warning", "error"]))
statuses = st.sampled_from(["ok", "partial"])
WORLD = st.lists(
    st.one_of(
        st.builds(_access_point, moments, schools, gateways, epochs, numbers, rooms, states),
        st.builds(_access_point, moments, st.just(CODE), gateways, epochs, numbers, rooms, st.just("down")),
        st.builds(_device, moments, schools, gateways, numbers, rooms, answers),
        st.builds(_radio, moments, schools, gateways, numbers, rooms, st.sampled_from([None, 0, 1, 2, 90])),
        st.builds(_used, moments, schools, rooms, st.integers(0, 1)),
        st.builds(_stray, moments, schools, rooms, st.integers(0, 1)),
        st.builds(_certificate, moments, numbers, st.integers(0, 1), st.integers(-3000, 3000)),
        st.builds(_run, moments, schools, gateways, statuses),
        st.builds(_gateway, moments, schools, gateways, st.booleans(), st.sampled_from([0, 1500, -200_000])),
        st.builds(_coverage, moments, schools, rooms, verdicts),
        st.builds(_verdict, moments, schools, numbers, verdicts, st.integers(0, 4)),
        st.builds(_evaluation, moments),
    ),
    max_size=60,
)
SIGNAL_NAMES: tuple[SignalName, ...] = (
    *("access_point_down", "room_uncovered", "device_fault", "gateway_silent", "clock_wrong"),
    *("indicator_short", "device_silent", "display_on", "spool_waiting", "radio_busy", "room_unused"),
    *("spool_full", "certificate_ended", "unregistered", "bureau_certificate_ended"),
    *("settings_behind", "settings_taken_back"),
)
OF_GATEWAYS = {
    *("gateway_silent", "clock_wrong", "spool_waiting", "spool_full", "certificate_ended"),
    *("settings_behind", "settings_taken_back"),
}


@st.composite
def drafts(draw: st.DrawFn) -> AlertRules:
    """Rules of every kind; thresholds on which 0 is bad, and on which a shortfall is good, are among them."""
    alerts = []
    for number, signal in enumerate(SIGNAL_NAMES):
        recovers_at = draw(st.sampled_from([-1, 0, 1, 200] if signal != "gateway_silent" else [60, 240]))
        change: dict[str, object] = {
            "name": f"rule{number}",
            "signal": signal,
            "recovers_at": recovers_at,
            "fires_at": recovers_at + draw(st.integers(1, 3)),
            "for_s": draw(st.sampled_from([0, 90])),
            "recover_for_s": draw(st.sampled_from([0, 60])),
            "fresh_s": draw(st.sampled_from([60, 900, 5400])),
            "fires_from": draw(st.sampled_from(["anywhere", "good"])),
            "counts": draw(st.sampled_from(["always", "school_hours"])),
            "sends": draw(st.sampled_from(["always", "school_hours"])),
        }
        if signal not in OF_GATEWAYS:
            change["gone_after_s"] = draw(st.sampled_from([1, 600]))
        alerts.append(rule(**change))
    plain = [one.model_dump(exclude_unset=True) for one in alerts]
    return AlertRules.model_validate({"group_wait_s": draw(st.sampled_from([0, 90])), "alert": plain})


@pytest.fixture(params=["sqlite", "influxdb"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, influx: Server) -> str:
    """The beginning of a store's address; what is appended makes it a new one."""
    return f"sqlite:///{tmp_path}/" if request.param == "sqlite" else f"influxdb://127.0.0.1:{influx.port}/"


def filled(kind: str, world: list[Point]) -> Store:
    store = open_store(kind + uuid.uuid4().hex)
    store.prepare()
    assert [] == store.write(world)
    return store


PATIENT = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STEPS = st.lists(st.integers(1, 30), min_size=1, max_size=12)


def instants_of(steps: list[int]) -> list[int]:
    """Irregular instants, as those of a service that was away now and then."""
    found = [BEGIN]
    for step in steps:
        found.append(found[-1] + step * MINUTE // 2)
    return found


@PATIENT
@given(WORLD, drafts(), STEPS, st.sampled_from([1, 7, 60]))
def test_a_window_has_the_samples_that_asking_at_each_instant_gives(
    kind: str, world: list[Point], rules: AlertRules, steps: list[int], minutes: int
) -> None:
    with filled(kind, world) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "PAGE_MS", minutes * MINUTE)
        for one in rules.alerts:
            moving = Window(store, one)
            for page in pages(instants_of(steps)):
                moving.turn(page, None)
                for instant in page:
                    rows = moving.rows(instant)
                    found = {subject: sample_of(one, row, instant) for subject, row in rows.items()}
                    assert samples(store, one, instant) == found


@PATIENT
@given(WORLD, drafts(), STEPS, st.sampled_from([1, 7, 60]))
def test_a_replay_in_pages_finds_what_judging_at_each_instant_finds(
    kind: str, world: list[Point], rules: AlertRules, steps: list[int], minutes: int
) -> None:
    instants = instants_of(steps)
    with filled(kind, world) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "PAGE_MS", minutes * MINUTE)
        changes, told, standings = instant_by_instant(store, rules, instants)
        # The first half was live, and is in the store; the replay goes on from there, and from the start.
        by_name = {one.name: one for one in rules.alerts}
        for since in (instants[0], instants[len(instants) // 2]):
            found = replay(store, REGISTRY, rules, since_ms=since, until_ms=instants[-1] + 1, every_ms=MINUTE)
            expected = (
                sorted(
                    (at, *key, named(change_point(key, one, at, by_name[key[2]])))
                    for at, key, one in changes
                    if at >= since
                ),
                sorted(
                    (one.time_ms, *notice_point(one).tags, named(notice_point(one)))
                    for one in told
                    if one.time_ms >= since
                ),
            )
            assert expected == as_stored(found, rules)
        assert standings == read_standings(store)


def named(point: Point) -> tuple[Any, ...]:
    return point.fields[: len(told_fields(point.measurement))]


def instant_by_instant(
    store: Store, rules: AlertRules, instants: list[int]
) -> tuple[list[tuple[int, AlertKey, AlertStanding]], list[Notice], Mapping[AlertKey, AlertStanding]]:
    """The live rounds, each of them asking the store, and written to it."""
    standings: Mapping[AlertKey, AlertStanding] = {}
    changes, told = [], []
    for instant in instants:
        seen = look(store, rules, REGISTRY, standings, instant)
        found = judge(rules, REGISTRY, standings, seen, instant)
        assert [] == store.write(round_points(rules, found))
        changes += [(instant, key, one) for key, one in found.changes.items()]
        told += found.notices
        standings = found.standings
    return changes, told, standings


@given(
    st.lists(st.none() | st.integers(-2, 15), max_size=12),
    st.none() | st.integers(-2, 15),
    st.sampled_from(["anywhere", "good"]),
    st.integers(-1, 9),
    st.integers(1, 5),
)
def test_a_sample_that_is_said_not_to_stir_changes_nothing(
    before: list[int | None], value: int | None, fires_from: str, recovers_at: int, gap: int
) -> None:
    one = rule(fires_from=fires_from, recovers_at=recovers_at, fires_at=recovers_at + gap, for_s=60)
    standing, now = NEVER_SEEN, BEGIN
    for known in before:
        standing, now = advance(one, standing, Sighting(value=known), now, _all), now + MINUTE
    after = advance(one, standing, Sighting(value=value), now, _all)
    assert stirs(one, standing, value) or after == standing


def _all(begin: int, end: int) -> int:
    return end - begin


def test_an_hour_without_trouble_is_counted_in_the_store_and_not_read(sqlite_url: str) -> None:
    well = [_access_point(BEGIN + step * MINUTE, CODE, "gw1", "0" * 16, "1", "", "up") for step in range(60)]
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write(well)
        rules: AlertRules = rules_of(rule(fires_at=1, recovers_at=0))
        page = [BEGIN + step * MINUTE for step in range(60)]
        found = [window.stirring(store, one, {}, page) for one in rules.alerts]
        store.write([_access_point(page[9], CODE, "gw1", "0" * 16, "2", "", "down")])
        then = [window.stirring(store, one, {}, page) for one in rules.alerts]
    assert ([set()], [{(DISTRICT, CODE, "AP2")}]) == (found, then)


def test_a_small_shortfall_may_count_as_well_and_is_read(sqlite_url: str) -> None:
    fallen = rule(
        signal="indicator_short", fires_from="good", fires_at=3, recovers_at=1, for_s=0, gone_after_s=3600
    )
    gaps = [1] * 5 + [4] * 5
    world = [_verdict(BEGIN + step * MINUTE, CODE, "1", "fail", gap) for step, gap in enumerate(gaps)]
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write(world)
        found = replay(
            store,
            REGISTRY,
            rules_of(fallen),
            since_ms=BEGIN,
            until_ms=BEGIN + 10 * MINUTE,
            every_ms=MINUTE,
        )
    assert [("firing", BEGIN + 5 * MINUTE)] == [
        (one.standing.status, one.instant_ms) for one in found.transitions
    ]


def test_a_replay_lets_go_at_once_of_what_has_no_rule_or_no_school_any_more(sqlite_url: str) -> None:
    well, good = AlertStanding(seen_good=True), rule(fires_from="good")
    gone: list[AlertKey] = [(DISTRICT, CODE, "old", "AP1"), (DISTRICT, "2112000999", "down", "AP1")]
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write([change_point(key, well, BEGIN - MINUTE, good) for key in gone])
        found = replay(
            store, REGISTRY, rules_of(good), since_ms=BEGIN, until_ms=BEGIN + 5 * MINUTE, every_ms=MINUTE
        )
    assert [(BEGIN, key, NEVER_SEEN) for key in sorted(gone)] == [
        (one.instant_ms, one.key, one.standing) for one in found.changes
    ]
