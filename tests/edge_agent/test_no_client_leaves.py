"""Nothing of a client leaves a gateway: no MAC, no address, no name. Every device is full of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest

from contract import AccessPoint, Radio, Reading, pack
from edge_agent.collectors.base import Collector, Round
from edge_agent.collectors.presence import Presence
from edge_agent.collectors.small_counts import hide_small
from edge_agent.device_list import ListedDevice
from edge_agent.metrics import Metrics
from edge_agent.settings import PresenceSettings
from edge_agent.snmp.v2c import Target, V2c
from tests.edge_agent.controllers import HW, Faulty, Objects, controller, serving
from tests.edge_agent.wlan import collector as wlan
from tests.servers import free_port

NOW = 1_790_000_000_000
# A pupil's telephone as it stands in tables, and the same in the index of a row.
CLIENT = bytes((0x3A, 0x11, 0x22, 0x33, 0x44, 0x55))
INDEX = ".".join(map(str, CLIENT))
PERSON, ADDRESS = "张三的iPhone", "10.9.8.7"
SECRETS = ("3a:11:22", "3a1122", "3a-11-22", "58.17.34", ADDRESS, PERSON, "张三", "iPhone")

STATIONS: Objects = {
    # HUAWEI-WLAN-STATION-MIB: by the client's MAC.
    f"{HW}.18.1.2.1.3.{INDEX}": bytes((0x50, 0x6F, 0x77, 0xEA, 0, 0)),
    f"{HW}.18.1.2.1.18.{INDEX}": b"Campus",
    f"{HW}.18.1.2.1.25.{INDEX}": ADDRESS.encode(),
    f"{HW}.18.1.2.1.26.{INDEX}": PERSON.encode(),
}
SWITCH: Objects = {
    "1.3.6.1.2.1.1.3.0": 5,
    f"1.3.6.1.2.1.17.7.1.2.2.1.2.30.{INDEX}": 7,
    f"1.3.6.1.2.1.17.7.1.2.2.1.3.30.{INDEX}": 3,
    f"1.3.6.1.2.1.4.22.1.2.1.{ADDRESS}": CLIENT,
    "1.0.8802.1.1.2.1.4.1.1.4.0.7.1": 4,
    "1.0.8802.1.1.2.1.4.1.1.5.0.7.1": CLIENT,
    "1.0.8802.1.1.2.1.4.1.1.9.0.7.1": PERSON.encode(),
}


def all_that_leaves(result: Round) -> str:
    """Messages as they are packed, and the words of the log in both languages."""
    packed = [repr(part) for part in pack([*result.readings, *result.runs], most=500)]
    words = [f"{why.zh} {why.en}" for why in result.words.values()]
    plain = [reading.model_dump_json() for reading in (*result.readings, *result.runs)]
    return "\n".join([*packed, *words, *plain, *map(str, (result.reason_of(run) for run in result.runs))])


def found_in(text: str) -> list[str]:
    lower = text.lower()
    escaped = [json.dumps(secret)[1:-1].lower() for secret in SECRETS]
    return [secret for secret in (*SECRETS, *escaped) if secret.lower() in lower]


def run(story: Callable[[], Awaitable[tuple[Round, Faulty]]]) -> tuple[Round, Faulty]:
    async def whole() -> tuple[Round, Faulty]:
        return await story()

    return asyncio.run(whole())


async def _read(agent: Faulty, of: Callable[[Faulty], Collector], rounds: int = 2) -> tuple[Round, Faulty]:
    async with serving(agent):
        collector = of(agent)
        for _ in range(rounds):
            result = await collector.collect(count(NOW).__next__)
    return result, agent


@pytest.mark.parametrize("fault", [{}, {"end_after": "1.3.6.1.4.1.2011.6.139.16"}, {"mute": lambda n: n > 6}])
def test_of_a_controller_full_of_stations_only_counts_leave(fault: dict[str, object]) -> None:
    agent = Faulty({**controller(5), **STATIONS}, **fault)  # type: ignore[arg-type]  # one of its faults
    result, asked = run(lambda: _read(agent, lambda faulty: wlan(faulty.port)))
    assert (found_in(all_that_leaves(result)), [oid for oid in asked.asked if f"{HW[-4:]}.18." in oid]) == (
        [],
        [],
    )
    assert result.readings


def _presence(folder: Path, port: int, mac: str = "50:6f:77:ea:dc:a0") -> Presence:
    (folder / "devices.csv").touch()
    table = folder / "neighbours.txt"
    table.write_text(f"{ADDRESS} dev eth0 lladdr {CLIENT.hex(':')} REACHABLE\n", encoding="ascii")
    settings = PresenceSettings.model_validate(
        {
            "id": "rooms",
            "devices": folder / "devices.csv",
            "neighbours": table,
            "method": "tcp",
            "ports": [free_port()],
            "timeout_s": 0.2,
        }
    )
    target = Target(host="127.0.0.1", port=port, community="campus", timeout_s=0.2, retries=0)
    device = ListedDevice(device="PN-101", type="panel", room="101", host=ADDRESS, mac=mac)
    return Presence(
        settings,
        devices=[device],
        switches={"sw1": lambda: V2c(target, most=20)},
        recall=lambda _: None,
    )


def test_of_a_switch_and_a_neighbour_table_full_of_clients_nothing_leaves(tmp_path: Path) -> None:
    """Not even where a client has the very address that the list names."""
    result, _ = run(lambda: _read(Faulty(dict(SWITCH)), lambda faulty: _presence(tmp_path, faulty.port)))
    told = all_that_leaves(result)
    assert [secret for secret in found_in(told) if secret != ADDRESS] == []
    assert (ADDRESS in told, result.runs[0].rows) == (False, 1)


def test_what_a_presence_collector_keeps_names_no_client(tmp_path: Path) -> None:
    result, _ = run(lambda: _read(Faulty(dict(SWITCH)), lambda faulty: _presence(tmp_path, faulty.port), 1))
    assert found_in(json.dumps(dict(result.notes), ensure_ascii=False)) == []


def test_the_gateways_figures_name_collectors_and_nothing_else() -> None:

    metrics = Metrics()
    metrics.runs.labels("ac1", "ok").inc()
    metrics.readings.labels('odd "name"\n').inc(3)
    page = metrics.exposition().decode()
    assert 'edge_collector_runs_total{collector="ac1",status="ok"} 1.0' in page
    assert 'edge_readings_total{collector="odd \\"name\\"\\n"} 3.0' in page


def ap(name: str, clients: int | None) -> AccessPoint:
    return AccessPoint(time=NOW, ap=name, state="up", clients=clients)


def radio(name: str, number: int, clients: int | None) -> Radio:
    return Radio(time=NOW, ap=name, radio=str(number), clients=clients)


@pytest.mark.parametrize(
    ("readings", "below", "expected"),
    [
        ([ap("A", 3), radio("A", 0, 0), radio("A", 1, 3)], 0, [3, 0, 3]),
        ([ap("A", 3), radio("A", 0, 0), radio("A", 1, 3)], 5, [None, None, None]),
        # One radio's count would be the rest of the other two.
        ([ap("A", 9), radio("A", 0, 2), radio("A", 1, 7)], 5, [9, None, None]),
        ([ap("A", 12), radio("A", 0, 5), radio("A", 1, 7)], 5, [12, 5, 7]),
        ([ap("A", 0), radio("A", 0, 0), radio("A", 1, None)], 5, [0, 0, None]),
        ([ap("A", 3), ap("B", 8), radio("B", 0, 8)], 5, [None, 8, 8]),
    ],
)
def test_small_counts_are_hidden_with_what_would_give_them_away(
    readings: list[Reading], below: int, expected: list[int | None]
) -> None:
    hidden = hide_small(readings, below)
    assert [one.clients for one in hidden if isinstance(one, AccessPoint | Radio)] == expected


def test_the_setting_hides_what_a_controller_tells() -> None:
    agent = Faulty(controller(2))
    result, _ = run(lambda: _read(agent, lambda faulty: wlan(faulty.port, hide_clients_below=20)))
    assert {one.clients for one in result.readings if isinstance(one, AccessPoint | Radio)} == {None}
