"""PJLink class 2: what simulated projectors tell beside, where they are, and that they have changed."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from contract import RoomDevice
from edge_agent.collectors import pjlink
from edge_agent.collectors.base import Round
from edge_agent.collectors.pjlink import DAY_MS, IDENTITY_COMMANDS, Pjlink
from edge_agent.collectors.pjlink_udp import search
from edge_agent.settings import PjlinkSettings
from edge_agent.tables import Projector
from firmware_sim import Endpoint, World, load_scenario, serve
from firmware_sim.pjlink2 import mac_of, second_answers, serial_of, udp_side
from tests.firmware_sim.conftest import CASES, LESSON
from tests.firmware_sim.far_side import say
from tests.servers import free_port

SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
SCHOOL = SCENARIO.schools[0].code
WORLD = World(SCENARIO)
HUNG = {one.device: one for one in WORLD.campus(SCHOOL).layout.projectors}


class Site:
    """The school's projectors; the one of room 103 knows class 2, that of 104 does not."""

    def __init__(self, folder: Path, places: dict[str, Endpoint]) -> None:
        self.folder, self.places = folder, places
        self.now = LESSON

    def collector(self, **changes: object) -> Pjlink:
        (self.folder / "projectors.csv").touch()
        settings = PjlinkSettings.model_validate(
            {"id": "p", "projectors": self.folder / "projectors.csv", "reply_timeout_s": 0.4} | changes
        )
        listed = [
            Projector(host=at.host, port=at.port, device=device, room=HUNG[device].room.code)
            for device, at in self.places.items()
        ]
        return Pjlink(settings, projectors=listed)

    async def rounds(self, collector: Pjlink, count: int) -> Round:
        for _ in range(count):
            self.now += 60
            result = await collector.collect(lambda: int(self.now * 1000))
        return result


def visit(folder: Path, story: Callable[[Site], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        site: list[Site] = []
        async with serve(SCENARIO, clock=lambda: site[0].now if site else LESSON, world=WORLD) as addresses:
            site.append(Site(folder, dict(addresses[SCHOOL].projectors)))
            return await story(site[0])

    return asyncio.run(run())


def told(result: Round, device: str) -> RoomDevice:
    return next(one for one in result.readings if isinstance(one, RoomDevice) and one.device == device)


def test_one_of_class_2_tells_serial_number_and_filter_hours_and_the_other_is_not_asked(
    tmp_path: Path,
) -> None:
    result: Round = visit(tmp_path, lambda site: site.rounds(site.collector(), 2))
    second, first = told(result, "PJ-103"), told(result, "PJ-104")
    campus = WORLD.campus(SCHOOL)
    answers = second_answers(campus, HUNG["PJ-103"], LESSON + 120)
    assert (second.serial, str(second.filter_h)) == (serial_of(campus, HUNG["PJ-103"]), answers["FILT"])
    assert (first.serial, first.filter_h, {run.status for run in result.runs}) == (None, None, {"ok"})


def test_class_2_is_asked_once_a_day_and_told_every_round(tmp_path: Path) -> None:
    async def story(site: Site) -> tuple[int, int, str | None]:
        collector = site.collector()
        await site.rounds(collector, 2)
        quiet = await site.rounds(collector, 1)
        site.now += DAY_MS / 1000
        again = await site.rounds(collector, 1)
        place = site.places["PJ-103"]
        runs = [
            next(run for run in one.runs if run.target in {str(place), place.host}) for one in (quiet, again)
        ]
        return runs[0].requests, runs[1].requests, told(again, "PJ-103").serial

    quiet, again, serial = visit(tmp_path, story)
    assert (again - quiet, serial is not None) == (len(IDENTITY_COMMANDS) + 2, True)


def test_a_projector_of_class_1_does_not_know_the_commands_of_class_2(tmp_path: Path) -> None:
    async def story(site: Site) -> list[list[str]]:
        places = [site.places[f"PJ-{room}"] for room in (103, 104)]
        return [(await say(place, "%2SNUM ?", "%1CLSS ?"))[-2:] for place in places]

    second, first = visit(tmp_path, story)
    assert (second[0][:12], second[1], first) == ("%2SNUM=X5SIM", "%1CLSS=2", ["%2SNUM=ERR1", "%1CLSS=1"])


def test_a_search_finds_those_of_class_2_by_their_address(tmp_path: Path) -> None:
    async def story() -> dict[str, str]:
        port = free_port()
        async with udp_side("127.0.0.1", "0E:00:01:00:00:07", port=port):
            return await search(["127.0.0.1", "127.0.0.2"], port=port, within_s=0.2)

    assert asyncio.run(story()) == {"127.0.0.1": "0e:00:01:00:00:07"}


def test_one_that_has_moved_is_followed_by_its_card(tmp_path: Path) -> None:
    async def story(site: Site) -> tuple[str | None, ...]:
        here, there = site.places["PJ-103"], site.places["PJ-104"]
        mac = mac_of(WORLD.campus(SCHOOL), HUNG["PJ-103"])
        port = free_port()
        collector = site.collector(search=[here.host, there.host], search_port=port)
        async with udp_side(here.host, mac, port=port):
            before = told(await site.rounds(collector, 1), "PJ-103").lamp_h
        site.now += 3600
        # Its card is now at the address of the other one, a laser, which tells no lamp hours.
        async with udp_side(there.host, mac, port=port):
            after = told(await site.rounds(collector, 1), "PJ-103").lamp_h
        return before, after

    before, after = visit(tmp_path, story)
    assert (before is not None, after) == (True, None)


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (b"%2POWR=1\r", 1),
        (b"%2LKUP=0E:00:01:00:00:07\r", 1),
        (b"%2ERST=010000", 1),
        (b"%2POWR=" + b"1" * 500, 0),
        (b"%1POWR=1\r", 0),
        (b"\xff" * 64, 0),
    ],
)
def test_a_notification_is_a_hint_to_ask_at_once(tmp_path: Path, message: bytes, asked: int) -> None:
    async def story(site: Site) -> list[int]:
        port = free_port()
        collector = site.collector(notifications="127.0.0.1", notification_port=port)
        await site.rounds(collector, 1)
        at = site.now
        source = site.places["PJ-103"].host
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=(source, 0), remote_addr=("127.0.0.1", port)
        )
        for _ in range(20):  # a flood of them asks once
            transport.sendto(message)
        await asyncio.sleep(0.3)
        transport.close()
        result = await site.rounds(collector, 1)
        await collector.close()
        return [
            one.time
            for one in result.readings
            if isinstance(one, RoomDevice) and one.device == "PJ-103" and one.time == int(at * 1000)
        ]

    assert len(visit(tmp_path, story)) == asked


def test_a_notification_of_a_stranger_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pjlink, "_HINT_PAUSE_S", 0.0)

    async def story(site: Site) -> int:
        port = free_port()
        collector = site.collector(notifications="127.0.0.1", notification_port=port)
        await site.rounds(collector, 1)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
        )
        transport.sendto(b"%2POWR=0\r")
        await asyncio.sleep(0.2)
        transport.close()
        result = await site.rounds(collector, 1)
        await collector.close()
        return len(result.readings)

    assert visit(tmp_path, story) == 2
