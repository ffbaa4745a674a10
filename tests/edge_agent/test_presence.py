"""Presence: simulated panels and class PCs behind a simulated switch, and every rule of the verdict."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from contract import RoomDevice
from edge_agent.collectors.base import Round
from edge_agent.collectors.presence import Presence
from edge_agent.collectors.presence_verdict import Signs, judge
from edge_agent.collectors.switch_tables import read_switch
from edge_agent.device_list import read_devices
from edge_agent.network.neighbours import parse
from edge_agent.network.ping import NotPermitted, Pings, is_reply, request
from edge_agent.network.way import closed_way
from edge_agent.settings import PresenceSettings
from edge_agent.snmp.opening import opener
from edge_agent.snmp.recorded import Recorded
from firmware_sim import SnmpFaults, World, load_scenario
from firmware_sim.rooms.faults import ComputerFault, ComputerFaults
from firmware_sim.rooms.serving import SchoolRooms, serve_rooms
from runtime import ConfigError
from runtime.language import Text
from tests.firmware_sim.conftest import CASES, LESSON, NIGHT

T = TypeVar("T")
SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
SCHOOL = SCENARIO.schools[0].code
BETWEEN = LESSON + 3600  # 09:20, no lesson
BREAK = LESSON + 22 * 60  # two minutes after the first lesson: the switch still knows its panels


class Time:
    """A clock that a test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Site:
    """A school's rooms, and a gateway's collector before them."""

    def __init__(self, rooms: SchoolRooms, folder: Path, time: Time) -> None:
        self.rooms, self.folder, self.time = rooms, folder, time
        self.notes: dict[str, str] = {}
        self.collector = self.gateway()

    def gateway(self, *, switch: bool = True, **changes: object) -> Presence:
        """A collector that has just started, with what the spool has kept."""
        where = self.rooms.switch
        target = {
            "host": where.host,
            "port": where.port,
            "community": "file:community",
            "timeout_s": 0.3,
            "retries": 0,
        }
        settings = PresenceSettings.model_validate(
            {
                "id": "rooms",
                "devices": "devices.csv",
                "method": "tcp",
                "ports": [next(iter(self.rooms.doors.values())).endpoint.port],
                "timeout_s": 0.15,
                "neighbours": "neighbours.txt",
                "switches": [target] if switch else [],
            }
            | changes,
            context={"folder": self.folder},
        )
        return Presence(
            settings,
            devices=read_devices(settings.devices),
            switches={one.target: opener(one) for one in settings.switches},
            recall=self.notes.get,
        )

    async def round(self) -> Round:
        await self.rooms.follow()
        result = await self.collector.collect(lambda: int(self.time.now * 1000))
        self.notes |= result.notes
        return result

    async def told(self, fault: ComputerFault = "none", device: str = "PN-101") -> tuple[object, ...]:
        """What the next round says of one device: power, evidence and why."""
        self.rooms.faults.set_computer(device, ComputerFaults(fault=fault))
        return about(await self.round(), device)


def about(result: Round, device: str) -> tuple[object, ...]:
    found = next(one for one in result.readings if isinstance(one, RoomDevice) and one.device == device)
    return found.power, found.evidence, found.why


@asynccontextmanager
async def site(folder: Path, at: float) -> AsyncIterator[Site]:
    time = Time(at)
    (folder / "community").write_text("campus-sim", encoding="utf-8")
    campus = World(SCENARIO).campus(SCHOOL)
    async with serve_rooms(
        campus, 7, seed=SCENARIO.seed, community="campus-sim", clock=time, follows=False
    ) as rooms:
        rooms.write(folder)
        yield Site(rooms, folder, time)


def visit(folder: Path, story: Callable[[Site], Awaitable[T]], *, at: float = LESSON) -> T:
    async def run() -> T:
        async with site(folder, at) as found:
            return await story(found)

    return asyncio.run(run())


def test_in_a_lesson_all_that_run_are_on_and_say_how_that_is_known(tmp_path: Path) -> None:
    result = visit(tmp_path, lambda found: found.round())
    powers = {one.device: one.power for one in result.readings if isinstance(one, RoomDevice)}
    run = next(run for run in result.runs if run.target == "devices")
    assert (powers, run.status, run.rows) == (
        {"PN-101": "on", "PN-102": "on", "PC-103": "on", "PC-104": "on"},
        "ok",
        4,
    )
    assert about(result, "PN-101")[1] == "network"


