"""Faults by command while the district runs, and by its scenario."""

import asyncio
from pathlib import Path

import pytest

from firmware_sim import Faults, Scenario, SnmpFaults, load_scenario, run, serve
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.steering import Fault, Steering, check_faults, known_faults, read_faults, write_fault
from runtime.errors import ConfigError, UserError
from tests.firmware_sim.conftest import CASES, LESSON, at
from tests.firmware_sim.far_side import AP_TABLE, column, net_snmp

ROOMS = load_scenario(str(CASES / "rooms" / "scenario.toml"))
SCHOOL = ROOMS.schools[0].code


def of_school(folder: Path, *devices: str) -> None:
    """A school's folder with lists that name these."""
    (folder / SCHOOL).mkdir()
    lines = "".join(f"{device}\n" for device in devices)
    (folder / SCHOOL / "devices.csv").write_text(f"device\n{lines}", encoding="utf-8-sig")


def test_a_command_puts_a_fault_into_the_table_and_takes_it_out(tmp_path: Path) -> None:
    of_school(tmp_path, "PN-101")
    for name in ("mute", "slow"):
        write_fault(tmp_path, Fault(SCHOOL, "AC", name))
    write_fault(tmp_path, Fault(SCHOOL, "PN-101", "moved"))
    both = read_faults(tmp_path)
    write_fault(tmp_path, Fault(SCHOOL, "AC", "none"))
    assert (both, read_faults(tmp_path)) == (
        [Fault(SCHOOL, "AC", "slow"), Fault(SCHOOL, "PN-101", "moved")],
        [Fault(SCHOOL, "PN-101", "moved")],
    )


@pytest.mark.parametrize(
    ("school", "device", "name", "said"),
    [
        (SCHOOL, "AC", "refuse", "AC 没有故障 'refuse'"),
        (SCHOOL, "SW", "swapped", "SW 没有故障 'swapped'"),
        (SCHOOL, "TP-1", "moved", "TP-1 没有故障 'moved'"),
        ("1", "AC", "mute", "没有学校 1"),
        (SCHOOL, "PN-999", "moved", f"学校 {SCHOOL} 没有设备 PN-999，有：AC, SW, TP-1"),
    ],
)
def test_what_a_device_cannot_have_is_refused(
    tmp_path: Path, school: str, device: str, name: str, said: str
) -> None:
    of_school(tmp_path, "TP-1")
    with pytest.raises(UserError, match=said):
        write_fault(tmp_path, Fault(school, device, name))


def test_devices_follow_the_table_and_are_mended_with_it(tmp_path: Path) -> None:
    faults, rooms = Faults(), RoomFaults()
    steering = Steering(tmp_path, faults, {SCHOOL: rooms})
    of_school(tmp_path, "PJ-103", "PC-103", "TP-101")
    for device, name in (
        ("AC", "loops"),
        ("SW", "mute"),
        ("PJ-103", "refuse"),
        ("PC-103", "lies"),
        ("TP-101", "reset"),
    ):
        write_fault(tmp_path, Fault(SCHOOL, device, name))
    steering.follow()
    found = [
        faults.controller(SCHOOL).loop_row,
        rooms.switch.mute,
        faults.projector(SCHOOL, "PJ-103").fault,
        rooms.computer("PC-103").fault,
        rooms.plug("TP-101").fault,
    ]
    (tmp_path / "faults.csv").unlink()
    steering.follow()
    mended = [
        faults.controller(SCHOOL),
        rooms.switch,
        rooms.computer("PC-103").fault,
        rooms.plug("TP-101").fault,
    ]
    assert (found, mended) == (
        [2, True, "refuse", "lies", "reset"],
        [SnmpFaults(), SnmpFaults(), "none", "none"],
    )


def test_a_line_that_says_nothing_known_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "faults.csv").write_text(
        f"school,device,fault\n{SCHOOL},AC\n{SCHOOL},AC,odd\n{SCHOOL},AC,mute\n"
    )
    assert read_faults(tmp_path) == [Fault(SCHOOL, "AC", "mute")]


def test_every_fault_that_is_offered_can_be_set(tmp_path: Path) -> None:
    steering = Steering(tmp_path, Faults(), {SCHOOL: RoomFaults()})
    of_school(tmp_path, "PJ-1", "PN-1", "PC-1", "TP-1")
    for device in ("AC", "SW", "PJ-1", "PN-1", "PC-1", "TP-1"):
        for name in known_faults(device):
            write_fault(tmp_path, Fault(SCHOOL, device, name))
            steering.follow()
    assert read_faults(tmp_path) == [
        Fault(SCHOOL, device, known_faults(device)[-1])
        for device in ("AC", "SW", "PJ-1", "PN-1", "PC-1", "TP-1")
    ]


def test_a_running_district_does_as_it_is_told_and_has_its_scenarios_faults(tmp_path: Path) -> None:
    school = ROOMS.schools[0].model_copy(update={"faulty": {"PN-102": "firewalled"}})
    scenario = ROOMS.model_copy(update={"schools": (school,)})
    rooms = RoomFaults()

    async def story() -> tuple[str, str, int]:
        stop, up = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(
            run(
                scenario,
                tmp_path,
                stop,
                clock=at(LESSON),
                room_faults={SCHOOL: rooms},
                ready=lambda addresses: up.set(),
            )
        )
        await asyncio.wait({running, asyncio.create_task(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
        write_fault(tmp_path, Fault(SCHOOL, "PN-101", "moved"))
        for _ in range(100):
            if rooms.computer("PN-101").fault == "moved":
                break
            await asyncio.sleep(0.05)
        stop.set()
        await running
        return rooms.computer("PN-101").fault, rooms.computer("PN-102").fault, len(read_faults(tmp_path))

    assert asyncio.run(story()) == ("moved", "firewalled", 1)


@pytest.mark.parametrize("faulty", [{"PN-999": "lies"}, {"PN-101": "wraps"}])
def test_a_scenario_whose_faults_are_of_no_device_is_refused_before_anything_listens(
    faulty: dict[str, str],
) -> None:
    school = ROOMS.schools[0].model_copy(update={"faulty": faulty})
    with pytest.raises(ConfigError, match=f"学校 {SCHOOL} 的 faulty"):
        check_faults(ROOMS.model_copy(update={"schools": (school,)}))


def _asked(scenario: Scenario, faults: SnmpFaults, number: int) -> list[str]:
    async def story() -> list[str]:
        code = scenario.schools[0].code
        async with serve(scenario, faults=Faults({code: faults}), clock=at(LESSON)) as addresses:
            return await column(addresses[code].controller, AP_TABLE, number)

    return asyncio.run(story())


def test_a_reused_index_and_markers_for_not_known_are_one_rows_only(week: Scenario) -> None:
    plain, reused = _asked(week, SnmpFaults(), 2), _asked(week, SnmpFaults(reused_row=0), 2)
    invalid = _asked(week, SnmpFaults(invalid_row=1), 44)
    assert ([one == two for one, two in zip(plain, reused, strict=True)].count(False), invalid[1]) == (
        1,
        "255",
    )
    assert invalid.count("255") == 1


def test_another_community_is_answered_by_silence(week: Scenario) -> None:
    async def story() -> int:
        code = week.schools[0].code
        async with serve(week, faults=Faults({code: SnmpFaults(deny=True)}), clock=at(LESSON)) as addresses:
            return (await net_snmp("snmpget", addresses[code].controller, "1.3.6.1.2.1.1.3.0"))[0]

    assert asyncio.run(story()) == 1
