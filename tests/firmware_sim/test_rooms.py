"""Panels, class PCs and their switch as net-snmp and a bare socket meet them."""

import asyncio
import socket

from firmware_sim import World, load_scenario
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.serving import SchoolRooms, serve_rooms
from tests.firmware_sim.conftest import CASES, LESSON, NIGHT, at
from tests.firmware_sim.far_side import walk

SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
CAMPUS = World(SCENARIO).campus(SCENARIO.schools[0].code)
FORWARDING, PORTS = "1.3.6.1.2.1.17.7.1.2.2.1", "1.3.6.1.2.1.2.2.1.8"


def _walked(time: float, root: str, tool: str = "snmpbulkwalk") -> dict[str, str]:
    async def story() -> dict[str, str]:
        async with serve_rooms(
            CAMPUS, 8, seed=11, community="campus-sim", clock=at(time), follows=False
        ) as rooms:
            return await walk(rooms.switch, root, tool=tool)

    return asyncio.run(story())


def test_the_switch_hears_every_computer_of_a_lesson_and_net_snmp_walks_it_either_way() -> None:
    bulk = _walked(LESSON, FORWARDING)
    macs = {".".join(name.rsplit(".", 6)[-6:]) for name in bulk}
    assert macs == {".".join(map(str, one.mac)) for one in Equipment(CAMPUS.school).computers}
    assert bulk == _walked(LESSON, FORWARDING, "snmpwalk")


def test_at_night_it_hears_none_and_its_ports_have_no_link() -> None:
    assert (_walked(NIGHT, FORWARDING), set(_walked(NIGHT, PORTS).values())) == ({}, {"INTEGER: 2"})


def test_a_computer_takes_connections_in_a_lesson_and_is_silent_at_night() -> None:
    async def connects(rooms: SchoolRooms) -> str:
        where = rooms.doors["PC-103"].endpoint
        try:
            async with asyncio.timeout(0.3):
                _, writer = await asyncio.open_connection(where.host, where.port, family=socket.AF_INET)
        except TimeoutError:
            return "silent"
        writer.close()
        return "there"

    async def story(time: float) -> str:
        async with serve_rooms(
            CAMPUS, 8, seed=11, community="campus-sim", clock=at(time), follows=False
        ) as rooms:
            return await connects(rooms)

    assert [asyncio.run(story(time)) for time in (LESSON, NIGHT)] == ["there", "silent"]


def test_a_lesson_fills_the_room_and_the_plug_draws_what_runs() -> None:
    life, equipment = RoomLife(CAMPUS, seed=11), Equipment(CAMPUS.school)
    room = next(one.room for one in equipment.plugs if one.room.code == "103")
    ap = next(one for one in CAMPUS.layout.access_points if one.room.code == "103")
    clients = [CAMPUS.ap_state(ap, int(time)).clients for time in (LESSON, NIGHT)]
    watts = [life.watts(room, time) for time in (LESSON, NIGHT)]
    assert (clients[0] > 3 * clients[1], watts[0] > 300, watts[1] < 5) == (True, True, True)


def test_the_meter_adds_up_what_is_drawn_and_never_runs_backwards() -> None:
    life, equipment = RoomLife(CAMPUS, seed=11), Equipment(CAMPUS.school)
    room = next(one.room for one in equipment.plugs if one.room.code == "103")
    since = LESSON - 3 * 86_400
    readings = [life.energy_wh(room, LESSON + step * 17, since=since) for step in range(40)]
    assert readings == sorted(readings)
    hour = life.energy_wh(room, NIGHT + 3600, since=NIGHT)
    assert 3 < hour < 4
