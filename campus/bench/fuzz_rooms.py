"""Damaged things of classrooms and lists of them: switches, plugs, beacons, lists, stock-takes."""

import asyncio
import json
import os
import random
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from campus.bench.fuzz import Fuzz, Fuzzed, damaged
from campus.bench.fuzz_devices import damaging_way
from edge_agent.beacon_list import read_beacons
from edge_agent.collectors.beacon_message import Refusal, read_beacon
from edge_agent.collectors.mqtt_power import Heard, take
from edge_agent.collectors.switch_tables import read_switch
from edge_agent.device_list import read_devices
from edge_agent.plugs.dialects import PlugDialect, Unreadable, read_message
from edge_agent.plugs.plug_list import read_plugs
from edge_agent.snmp.asking import Failed
from edge_agent.snmp.v2c import Target, V2c
from edge_agent.tables import read_projectors, read_room_map
from firmware_sim import World, load_scenario
from firmware_sim.faults import SnmpFaults
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.switch import switch_of
from firmware_sim.snmp_agent import Agent
from rules.stocktake.reading import read_file
from runtime.errors import ConfigError

_MESSAGES: tuple[tuple[PlugDialect, str, bytes], ...] = (
    (
        "tasmota",
        "tele/t/SENSOR",
        b'{"Time":"2026-09-02T08:20:37","ENERGY":{"Total":[6.294,1],"Power":[263,4],"Voltage":227}}',
    ),
    ("tasmota", "tele/t/LWT", b"Online"),
    ("shelly1", "shellies/s/relay/0/power", b"61.42"),
    ("shelly1", "shellies/s/relay/0/energy", b"60000"),
    (
        "shelly2",
        "s/events/rpc",
        b'{"method":"NotifyStatus","params":{"switch:0":{"id":0,"apower":2.7,"aenergy":{"total":7258.5}}}}',
    ),
    ("zigbee2mqtt", "zigbee2mqtt/a", b'{"state":"ON","power":85,"power_l1":3,"energy":12.3,"last_seen":"x"}'),
)
_BEACON = {"v": 1, "device": "PC-101", "time": 1, "nonce": "a" * 32, "signed_in": True, "display_on": None}
_LESSON = datetime(2026, 9, 2, 0, 20, tzinfo=UTC)
_VARIABLE = "CAMPUS_FUZZ_TOKEN"
_LISTS: tuple[tuple[Callable[[Path], object], str], ...] = (
    (read_room_map, 'ap,room\n50:6F:77:EA:DC:A0,101\n"AP, 一楼",一(1)班\n2102350PKF10J1000078,103\n'),
    (read_projectors, "host,port,password,device,room\n10.8.3.1,,,PJ-1,101\npj2.local,4353,,,一(2)班\n"),
    (
        read_devices,
        "device,type,host,mac,room,via\nPN-1,panel,10.8.3.9,,101,10.8.0.3\n,教室电脑,,506f-77ea-dca0,102,\n",
    ),
    (
        read_plugs,
        "topic,kind,room,device,channel,on_w,most_w\nt1,tasmota,101,P1,2,12.5,\n一/二,zigbee2mqtt,102,,,,\n",
    ),
    (
        read_beacons,
        f"device,room,token,type\nPC-101,101,env:{_VARIABLE},class_pc\nPN-2,102,env:{_VARIABLE},panel\n",
    ),
)
_STOCKTAKE = """盘点日期：2026-09-01,,,,,,,
学校标识码,资产编号,设备,序列号,名称,存放房间,状态,盘点,备注
2112000001,ZC001,PJ-1,SN1,投影机,101,一致,√,
2112000001,ZC002,,SN2,"一体机, 大",102,账上有未见,移到 103,屏裂
2112000001,,,SN9,黑板,104,,新,
""".encode()


def subjects() -> list[tuple[str, Fuzz]]:
    return [
        ("switch", fuzz_switch),
        ("plugs", _each(_damaged_message, _read_plug)),
        ("beacons", _each(lambda chance: damaged(json.dumps(_BEACON).encode(), chance), _read_beacon)),
        ("lists of devices", _fuzz_lists),
        ("stock-takes", _each(lambda chance: damaged(_STOCKTAKE, chance), _read_stocktake)),
    ]


def fuzz_switch(answers: int, seed: int) -> Fuzzed:
    """A switch's tables, whose answers are damaged on their way."""
    chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run
    target = Target(host="127.0.0.1", port=161, community="campus-sim", timeout_s=5, retries=1)
    connect = damaging_way(_switch(), chance, found)

    async def run() -> None:
        while found.answers < answers and len(found.crashes) < 20:
            found.rounds += 1
            source = V2c(target, most=50, connect=connect)
            try:
                tables = await read_switch(source, macs=(), addresses=())
                found.ended["ok" if tables.whole else "partial"] += 1
            except Failed:
                found.ended["decode"] += 1
            except Exception as error:
                found.crashes.append(f"{type(error).__name__}: {error}")
            finally:
                source.close()

    asyncio.run(run())
    return found


def _each(make: Callable[[random.Random], bytes], read: Callable[[bytes, random.Random], str]) -> Fuzz:
    def run(answers: int, seed: int) -> Fuzzed:
        chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run
        for _ in range(answers):
            found.answers += 1
            found.rounds += 1
            try:
                found.ended[read(make(chance), chance)] += 1
            except Exception as error:
                found.crashes.append(f"{type(error).__name__}: {error}")
        return found

    return run


def _damaged_message(chance: random.Random) -> bytes:
    return damaged(chance.choice(_MESSAGES)[2], chance)


def _read_plug(payload: bytes, chance: random.Random) -> str:
    """By every maker's reader, whoever's message it was."""
    kind = chance.choice(get_args(PlugDialect))
    topic = chance.choice([topic for known, topic, _ in _MESSAGES if known == kind])
    heard = Heard()
    try:
        for retained in (True, False):
            said = read_message(kind, topic, payload, chance.randrange(3))
            take(heard, said, now_s=1, now_ms=1000, retained=retained)
    except Unreadable:
        return "decode"
    return "ok"


def _read_beacon(body: bytes, _: random.Random) -> str:
    try:
        read_beacon(body)
    except Refusal:
        return "decode"
    return "ok"


def _fuzz_lists(answers: int, seed: int) -> Fuzzed:
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "0123456789abcdef"
    try:
        return _each(lambda _: b"", _read_list)(answers, seed)
    finally:
        if before is None:
            del os.environ[_VARIABLE]


def _read_list(_: bytes, chance: random.Random) -> str:
    read, text = chance.choice(_LISTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(damaged(text.encode(), chance))
        try:
            read(path)
        except ConfigError:
            return "decode"
    return "ok"


def _read_stocktake(content: bytes, _: random.Random) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stock.csv"
        path.write_bytes(content)
        found = read_file(path)
    if not found.entries:
        return "decode"
    return "partial" if found.problems or found.notes else "ok"


def _switch() -> Agent:
    scenario = load_scenario("demo")
    school = scenario.schools[0]
    campus = World(scenario).campus(school.code)
    life, faults = RoomLife(campus, seed=1), RoomFaults()
    return Agent(
        switch_of(Equipment(campus.school), life, faults, address=lambda computer: "10.8.3.9"),
        community="campus-sim",
        school=school.code,
        seed=1,
        clock=lambda: _LESSON.timestamp(),
        faults=SnmpFaults,
    )
