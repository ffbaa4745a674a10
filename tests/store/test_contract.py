"""What every store owes its users; each test runs on every store of this machine."""

import threading

import pytest

from contract import AccessPoint, Address, Column, Measurement, Point, RoomDevice, to_point
from store import Condition, Query, Rejected, Row, Select, Store

GATEWAY = Address("120116", "0112000001", "gw-1")
EPOCH = "0123456789abcdef"
T0 = 1_790_000_000_000
AP = AccessPoint.measurement


def ap(second: int, *, ap: str = "AP1", seq: int = 1, **fields: object) -> Point:
    values = {"state": "up", "clients": second, **fields}
    return to_point(
        GATEWAY, EPOCH, seq, AccessPoint.model_validate({"ap": ap, "time": T0 + second * 1000, **values})
    )


def test_a_point_comes_back_as_it_was_written(store: Store) -> None:
    device = RoomDevice(
        time=T0,
        device='projector "1", \\ 多媒体=1',
        type="projector",
        room="教室 3-2",
        reachable=True,
        power="on",
        faults='lamp="error"\\',
        power_w=250.0,
    )
    store.write([to_point(GATEWAY, EPOCH, 7, device)])
    names = RoomDevice.measurement.field_names
    found = store.query(
        Query(
            measurement=RoomDevice.measurement,
            select=tuple(Select(name) for name in names),
            group_by=("school", "device", "room"),
        )
    )
    values = {**dict.fromkeys(names), "seq": 7, "reachable": True, "power": "on"}
    values |= {"faults": 'lamp="error"\\', "power_w": 250.0}
    assert [Row({"school": "0112000001", "device": device.device, "room": "教室 3-2"}, T0, values)] == found
    assert isinstance(found[0].values["power_w"], float)


def test_writing_twice_is_writing_once(store: Store) -> None:
    points = [ap(second) for second in range(10)]
    store.write(points)
    store.write(points)
    assert [Row({}, None, {"n": 10, "total": 45})] == store.query(
        Query(measurement=AP, select=(Select("clients", "count", "n"), Select("clients", "sum", "total")))
    )


def test_a_second_write_of_a_point_overlays_known_fields_and_keeps_the_others(store: Store) -> None:
    store.write([ap(0, clients=3, name="old")])
    store.write([ap(0, clients=5)])
    assert [Row({}, T0, {"clients": 5, "name": "old"})] == store.query(
        Query(measurement=AP, select=(Select("clients"), Select("name")))
    )


def test_what_does_not_fit_is_rejected_and_the_rest_is_stored(store: Store) -> None:
    good = [ap(second) for second in range(5)]
    wrong = good[0]._replace(fields=(*good[0].fields[:5], "many", *good[0].fields[6:]), time=T0 + 99_000)
    rejected = store.write([*good[:2], wrong, *good[2:]])
    count = store.query(Query(measurement=AP, select=(Select("clients", "count", "n"),)))
    assert [wrong] == [item.point for item in rejected]
    assert "many" in rejected[0].reason
    assert [Row({}, None, {"n": 5})] == count


def test_a_point_that_contradicts_the_stored_type_is_rejected_alone(store: Store, kind: str) -> None:
    if kind == "sqlite":
        # SQLite's columns come from the table itself, so no stored type can contradict it.
        return
    text = Measurement(
        name=AP.name,
        kept=AP.kept,
        tags=AP.tags,
        fields=tuple(
            Column(name=column.name, type="text" if column.name == "clients" else column.type)
            for column in AP.fields
        ),
    )
    store.write([ap(0)])
    others = [ap(second) for second in range(1, 20)]
    strange = Point(
        text,
        others[0].tags,
        T0 + 99_000,
        (1, "up", None, None, None, "three", *[None] * (len(AP.fields) - 6)),
    )
    rejected = store.write([*others[:9], strange, *others[9:]])
    assert [strange] == [item.point for item in rejected]
    assert "type conflict" in rejected[0].reason
    assert [Row({}, None, {"n": 20})] == store.query(
        Query(measurement=AP, select=(Select("clients", "count", "n"),))
    )


def test_a_point_without_any_value_is_rejected(store: Store) -> None:
    empty = ap(0)._replace(fields=(None,) * len(AP.fields))
    assert [Rejected(empty, "no field has a value")] == store.write([empty])


