"""What an evaluation leaves for charts: numbers where nothing is 0, how everything stands, names in force."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from contract import (
    Account,
    Measurement,
    Point,
    Radio,
    Status,
    status_point,
)
from contract.types import Value
from registry import Registry, Room
from rules.answers.changes import Changes
from rules.answers.keeping import keep
from rules.facts.now import ALIVE_MS, FRESH_MS
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.utilisation import unused_rooms
from rules.stored.states import (
    COLLECTOR_STATE,
    GATEWAY_STATE,
    ROOM_NAME,
    ROOM_STATE,
    SCHOOL_NAME,
    SCHOOL_STATE,
    STANDING,
)
from rules.stored.tables import ALERT, DISTRICT_INDICATOR, ROOM_COVERAGE, UTILISATION, VERDICT
from store import Query, Select, Store, open_store
from tests.rules.build import AS_OF, BINHAI, registry, school
from tests.rules.telemetry import (
    ADDRESS,
    CODE,
    MINUTE,
    NOW,
    access_point,
    good_survey,
    one_school,
    points,
    polls,
    projector,
    room,
    run,
    silent,
)

DAY = 24 * 60 * MINUTE
Rows = dict[tuple[str, ...], dict[str, Value | None]]


@pytest.fixture
def store(sqlite_url: str) -> Store:
    opened = open_store(sqlite_url)
    opened.prepare()
    return opened


def kept(store: Store, known: Registry, now_ms: int = NOW, changes: Changes | None = None) -> Evaluation:
    facts = observe(store, known, BINHAI, as_of=AS_OF, now_ms=now_ms)
    evaluation = evaluate(known, BINHAI, facts, AS_OF)
    assert [] == keep(store, known, evaluation, now_ms, changes)
    return evaluation


def newest(store: Store, table: Measurement) -> Rows:
    """The newest row of every series, by its tags without the district."""
    rows = store.query(
        Query(
            measurement=table,
            select=tuple(Select(name) for name in table.field_names),
            group_by=table.tag_names,
            newest=1,
        )
    )
    return {tuple(row.tags.values())[1:]: row.values for row in rows}


def gateway(time: int, *, online: bool = True) -> Point:
    account = Account(epoch="0123456789abcdef", last_seq=9, produced=12, acknowledged=7, pending=4, dropped=1)
    status = Status(online=online, time="2021-09-28T00:00:00.000Z", account=account if online else None)
    return status_point(ADDRESS, status, time_ms=time)


def test_a_share_that_is_nothing_is_nought_and_not_missing(store: Store) -> None:
    down = [access_point(moment, "down") for moment in polls()]
    store.write(points(*down, *good_survey()))
    kept(store, one_school(room(), room("R2")))
    rooms = newest(store, ROOM_COVERAGE)
    flags = {key[1]: (row["verdict"], row["passed"], row["known"]) for key, row in rooms.items()}
    school_row = newest(store, VERDICT)[CODE, "school", "wireless"]
    assert ({"R1": ("fail", 0, 1), "R2": ("undetermined", 0, 0)}, (0, 1), (0.0, 2.0)) == (
        flags,
        (school_row["passed"], school_row["known"]),
        (school_row["numerator_number"], school_row["denominator_number"]),
    )


def test_a_rate_has_numbers_also_where_data_are_not_enough(store: Store) -> None:
    store.write(points(*[projector(moment) for moment in polls()]))
    kept(store, one_school(room(), room("R2"), room("R3")))
    used = newest(store, UTILISATION)[CODE, "U1"]
    assert (False, None, 1.0, 1.0) == (
        used["enough"],
        used["value_number"],
        used["numerator_number"],
        used["denominator_number"],
    )


def test_numbers_repeat_the_exact_text_and_the_figure_is_named_whatever_its_code(store: Store) -> None:
    kept(store, one_school(room(), declared=1, pupils=30))
    row = newest(store, VERDICT)[CODE, "primary", "L7"]
    district = next(iter(newest(store, DISTRICT_INDICATOR).values()))
    assert ("multimedia_rooms", "1", 1.0, "学校01", "滨海新区") == (
        row["item"],
        row["declared"],
        row["declared_number"],
        row["school_name"],
        district["district_name"],
    )


def test_a_room_stands_as_its_devices_told_last(store: Store) -> None:
    radios = [
        Radio(time=NOW, ap="AP1", radio=number, room="R1", utilisation_pct=busy, noise_dbm=noise)
        for number, busy, noise in (("0", 30, -95), ("1", 70, -90))
    ]
    store.write(
        points(
            access_point(NOW - 2 * MINUTE, "down"),
            access_point(NOW, "up"),
            access_point(NOW, "down", ap="AP2"),
            access_point(NOW - FRESH_MS - 1, "up", ap="AP3"),
            *radios,
            projector(NOW, lamp_h=913, condition="error", faults="lamp=error"),
            silent(NOW, device="P2"),
        )
    )
    kept(store, one_school(replace(room(), name="一年级1班")))
    expected = {
        "school_name": "学校01",
        "room_name": "一年级1班",
        "aps": 3,
        "aps_known": 2,
        "aps_up": 1,
        "aps_down": "AP2",
        "clients": None,
        "busy_pct": 70,
        "noise_dbm": -90,
        "displays": 2,
        "displays_known": 1,
        "displays_silent": 1,
        "displays_on": 1,
        "displays_faulty": 1,
        "silent": "P2",
        "faults": "P1: lamp=error",
        "lamp_h": 913,
        "silent_s": 0,
    }
    row = newest(store, ROOM_STATE)[CODE, "R1"]
    assert expected == {name: row[name] for name in expected}


def test_a_device_that_moved_is_where_it_was_heard_last(store: Store) -> None:
    store.write(points(projector(NOW - MINUTE, room="R1"), projector(NOW, room="R2")))
    kept(store, one_school(room(), room("R2")))
    rows = newest(store, ROOM_STATE)
    assert {"R1": 0, "R2": 1} == {key[1]: row["displays"] for key, row in rows.items()}


def test_a_room_without_lessons_used_is_unused_and_agrees_with_u3(store: Store) -> None:
    readings = []
    for back in range(28):
        morning = NOW - back * DAY - 4 * 60 * MINUTE  # eight o'clock
        for minute in range(0, 90, 5):
            moment = morning + minute * MINUTE
            readings += [projector(moment, power="off"), projector(moment, device="P2", room="R2")]
    store.write(points(*readings))
    evaluation = kept(store, one_school(room(), room("R2"), room("R3")))
    (used,) = evaluation.utilisation
    assert evaluation.facts is not None
    unused = unused_rooms(BINHAI, evaluation.facts, used.rooms)
    rows = newest(store, ROOM_STATE)
    u3 = used.of("U3")
    assert ({"R1": 1, "R2": 0, "R3": None}, (u3.numerator, u3.denominator)) == (
        {key[1]: row["unused"] for key, row in rows.items()},
        (sum(unused.values()), len(unused)),
    )


@pytest.mark.parametrize(
    ("ago_ms", "online", "alive", "silent_s"),
    [
        (ALIVE_MS, True, 1, 300),
        (ALIVE_MS + 1, True, 0, 300),
        (3 * DAY, True, 0, 259_200),
        # The last will says offline at once; what counts is when it was heard as one that was connected.
        (MINUTE, False, 0, 60),
    ],
)
def test_seconds_since_a_gateway_was_heard(
    store: Store, ago_ms: int, online: bool, alive: int, silent_s: int
) -> None:
    store.write([gateway(NOW - ago_ms)])
    if not online:
        store.write([gateway(NOW - ago_ms + 1000, online=False)])
    kept(store, one_school(room()))
    row = newest(store, GATEWAY_STATE)[CODE, "gw1"]
    of_school = newest(store, SCHOOL_STATE)[(CODE,)]
    assert (alive, silent_s, 12, 4, 1, (1, alive, silent_s)) == (
        row["alive"],
        row["silent_s"],
        row["produced"],
        row["pending"],
        row["dropped"],
        (of_school["gateways"], of_school["gateways_alive"], of_school["silent_s"]),
    )


def test_a_school_says_how_many_of_its_alerts_fire(store: Store) -> None:
    for subject, *states in (("AP1", "firing"), ("AP2", "firing", "inactive"), ("AP3", "pending", "firing")):
        for later, status in enumerate(states):
            tags = ("120116", CODE, "access-point-down", subject)
            store.write([row_of(ALERT, tags, NOW - DAY + later, status=status)])
    kept(store, registry([school(CODE), school("2112000002")]))
    assert {(CODE,): 2, ("2112000002",): 0} == {
        tags: row["firing"] for tags, row in newest(store, SCHOOL_STATE).items()
    }


def test_alerts_of_the_bureau_and_of_strangers_are_counted_until_they_end(store: Store) -> None:
    bureau, stranger = ("", "", "certificate", "ca.pem"), ("120116", "9999999999", "stray", "9999999999")
    store.write([row_of(ALERT, tags, NOW - DAY, status="firing") for tags in (bureau, stranger)])
    known = one_school(room())
    counts = []
    for later, ended in ((0, False), (10 * MINUTE, True)):
        if ended:
            store.write([row_of(ALERT, bureau, NOW, status="inactive")])
        kept(store, known, NOW + later)
        found = newest(store, SCHOOL_STATE)
        counts.append({tags: (row["firing"], row["heard"]) for tags, row in found.items()})
    assert [{("",): (now, None), ("9999999999",): (1, None), (CODE,): (0, 0)} for now in (1, 0)] == counts


def test_a_part_of_the_district_counts_no_school_of_another_part_as_a_stranger(store: Store) -> None:
    store.write([row_of(ALERT, ("120116", "2112000002", "x", "y"), NOW - DAY, status="firing")])
    part, whole = registry([school(CODE)]), registry([school(CODE), school("2112000002")])
    facts = observe(store, part, BINHAI, as_of=AS_OF, now_ms=NOW)
    assert [] == keep(store, part, evaluate(part, BINHAI, facts, AS_OF), NOW, whole=whole)
    assert {(CODE,)} == newest(store, SCHOOL_STATE).keys()


def test_a_school_that_no_gateway_ever_spoke_for_has_a_row_of_its_own(store: Store) -> None:
    kept(store, one_school(room()))
    row = newest(store, SCHOOL_STATE)[(CODE,)]
    assert (0, 0, 0, 0, None) == (
        row["gateways"],
        row["gateways_alive"],
        row["heard"],
        row["alive"],
        row["silent_s"],
    )


def test_a_sections_verdicts_stand_side_by_side(store: Store) -> None:
    kept(store, one_school(room(), declared=1, pupils=None))
    rows = newest(store, STANDING)
    section, whole = rows[CODE, "primary"], rows[CODE, "school"]
    assert (("undetermined", None), ("undetermined", None), "学校01") == (
        (section["multimedia_rooms"], section["wireless"]),
        (whole["wireless"], whole["multimedia_rooms"]),
        section["school_name"],
    )


@pytest.mark.parametrize("seed", range(3))
def test_sections_are_stored_when_a_verdict_changes_and_read_as_if_it_were_each_time(
    tmp_path: Path, seed: int
) -> None:
    chance, changes, moment = random.Random(seed), Changes(), NOW  # noqa: S311 - the same in every run
    with (
        open_store(f"sqlite:///{tmp_path / 'whole'}") as whole,
        open_store(f"sqlite:///{tmp_path / 'changed'}") as changed,
    ):
        whole.prepare()
        changed.prepare()
        for _ in range(12):
            known = one_school(
                room(), declared=chance.choice([1, 1, 1, 40]), pupils=chance.choice([40, 40, None])
            )
            kept(whole, known, moment)
            kept(changed, known, moment, changes)
            assert newest(whole, STANDING) == newest(changed, STANDING)
            changes = chance.choice([changes, changes, Changes()])  # begun anew
            moment += chance.choice([5, 60, 20 * 60]) * MINUTE
        assert 0 < len(moments_of(changed, STANDING)) < len(moments_of(whole, STANDING))


def moments_of(store: Store, table: Measurement) -> set[int]:
    query = Query(measurement=table, select=(Select("school_name"),), group_by=table.tag_names)
    return {row.time or 0 for row in store.query(query)}


@pytest.mark.parametrize(("status", "ok"), [("ok", 1), ("timeout", 0)])
def test_a_collector_stands_as_its_last_round_ended(store: Store, status: str, ok: int) -> None:
    store.write(points(run(NOW - 2 * MINUTE, "partial"), run(NOW - MINUTE, status)))
    kept(store, one_school(room()))
    row = newest(store, COLLECTOR_STATE)[CODE, "gw1", "ac", "127.0.0.1"]
    assert (ok, status, 60) == (row["ok"], row["status"], row["silent_s"])


def test_states_are_told_every_five_minutes_and_verdicts_each_time(store: Store) -> None:
    for minute in range(0, 11, 2):
        kept(store, one_school(room()), NOW + minute * MINUTE)
    times = {
        table: sorted(
            {
                row.time or 0
                for row in store.query(
                    Query(measurement=table, select=(Select(field),), group_by=table.tag_names)
                )
            }
        )
        for table, field in ((SCHOOL_STATE, "gateways"), (ROOM_COVERAGE, "verdict"))
    }
    assert ([0, 6], [0, 2, 4, 6, 8, 10]) == tuple(
        [(moment - NOW) // MINUTE for moment in times[table]] for table in (SCHOOL_STATE, ROOM_COVERAGE)
    )


def named(*rooms: Room, name: str = "模拟第一小学", **figures: str) -> Registry:
    return registry([replace(school(CODE, **figures), name=name)], rooms=rooms)


def names(store: Store, table: Measurement) -> dict[tuple[str, ...], tuple[Value | None, Value | None]]:
    return {tags: (row["label"], row["present"]) for tags, row in newest(store, table).items()}


def test_names_stay_right_when_the_registry_changes(store: Store) -> None:
    class_1, hall = replace(room("101"), name="一年级1班"), replace(room("A / 1.(2)"), name=None)
    kept(store, named(class_1, hall))
    before = names(store, SCHOOL_NAME), names(store, ROOM_NAME)
    kept(store, named(replace(class_1, name="一年级\t甲班"), name="滨海第一小学"), NOW + MINUTE)
    after = names(store, SCHOOL_NAME), names(store, ROOM_NAME)
    assert (
        {(CODE,): (f"{CODE}\t模拟第一小学", 1)},
        {(CODE, "101"): ("101\t一年级1班", 1), (CODE, "A / 1.(2)"): ("A / 1.(2)\tA / 1.(2)", 1)},
        {(CODE,): (f"{CODE}\t滨海第一小学", 1)},
        {(CODE, "101"): ("101\t一年级 甲班", 1), (CODE, "A / 1.(2)"): ("A / 1.(2)\tA / 1.(2)", 0)},
    ) == (*before, *after)


def test_a_room_code_that_schools_call_differently_is_no_name_over_several_of_them(store: Store) -> None:
    other = "2112000002"
    rooms = [
        replace(room("101"), name="一年级1班"),
        replace(room("101"), school_code=other, name="美术教室"),
        replace(room("102"), name="一年级2班"),
        replace(room("102"), school_code=other, name="一年级2班"),
    ]
    kept(store, registry([school(CODE), school(other)], rooms=rooms))
    rows = newest(store, ROOM_NAME)
    assert (("101\t一年级1班", "101\t101"), ("102\t一年级2班", "102\t一年级2班")) == tuple(
        (rows[CODE, code]["label"], rows[CODE, code]["common_label"]) for code in ("101", "102")
    )


def test_names_are_written_when_they_change_and_once_a_day(store: Store) -> None:
    for later in (0, MINUTE, 2 * MINUTE, DAY, DAY + MINUTE):
        kept(store, named(room("101")), NOW + later)
    rows = store.query(Query(measurement=SCHOOL_NAME, select=(Select("name"),), group_by=("school",)))
    assert [NOW, NOW + DAY] == [row.time for row in rows]


def test_a_place_that_the_registry_does_not_list_is_told_apart(store: Store) -> None:
    store.write(points(projector(NOW, room="R9")))
    kept(store, one_school(room()))
    assert "R9（未登记）" == newest(store, ROOM_STATE)[CODE, "R9"]["room_name"]


def test_rows_written_before_there_were_numbers_stay_readable(tmp_path: Path) -> None:
    """A store of an older version has no such columns: what was not written is missing, the rest is there."""
    old = Measurement(
        name=VERDICT.name,
        kept=VERDICT.kept,
        tags=VERDICT.tags,
        fields=tuple(column for column in VERDICT.fields if column.name in {"verdict", "value"}),
    )
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    with open_store(url) as store:
        store.prepare()
        tags = ("120116", CODE, "primary", "L7")
        store.write([row_of(old, tags, NOW - DAY, verdict="pass", value="2.5")])
    with open_store(url) as store:
        before = newest(store, VERDICT)[tags[1:]]
        kept(store, one_school(room(), declared=1))
        after = newest(store, VERDICT)[tags[1:]]
    assert (("pass", "2.5", None), True) == (
        (before["verdict"], before["value"], before["passed"]),
        after["passed"] is not None,
    )


def row_of(table: Measurement, tags: tuple[str, ...], time: int, **fields: Value) -> Point:
    return Point(table, tags, time, tuple(fields.get(name) for name in table.field_names))