def test_what_has_been_seen_and_falls_silent_is_off(tmp_path: Path) -> None:
    async def story(found: Site) -> list[tuple[object, ...]]:
        found.collector = found.gateway(no_link="off")
        first = await found.told()
        found.time.now = BETWEEN
        return [first, await found.told()]

    lit, dark = visit(tmp_path, story)
    assert (lit[0], dark[:2]) == ("on", ("off", "silence"))
    assert "无链路" in str(dark[2])


def test_what_was_never_seen_is_unknown_however_silent_it_is(tmp_path: Path) -> None:
    power, evidence, why = visit(tmp_path, lambda found: found.told(), at=NIGHT)
    assert (power, evidence, "从未应答" in str(why)) == (None, None, True)


def test_a_port_without_link_is_unknown_unless_set_otherwise(tmp_path: Path) -> None:
    async def story(found: Site) -> tuple[object, ...]:
        await found.told()
        # The switch forgets a device only after five minutes.
        found.rooms.faults.set_computer("PN-101", ComputerFaults(fault="unplugged"))
        return await found.told("unplugged")

    power, _, why = visit(tmp_path, story)
    assert (power, "无链路" in str(why)) == (None, True)


def test_a_firewalled_pc_is_on_by_its_card_and_without_that_by_its_switch(tmp_path: Path) -> None:
    async def story(found: Site) -> list[object]:
        first = await found.told("firewalled")
        # A table that knows nothing of whether it still answers.
        found.collector = found.gateway(neighbours="/dev/null")
        return [first[:2], (await found.told("firewalled"))[:2]]

    assert visit(tmp_path, story) == [("on", "neighbour"), ("on", "switch")]


def test_a_device_that_has_moved_is_found_by_its_card(tmp_path: Path) -> None:
    async def story(found: Site) -> list[object]:
        await found.told()
        return list((await found.told("moved"))[:2])

    assert visit(tmp_path, story) == ["on", "network"]


def test_another_device_at_its_address_is_not_taken_for_it(tmp_path: Path) -> None:
    async def story(found: Site) -> tuple[object, ...]:
        found.collector = found.gateway(switch=False)
        await found.told()
        found.time.now = NIGHT
        return await found.told("impostor")

    power, evidence, why = visit(tmp_path, story)
    assert (power, evidence, "另一块网卡" in str(why)) == (None, None, True)


def test_what_it_learnt_outlives_the_program(tmp_path: Path) -> None:
    async def story(found: Site) -> list[object]:
        await found.told()
        found.time.now = NIGHT
        found.collector = found.gateway(no_link="off")
        return list((await found.told())[:2])

    assert visit(tmp_path, story) == ["off", "silence"]


def test_while_its_switch_is_silent_a_silent_device_is_unknown(tmp_path: Path) -> None:
    async def story(found: Site) -> tuple[object, tuple[object, ...]]:
        await found.told()
        found.time.now = NIGHT
        found.rooms.faults.set_switch(SnmpFaults(mute=True))
        result = await found.round()
        return result.runs[0].status, about(result, "PN-101")

    status, (power, _, why) = visit(tmp_path, story)
    assert (status, power, "所在交换机" in str(why)) == ("timeout", None, True)


def test_a_firewalled_pc_is_not_called_off_where_its_switchs_tables_end_early(tmp_path: Path) -> None:
    async def story(found: Site) -> tuple[object, ...]:
        await found.told()
        (found.folder / "nobody.txt").touch()
        found.collector = found.gateway(neighbours="nobody.txt")
        # Its table is in the order of the cards' addresses: this one's is behind the second.
        found.rooms.faults.set_switch(SnmpFaults(end_after=2))
        return await found.told("firewalled", "PC-104")

    power, _, why = visit(tmp_path, story)
    assert (power, "没有读完" in str(why)) == (None, True)


FDB = (1, 3, 6, 1, 2, 1, 17, 7, 1, 2)


def forwarding(
    *, ports: int, statuses: int | None = None, counted: int | None = None
) -> dict[tuple[int, ...], int | bytes]:
    """A switch with a whole table of ports, and so many rows of each column of what it hears."""
    objects: dict[tuple[int, ...], int | bytes] = {(1, 3, 6, 1, 2, 1, 17, 1, 2, 0): 1}
    objects[1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, 1] = 1
    for number in range(ports):
        objects[*FDB, 2, 1, 2, 1, 2, 0, 0, 0, 0, number] = 1
    for number in range(ports if statuses is None else statuses):
        objects[*FDB, 2, 1, 3, 1, 2, 0, 0, 0, 0, number] = 3
    if counted is not None:
        objects[*FDB, 1, 1, 2, 1] = counted
    return objects


