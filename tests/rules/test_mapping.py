"""Room maps beside registry and retirements: what does not agree is told, and nothing on a guess."""

from datetime import date

from contract import Address, MappedDevice, Point, Reading, RoomMap, Status, status_point
from registry import Registry
from rules.mapping.reading import read_compared
from rules.mapping.telling import disagreements
from rules.stored.retirements import RetiredKind, Retirement, retirement_point
from store import Store
from tests.rules.build import DISTRICT
from tests.rules.telemetry import CODE, NOW, access_point, one_school, projector, room, sample
from tests.rules.test_left_out import told

DAY_MS = 86_400_000
GW1, GW2 = Address(DISTRICT, CODE, "gw1"), Address(DISTRICT, CODE, "gw2")
P1, AP1 = ("P1", "projector", "R101"), ("AP1", "access_point", "R101")


def room_map(*lines: tuple[str, str, str], time: int = NOW - DAY_MS, lacking: int = 0) -> list[Reading]:
    rooms = {room for _, _, room in lines}
    whole = RoomMap(time=time, sha256="0" * 64, lines=len(lines) + lacking, rooms=len(rooms))
    return [
        *(
            MappedDevice.model_validate(
                {"time": time, "device": device, "type": type_, "room": room, "collector": "c1"}
            )
            for device, type_, room in lines
        ),
        whole,
    ]


def online(address: Address) -> Point:
    return status_point(address, Status(online=True, time="2021-09-28T00:00:00Z"), time_ms=NOW - DAY_MS)


def retired(kind: RetiredKind, subject: str, since: date = date(2021, 9, 1), *, back: bool = False) -> Point:
    decided = Retirement(
        district=DISTRICT, school=CODE, kind=kind, subject=subject, since=since, reason="坏", retired=not back
    )
    return retirement_point(decided, NOW - 2 * DAY_MS + back)


def known() -> Registry:
    return one_school(room("R101"), room("R205", coverage="none", multimedia=False))


def found(store: Store, *points: Point, registry: Registry | None = None) -> list[tuple[str, str, str]]:
    assert store.write(list(points)) == []
    compared = read_compared(store, registry or known(), now_ms=NOW)
    return [(one.what, one.device, one.room) for one in compared.differences]


def test_a_map_that_agrees_says_nothing(store: Store) -> None:
    assert found(store, *told(GW1, *room_map(P1, AP1)), online(GW1)) == []


def test_a_room_that_the_registry_does_not_have_is_told_with_the_likely_one(store: Store) -> None:
    points = told(GW1, *room_map(P1, AP1, ("P2", "panel", "R1O1")))
    assert found(store, *points) == [("room", "P2", "R1O1")]
    (line,) = disagreements(known(), store, now_ms=NOW)[-1:]
    assert ("R1O1" in line, "可能是 R101" in line, "gw1" in line) == (True, True, True)


def test_what_is_retired_and_still_asked_is_told_by_any_of_its_names(store: Store) -> None:
    named = access_point(NOW - DAY_MS, "up", ap="2102350001").model_copy(update={"name": "七(1)班AP"})
    points = [
        *told(GW1, *room_map(P1, ("七(1)班ap", "access_point", "R101"), ("PC", "class_pc", "R205")), named),
        retired("device", "P1"),
        retired("access_point", "2102350001"),
        retired("room", "R205"),
    ]
    assert sorted(found(store, *points)) == [
        ("retired", "P1", "R101"),
        ("retired", "七(1)班ap", "R101"),
        ("retired_room", "PC", "R205"),
    ]


def test_what_is_retired_from_tomorrow_on_or_in_service_again_is_not_told(store: Store) -> None:
    points = [
        *told(GW1, *room_map(P1, AP1)),
        retired("device", "P1", date(2021, 9, 29)),
        retired("access_point", "AP1"),
        retired("access_point", "AP1", back=True),
    ]
    assert found(store, *points) == []


def test_a_retired_gateway_that_tells_still_is_told_once(store: Store) -> None:
    points = [
        *told(GW1, *room_map(P1, AP1)),
        *told(GW2, *room_map(("P2", "panel", "R9"))),
        online(GW1),
        online(GW2),
    ]
    assert found(store, *points, retired("gateway", "gw2")) == [("retired_gateway", "", "")]


def test_rooms_in_no_list_are_told_only_where_every_gateway_told_its_map(store: Store) -> None:
    points = [*told(GW1, *room_map(("P2", "plug", "R205"))), online(GW1), online(GW2)]
    assert found(store, *points) == []
    assert found(store, *told(GW2, *room_map(("B", "access_point", "R205")))) == [
        ("no_display", "", "R101"),
        ("no_access_point", "", "R101"),
    ]


def test_a_measured_room_needs_no_access_point_and_a_plug_speaks_for_a_display(store: Store) -> None:
    points = told(GW1, *room_map(("PLUG", "plug", "R101")), sample("1", -60, room="R101"))
    assert found(store, *points) == []


def test_a_device_in_two_rooms_is_told(store: Store) -> None:
    points = [*told(GW1, *room_map(P1, AP1)), *told(GW2, *room_map(("P1", "projector", "R205")))]
    assert found(store, *points) == [("two_rooms", "P1", "")]


def test_a_map_still_under_way_leaves_the_one_before(store: Store) -> None:
    old = room_map(P1, AP1, time=NOW - 2 * DAY_MS)
    new = room_map(("P2", "panel", "R9"), lacking=1)
    assert found(store, *told(GW1, *old, *new)) == []


def test_a_map_of_last_month_says_nothing_of_today(store: Store) -> None:
    assert found(store, *told(GW1, *room_map(("P2", "panel", "R9"), time=NOW - 30 * DAY_MS))) == []


def test_an_empty_map_is_one(store: Store) -> None:
    assert found(store, *told(GW1, *room_map()), online(GW1)) == [
        ("no_display", "", "R101"),
        ("no_access_point", "", "R101"),
    ]


def test_mapped_and_never_heard_is_told_apart_from_in_no_list(store: Store, sqlite_url: str) -> None:
    registry = one_school(room("R101"), room("R102"))
    points = told(GW1, *room_map(P1, AP1, ("AP2", "access_point", "R102")), projector(NOW, room="R101"))
    assert found(store, *points, registry=registry) == [("no_display", "", "R102")]
    lines = [line.partition(": ")[2] for line in disagreements(registry, store, now_ms=NOW)]
    assert lines == [
        "房间 R102 标为多媒体教室，网关的清单中没有对应到它的显示设备",
        "房间 R101、R102 在网关的清单中有 AP，但没有收到任何读数；请核对 aps.csv 中的序列号、MAC 或名称",
    ]
