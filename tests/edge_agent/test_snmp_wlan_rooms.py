"""Access points and their rooms: the map's lines, exchanges, and who serves the campus network."""

import asyncio
from itertools import count

import pytest

from contract import AccessPoint
from edge_agent.collectors.base import Round
from tests.edge_agent.controllers import (
    AP,
    HW,
    Faulty,
    Value,
    controller,
    mac,
    serving,
)
from tests.edge_agent.wlan import NOW, aps, collect_from, collector, room_map, run_of


@pytest.mark.parametrize(
    ("lines", "room", "told"),
    [
        ({"SER0": "101", "教室0": "102"}, "", True),
        ({"506f77ea0000": "101", "SER0": "102"}, "", True),
        ({"SER0": "101", "教室0": "101"}, "101", False),
    ],
)
def test_an_access_point_with_two_lines_in_the_map_is_one(
    lines: dict[str, str], room: str, told: bool
) -> None:
    result = collect_from(Faulty(controller(2)), rooms=room_map(**lines))
    assert (2, room, told) == (
        len(aps(result)),  # no ghost of the second line
        aps(result)["SER0"].room,
        "SER0" in (run_of(result).reason or ""),
    )


def test_a_name_that_two_access_points_share_moves_neither() -> None:
    same: dict[str, Value | None] = {f"{AP}.4.{mac(ap)}": b"AP" for ap in range(2)}
    agent = Faulty(controller(2, changes=same))
    result = collect_from(agent, rooms=room_map(SER0="101", AP="102"))
    assert {"SER0": "101", "SER1": "102"} == {name: ap.room for name, ap in aps(result).items()}


def test_a_name_that_several_have_gives_none_of_them_its_room() -> None:
    same: dict[str, Value | None] = {f"{AP}.4.{mac(ap)}": b"AP" for ap in range(3)}

    async def rounds() -> Round:
        agent, clock = Faulty(controller(3, changes=same)), count(NOW).__next__
        async with serving(agent):
            wlan = collector(agent.port, room_map(AP="102", SER9="109"))
            for _ in range(2):
                await wlan.collect(clock)
            return await wlan.collect(clock)

    result = asyncio.run(rounds())
    expected = {"SER0": ("", "up"), "SER1": ("", "up"), "SER2": ("", "up")}
    assert (expected | {"AP": ("102", "unknown"), "SER9": ("109", "down")}, True) == (
        {name: (ap.room, ap.state) for name, ap in aps(result).items()},
        "不知是哪一个，为未知：AP" in (run_of(result).reason or ""),
    )


def test_an_access_point_that_was_exchanged_gives_its_room_to_its_successor() -> None:
    rooms = room_map(教室0="101")
    old, new = Faulty(controller(1)), controller(1)
    moved = {oid.replace(mac(0), mac(7)): value for oid, value in new.items()}
    moved[f"{AP}.2.{mac(7)}"] = b"NEW"

    async def rounds() -> list[tuple[str, str, str]]:
        clock = count(NOW).__next__
        async with serving(old):
            wlan = collector(old.port, rooms)
            await wlan.collect(clock)
            old.objects.clear()
            old.objects.update(moved)
            old.__post_init__()
            await wlan.collect(clock)
            result = await wlan.collect(clock)
        return [(ap.ap, ap.room, ap.state) for ap in aps(result).values()]

    assert asyncio.run(rounds()) == [("NEW", "101", "up")]


def networks(names: dict[int, bytes]) -> dict[str, Value | None]:
    """HUAWEI-WLAN-VAP-MIB: a network of the first radio of each of these access points."""
    return {f"{HW}.17.1.1.1.6.{mac(number)}.0.1": name for number, name in names.items()}


@pytest.mark.parametrize(
    ("ssids", "expected"),
    # The third has no network at all in a table that is read to its end.
    [
        ((), [None, None, None]),
        (("Campus",), [True, False, False]),
        (("Guest", "Campus"), [True, True, False]),
    ],
)
def test_whether_an_access_point_serves_the_campus_network_is_told_where_it_is_known(
    ssids: tuple[str, ...], expected: list[bool | None]
) -> None:
    agent = Faulty(controller(3, changes=networks({0: b"Campus", 1: b"Guest"})))

    async def story() -> Round:
        async with serving(agent):
            return await collector(agent.port, ssids=ssids).collect(count(NOW).__next__)

    result = asyncio.run(story())
    found = {one.ap: one.serves_campus for one in result.readings if isinstance(one, AccessPoint)}
    named = "不提供校园网络" in (result.runs[0].reason or "")
    assert ([found[f"SER{number}"] for number in range(3)], named) == (expected, False in expected)
