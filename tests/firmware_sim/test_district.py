"""The whole district: addresses, a clean end, and the program around it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from firmware_sim import Scenario, run, serve
from firmware_sim.addresses import network, projector_host
from tests.firmware_sim.conftest import LESSON, at
from tests.firmware_sim.far_side import listening, say

SCHOOL = "0112000004"


def test_each_device_has_an_address_of_its_own(week: Scenario) -> None:
    async def hosts() -> list[str]:
        async with serve(week, clock=at(LESSON)) as addresses:
            return [
                endpoint.host
                for school in addresses.values()
                for endpoint in (school.controller, *school.projectors.values())
            ]

    found = asyncio.run(hosts())
    assert found == [
        "127.1.0.1",
        *(f"127.1.0.{number}" for number in range(10, 21)),
        "127.1.1.1",
        "127.1.1.10",
        "127.1.1.11",
    ]


def test_school_networks_go_on_after_two_hundred_schools() -> None:
    found = [network(0), network(199), network(200), projector_host(201, 90)]
    assert found == ["127.1.0.0/24", "127.1.199.0/24", "127.2.0.0/24", "127.2.1.99"]


def test_when_the_district_ends_nothing_listens(week: Scenario) -> None:
    async def ports() -> tuple[bool, list[int]]:
        async with serve(week, clock=at(LESSON)) as addresses:
            places = [
                endpoint
                for school in addresses.values()
                for endpoint in (school.controller, *school.projectors.values())
            ]
            controller = places[0]
            # A visitor who stays does not keep the door open.
            _, visitor = await asyncio.open_connection(places[1].host, places[1].port)
            was_there = controller.port in listening(controller.host)
        visitor.close()
        return was_there, [place.port for place in places if place.port in listening(place.host)]

    assert asyncio.run(ports()) == (True, [])


def test_a_second_district_takes_spare_ports_on_the_same_addresses(week: Scenario) -> None:
    async def both() -> tuple[bool, bool, list[str]]:
        async with serve(week, clock=at(LESSON)) as first, serve(week, clock=at(LESSON)) as second:
            mine, other = first[SCHOOL], second[SCHOOL]
            ports = [other.controller.port, *(place.port for place in other.projectors.values())]
            return (
                mine.controller.host == other.controller.host,
                mine.controller != other.controller and max(ports) < 32768,
                await say(other.projectors["PJ-101"], "%1POWR ?"),
            )

    assert asyncio.run(both()) == (True, True, ["PJLINK 0", "%1POWR=1"])


def test_a_refusing_projector_has_an_address_on_which_nothing_listens(week: Scenario) -> None:
    async def knock() -> bool:
        async with serve(week, clock=at(LESSON)) as addresses:
            refusing = addresses[SCHOOL].projectors["PJ-109"]
            return refusing.port in listening(refusing.host)

    assert asyncio.run(knock()) is False


def test_a_run_writes_its_papers_first(week: Scenario, tmp_path: Path) -> None:
    async def start_and_stop() -> None:
        stop = asyncio.Event()
        await run(week, tmp_path, stop, clock=at(LESSON), ready=lambda _: stop.set())

    asyncio.run(start_and_stop())
    found = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert found == [
        "0112000004/aps.csv",
        "0112000004/ledger/assets.csv",
        "0112000004/projectors.csv",
        "0112000004/survey/walk-20260902T002000Z.csv",
        "2112000005/aps.csv",
        "2112000005/projectors.csv",
        "2112000005/survey/walk-20260902T002000Z.csv",
        "addresses.csv",
        "registry/calendar.toml",
        "registry/rooms.csv",
        "registry/schools.csv",
        "registry/statistics.csv",
        "sim.env",
    ]


def test_the_handset_walks_until_the_run_is_stopped(week: Scenario, tmp_path: Path) -> None:
    async def three_walks() -> None:
        stop = asyncio.Event()
        times: list[float] = []

        def clock() -> float:
            times.append(LESSON + 60 * len(times))
            if len(times) == 3:
                stop.set()
            return times[-1]

        await run(week.model_copy(update={"survey_every_s": 0.01}), tmp_path, stop, clock=clock)

    asyncio.run(three_walks())
    assert sorted(file.name for file in (tmp_path / SCHOOL / "survey").iterdir()) == [
        "walk-20260902T002100Z.csv",
        "walk-20260902T002200Z.csv",
    ]


def campus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "campus.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def test_campus_sim_serves_the_demo_for_as_long_as_asked_and_says_where(tmp_path: Path) -> None:
    done = campus("sim", "--folder", str(tmp_path), "--seconds", "0.5")
    told = [name in done.stdout for name in ("滨海模拟第一小学", "2112000001", "127.1.0.1:", "campus-sim")]
    assert (done.returncode, told, done.stderr) == (0, [True] * 4, "")


def test_campus_sim_refuses_an_unknown_scenario_in_one_line(tmp_path: Path) -> None:
    done = campus("sim", "--scenario", "nowhere", "--folder", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n"), list(tmp_path.iterdir())) == (2, 1, [])
