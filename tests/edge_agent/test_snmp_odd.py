"""Controllers that change while they are read, give other types than their MIB says, or count otherwise."""

from pathlib import Path

import pytest

from edge_agent.collectors.base import Round
from tests.edge_agent.controllers import (
    AP,
    JOINED,
    TOTAL,
    Faulty,
    Objects,
    Typed,
    Value,
    changing,
    controller,
    mac,
)
from tests.edge_agent.wlan import aps, collect, collect_from, collector, radios, room_map, run_of, verdict
from tests.servers import running

WHOLE = controller(6)
# Within the walk: behind the columns that name the access points, before their gauges are read.
MIDDLE = 40


def without(objects: Objects, number: int) -> Objects:
    return {name: value for name, value in objects.items() if mac(number) not in name}


def states(result: Round) -> dict[str, str]:
    return {ap: reading.state for ap, reading in aps(result).items() if reading.state != "up"}


def test_a_row_that_vanishes_while_the_table_is_read_is_no_whole_table(tmp_path: Path) -> None:
    with running(changing(tmp_path, (0, WHOLE), (MIDDLE, without(WHOLE, 3)))) as server:
        wlan = collector(server.port, room_map(SER3="103"))
        rounds = [collect(wlan) for _ in range(3)]
    assert (["partial"] * 3, {}, {"SER3": "unknown"}) == (
        [run_of(each).status for each in rounds],
        states(rounds[0]),
        states(rounds[2]),
    )


def test_a_row_that_appears_while_the_table_is_read_is_no_whole_table(tmp_path: Path) -> None:
    before: Objects = {**without(WHOLE, 3), TOTAL: 5}
    with running(changing(tmp_path, (0, before), (MIDDLE, WHOLE))) as server:
        wlan = collector(server.port, room_map(SER3="103"))
        first, second = collect(wlan), collect(wlan)
    assert (("partial", 5, 5), {"SER3": "unknown"}, ("ok", 6, 6), {}) == (
        verdict(first),
        states(first),
        verdict(second),
        states(second),
    )


def test_a_controller_that_starts_anew_in_the_middle_is_no_whole_table(tmp_path: Path) -> None:
    with running(changing(tmp_path, (0, WHOLE), (100, {TOTAL: 0, JOINED: 0}))) as server:
        result = collect(collector(server.port))
    assert (("partial", 6, 6), True) == (verdict(result), "的射频" in (run_of(result).reason or ""))


def test_numbers_of_other_types_and_numbers_as_texts_are_numbers(tmp_path: Path) -> None:
    changes: dict[str, Value | None] = {
        TOTAL: b"6",
        f"{AP}.6.{mac(0)}": Typed(0x42, b"\x08"),
        f"{AP}.44.{mac(0)}": Typed(0x41, b"\x0b"),
        f"{AP}.6.{mac(1)}": b"8",
        f"{AP}.44.{mac(1)}": b"13\0",
        f"{AP}.2.{mac(2)}": 20_260_101,
        f"{AP}.4.{mac(3)}": "高一（3）班".encode("gbk"),
    }
    with running(changing(tmp_path, (0, controller(6, changes=changes)))) as server:
        result = collect(
            collector(server.port, room_map(**{"20260101": "102", "高一（3）班": "103"})), times=3
        )
    found = aps(result)
    assert (("ok", 6, 6), [11, 13], "102", "103", {}) == (
        verdict(result),
        [found["SER0"].clients, found["SER1"].clients],
        found["20260101"].room,
        found["SER3"].room,
        states(result),
    )


@pytest.mark.parametrize("odd", [b"many", b"\x01\xff"])
def test_one_cell_that_is_not_understood_is_told_and_costs_no_other(odd: bytes) -> None:
    result = collect_from(Faulty(controller(6, changes={f"{AP}.44.{mac(1)}": odd})))
    assert ("partial", "clients 有 1 行读不懂", [12, None, 12], 12) == (
        run_of(result).status,
        run_of(result).reason,
        [aps(result)[f"SER{number}"].clients for number in range(3)],
        len(radios(result)),
    )


def test_a_count_that_stands_for_not_known_costs_no_row(tmp_path: Path) -> None:
    unknown: dict[str, Value | None] = {TOTAL: Typed(0x42, b"\xff" * 4)}
    with running(changing(tmp_path, (0, controller(6, changes=unknown)))) as server:
        assert ("ok", 6, 6) == verdict(collect(collector(server.port)))


@pytest.mark.parametrize("count", [0, 3])
def test_a_count_below_what_the_table_has_proves_no_absence(tmp_path: Path, count: int) -> None:
    with running(changing(tmp_path, (0, {**WHOLE, TOTAL: count}))) as server:
        result = collect(collector(server.port, room_map(ELSEWHERE="104")), times=3)
    assert (("partial", 6, count), {"ELSEWHERE": "unknown"}) == (verdict(result), states(result))


def test_an_access_point_that_came_after_the_count_makes_it_no_wrong_one() -> None:
    assert ("ok", 6, 5) == verdict(collect_from(Faulty(controller(6, changes={TOTAL: 5}))))


def test_a_count_of_those_that_joined_is_not_met_by_rows_of_those_that_are_away() -> None:
    """Without a count of all: four are there, two of the four that the table tells are away."""
    away: dict[str, Value | None] = {f"{AP}.6.{mac(number)}": 4 for number in (0, 1)}
    half = controller(4, changes={TOTAL: None, JOINED: 4, **away})
    whole = controller(6, changes={TOTAL: None, JOINED: 4, **away})
    assert [("partial", 4, 4), ("ok", 6, 4)] == [
        verdict(collect_from(Faulty(each))) for each in (half, whole)
    ]


def test_who_shares_a_serial_number_may_be_any_that_the_map_knows_by_it(tmp_path: Path) -> None:
    doubled = controller(6, changes={f"{AP}.2.{mac(0)}": b"SER3"})
    with running(changing(tmp_path, (0, doubled))) as server:
        result = collect(collector(server.port, room_map(SER0="101", SER3="103", SER5="105")), times=3)
    assert ({"SER0": "unknown", "SER3": "unknown"}, True) == (
        states(result),
        "2 个接入点没有可用的序列号" in (run_of(result).reason or ""),
    )


def test_who_has_no_serial_number_but_a_line_in_the_map_hides_nobody(tmp_path: Path) -> None:
    nameless = controller(6, changes={f"{AP}.2.{mac(0)}": b"N/A"})
    with running(changing(tmp_path, (0, nameless))) as server:
        rooms = room_map(**{"50:6f:77:ea:00:00": "101", "GONE": "104"})
        result = collect(collector(server.port, rooms), times=3)
    assert {"GONE": "down"} == states(result)