def test_reading_a_measurement_that_nobody_wrote_gives_nothing(store: Store) -> None:
    assert [] == store.query(Query(measurement=AP, select=(Select("clients"),)))


def test_newest_gives_the_last_rows_of_each_group(store: Store) -> None:
    store.write([ap(second, ap=f"AP{second % 2}") for second in range(10)])
    rows = store.query(
        Query(measurement=AP, select=(Select("clients"), Select("state")), group_by=("ap",), newest=2)
    )
    assert [("AP0", 6), ("AP0", 8), ("AP1", 7), ("AP1", 9)] == [
        (row.tags["ap"], row.values["clients"]) for row in rows
    ]


def test_distinct_gives_each_value_of_a_group_once(store: Store) -> None:
    months = 40 * 86_400  # so that in a store of files the values lie in several
    store.write([ap(second, clients=second % 3) for second in (0, 1, 2, 3, 4, months, months + 1)])
    store.write([ap(9, ap="AP2", clients=7), ap(10, ap="AP2", clients=None)])
    found = store.query(Query(measurement=AP, select=(Select("clients"),), group_by=("ap",), distinct=True))
    assert [("AP1", None, 0), ("AP1", None, 1), ("AP1", None, 2), ("AP2", None, 7)] == sorted(
        (row.tags["ap"], row.time, row.values["clients"]) for row in found
    )


def test_windows_begin_at_multiples_of_their_length(store: Store) -> None:
    store.write([ap(second) for second in range(10)])
    rows = store.query(
        Query(
            measurement=AP,
            select=(Select("clients", "count", "n"), Select("state", "last", "state")),
            since=T0 + 1000,
            until=T0 + 9000,
            window_ms=4000,
        )
    )
    assert [(T0, 3, "up"), (T0 + 4000, 4, "up"), (T0 + 8000, 1, "up")] == [
        (row.time, row.values["n"], row.values["state"]) for row in rows
    ]


def test_conditions_select_by_tag_and_by_field(store: Store) -> None:
    store.write([ap(s, ap=f"AP{s % 3}", state="down" if s == 4 else "up", room="R'1") for s in range(9)])
    rows = store.query(
        Query(
            measurement=AP,
            select=(Select("clients", "count", "n"),),
            group_by=("ap",),
            where=(
                Condition("ap", "=", ("AP0", "AP1")),
                Condition("room", "=", "R'1"),
                Condition("state", "!=", "down"),
                Condition("clients", ">=", 1),
            ),
        )
    )
    assert [("AP0", 2), ("AP1", 2)] == [(row.tags["ap"], row.values["n"]) for row in rows]


def test_a_tag_that_does_not_apply_is_found_as_the_empty_text(store: Store) -> None:
    store.write([ap(0, room="R1"), ap(1, room="")])
    query = Query(
        measurement=AP,
        select=(Select("clients"),),
        group_by=("room",),
        where=(Condition("room", "=", ""),),
    )
    assert [Row({"room": ""}, T0 + 1000, {"clients": 1})] == store.query(query)


def test_one_of_no_values_is_nothing(store: Store) -> None:
    store.write([ap(0)])
    query = Query(measurement=AP, select=(Select("clients"),), where=(Condition("ap", "=", ()),))
    assert [] == store.query(query)


def test_several_threads_may_write_and_read_at_once(store: Store) -> None:
    def work(number: int) -> None:
        for second in range(20):
            store.write([ap(second, ap=f"AP{number}")])
            store.query(Query(measurement=AP, select=(Select("clients"),), newest=1))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = store.query(Query(measurement=AP, select=(Select("clients", "count", "n"),), group_by=("ap",)))
    assert [(f"AP{number}", 20) for number in range(4)] == [
        (row.tags["ap"], row.values["n"]) for row in counts
    ]


def test_a_query_that_cannot_mean_anything_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="has no field 'colour'"):
        Query(measurement=AP, select=(Select("colour"),))
    with pytest.raises(ValueError, match="cannot take the sum"):
        Query(measurement=AP, select=(Select("state", "sum"),))
    with pytest.raises(ValueError, match="mixes"):
        Query(measurement=AP, select=(Select("state"), Select("clients", "sum")))