@pytest.mark.parametrize(
    ("objects", "whole"),
    [
        (forwarding(ports=20), True),
        (forwarding(ports=20, counted=20), True),
        (forwarding(ports=20, counted=22), True),  # two have left since it counted
        (forwarding(ports=20, counted=0), True),  # it does not count
        (forwarding(ports=10, counted=20), False),
        (forwarding(ports=10, statuses=20), False),
        (forwarding(ports=20, statuses=0), True),  # it has no such column
    ],
)
def test_a_table_that_ends_early_behind_a_whole_table_of_ports_is_not_whole(
    objects: dict[tuple[int, ...], int | bytes], whole: bool
) -> None:
    tables = asyncio.run(read_switch(Recorded(objects), macs=(), addresses=()))
    assert whole == tables.whole


def test_a_switch_s_numbers_may_be_texts_and_a_link_that_it_does_not_tell_is_no_missing_one() -> None:
    states = {1: 1, 2: b"1", 3: 2, 4: 4, 5: b"up", 6: 5, 7: 7}
    interfaces: dict[tuple[int, ...], int | bytes] = {
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 8, port): state for port, state in states.items()
    }
    objects = {**forwarding(ports=3), **interfaces, (*FDB, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0): b"1"}
    heard = "02:00:00:00:00:00"
    tables = asyncio.run(read_switch(Recorded(objects), macs=[heard], addresses=()))
    del interfaces[1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 5]
    known = {**forwarding(ports=3), **interfaces}
    links = {1: "up", 2: "up", 3: "down", 4: "untold", 5: "untold", 6: "up", 7: "down"}
    assert ({heard: 1}, links, False, True) == (
        tables.ports,
        tables.links,
        tables.whole,
        asyncio.run(read_switch(Recorded(known), macs=(), addresses=())).whole,
    )


def test_a_switch_that_hears_nobody_at_night_is_a_switch_all_the_same(tmp_path: Path) -> None:
    result = visit(tmp_path, lambda found: found.round(), at=NIGHT)
    assert (result.runs[0].status, result.runs[0].rows, result.runs[0].reason) == ("ok", 0, None)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (SnmpFaults(loop_row=1), "decode"),
        (SnmpFaults(gen_err_row=1), "partial"),
        (SnmpFaults(end_after=3), "partial"),
        (SnmpFaults(too_big_above=3), "ok"),
    ],
)
def test_a_switch_that_misbehaves_leaves_a_run_and_the_devices_their_own_answers(
    tmp_path: Path, faults: SnmpFaults, status: str
) -> None:
    async def story(found: Site) -> Round:
        found.rooms.faults.set_switch(faults)
        return await found.round()

    result = visit(tmp_path, story)
    assert (result.runs[0].status, about(result, "PN-101")[:2]) == (status, ("on", "network"))


def test_no_address_of_a_card_leaves_but_those_that_are_listed(tmp_path: Path) -> None:
    async def story(found: Site) -> tuple[str, str]:
        stranger = "3a:11:22:33:44:55"
        file = found.folder / "strangers.txt"
        lines = (found.folder / "neighbours.txt").read_text("ascii")
        file.write_text(f"{lines}10.9.8.7 dev eth0 lladdr {stranger} REACHABLE\n", encoding="ascii")
        found.collector = found.gateway(neighbours="strangers.txt")
        return repr(await found.round()), stranger

    said, stranger = visit(tmp_path, story)
    assert ("PN-101" in said, stranger in said, "10.9.8.7" in said) == (True, False, False)


WELL = Signs()


@pytest.mark.parametrize(
    ("signs", "power", "word"),
    [
        (WELL, False, "无应答，而通路正常"),
        (replace(WELL, closed=Text("网关的网口 eth0 断开", "")), None, "eth0"),
        (replace(WELL, via_silent="10.0.0.1"), None, "10.0.0.1"),
        (replace(WELL, home="sw 3", home_silent=True), None, "sw 3"),
        (replace(WELL, home="sw 3", link="disabled"), None, "关闭"),
        (replace(WELL, home="sw 3", link="up"), False, "无应答"),
        (replace(WELL, home="sw 3", link="untold"), None, "没有说明"),
        (replace(WELL, home="sw 3", home_partial=True), None, "没有读完"),
        (replace(WELL, home="sw 3", home_partial=True, link="down"), None, "无链路"),
        (replace(WELL, asked=False), None, "地址"),
        (replace(WELL, stranger=True), None, "另一块网卡"),
        (replace(WELL, stranger=True, searched=True), False, "无应答"),
        (replace(WELL, known=False), None, "从未应答"),
        (replace(WELL, closed=Text("断", ""), neighbour=True), True, "ARP"),
        (replace(WELL, home_silent=True, port="sw 3"), True, "sw 3"),
    ],
)
def test_silence_is_off_only_where_the_way_is_open(signs: Signs, power: bool | None, word: str) -> None:
    verdict = judge(signs, no_link="unknown")
    assert (verdict.on, word in verdict.why.zh) == (power, True)


def test_both_forms_of_the_neighbour_table_are_read() -> None:
    new = parse(
        [
            "10.0.0.5 dev eth0 lladdr 50:6f:77:ea:dc:a0 REACHABLE",
            "10.0.0.6 dev eth0 lladdr 50:6F:77:EA:DC:A1 STALE",
            "10.0.0.7 dev eth0 FAILED",
            "rubbish",
            "10.0.0.9 dev",
        ]
    )
    old = parse(
        [
            "IP address       HW type     Flags       HW address            Mask     Device",
            "10.0.0.5         0x1         0x2         50:6f:77:ea:dc:a0     *        eth0",
            "10.0.0.7         0x1         0x0         00:00:00:00:00:00     *        eth0",
        ]
    )
    assert [(new[f"10.0.0.{n}"].mac, new[f"10.0.0.{n}"].confirmed) for n in (5, 6, 7)] == [
        ("50:6f:77:ea:dc:a0", True),
        ("50:6f:77:ea:dc:a1", False),
        (None, False),
    ]
    assert [(old[f"10.0.0.{n}"].mac, old[f"10.0.0.{n}"].confirmed) for n in (5, 7)] == [
        ("50:6f:77:ea:dc:a0", False),
        (None, False),
    ]


def test_a_gateway_whose_own_port_is_down_has_no_way(tmp_path: Path) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "eth1\t0003080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    for card, state in (("eth0", "up"), ("eth1", "down")):
        (tmp_path / "sys/class/net" / card).mkdir(parents=True)
        (tmp_path / "sys/class/net" / card / "operstate").write_text(f"{state}\n")
    found = [
        closed_way(address, root=tmp_path) for address in ("10.8.0.5", "10.8.3.7", "192.0.2.1", "127.0.0.1")
    ]
    assert [None if one is None else one.en for one in found] == [
        None,
        "the gateway's own port eth1 is down",
        "the gateway has no route to it",
        None,
    ]


def test_an_echo_request_is_one_and_only_its_own_reply_counts() -> None:
    sent = request(7, b"t" * 16)
    total = sum(int.from_bytes(sent[at : at + 2]) for at in range(0, len(sent), 2))
    reply = bytes((0, 0)) + sent[2:]
    header = bytes((0x45,)) + bytes(19)
    assert (total % 0xFFFF, is_reply(reply, b"t" * 16, raw=False)) == (0, True)
    assert [is_reply(header + reply, b"t" * 16, raw=True), is_reply(sent, b"t" * 16, raw=False)] == [
        True,
        False,
    ]
    assert [
        is_reply(junk, b"t" * 16, raw=raw) for junk in (b"", b"\0", b"\xff" * 9) for raw in (True, False)
    ] == [False] * 6


def test_this_machine_answers_a_ping_where_the_system_lets_us_send_one() -> None:
    async def ask() -> bool | None:
        try:
            pings = await Pings.open()
        except NotPermitted:
            return None
        try:
            return await pings.answers("127.0.0.1", within_s=5)
        finally:
            pings.close()

    assert asyncio.run(ask()) is (True if _may_ping() else None)


def _may_ping() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        return True
    return False


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("P1,电视,10.0.0.5,,101,", "不是设备种类"),
        ("P1,panel,,,101,", "至少写一个"),
        ("P1,panel,10.0.0.5,12:34,101,", "不是 MAC 地址"),
        ("P1,panel,10.0.0.5:80,,101,", "地址里不写端口"),
        ("P1,panel,10.0.0.5,,101,\nP2,panel,10.0.0.5,,102,", "出现两次"),
    ],
)
def test_a_wrong_line_of_the_list_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(f"device,type,host,mac,room,via\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        read_devices(file)


def test_types_may_be_chinese_and_a_device_without_number_is_known_by_its_card(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("类型,type\n", encoding="utf-8")
    file.write_text("type,mac,room\n交互大屏,506F-77EA-DCA0,101\n", encoding="gb18030")
    (found,) = read_devices(file)
    assert (found.device, found.type) == ("50:6f:77:ea:dc:a0", "panel")
