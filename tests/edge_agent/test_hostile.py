"""Devices that mean no good, each beside one that is well: memory is bounded, the run says what is wrong, and
the other target is read as ever."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from contract import AccessPoint, RoomDevice, pack
from edge_agent.collectors import switch_tables
from edge_agent.collectors.base import Round
from edge_agent.collectors.pjlink import Pjlink
from edge_agent.collectors.presence import Presence
from edge_agent.device_list import ListedDevice
from edge_agent.settings import PjlinkSettings, PresenceSettings
from edge_agent.snmp.v2c import Target, V2c
from edge_agent.tables import Projector
from tests.edge_agent.controllers import AP, Faulty, Objects, controller, mac, serving
from tests.edge_agent.projectors import Scripted
from tests.edge_agent.projectors import serving as projecting
from tests.edge_agent.wlan import collector as wlan
from tests.servers import free_port

NOW = 1_790_000_000_000
# A gateway may take 64 MiB with all that it has; what one device can make it hold is far less.
MOST_BYTES = 12 * 1024**2
# No test waits for longer, whatever the device does.
PATIENCE_S = 30

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A greeting, and then one octet after the other of a line that never ends."""
    writer.write(b"PJLINK 0\r")
    while True:
        writer.write(b"%")
        await writer.drain()
        await asyncio.sleep(0.01)


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Megabytes without a line end."""
    for _ in range(64):
        writer.write(b"x" * 65_536)
        await writer.drain()


async def long_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"PJLINK 0\r")
    await reader.readuntil(b"\r")
    writer.write(b"%1POWR=" + b"1" * 65_536 + b"\r")
    await writer.drain()


async def answers_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Well-formed answers to what nobody asked, as fast as they are taken."""
    writer.write(b"PJLINK 0\r")
    while True:
        writer.write(b"%1NAME=x\r" * 1000)
        await writer.drain()


async def empty_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"\r" * 1000)
        await writer.drain()


async def telnet_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Telnet's options without end: nothing of them is a line."""
    while True:
        writer.write(b"\xff\xfb\x01" * 1000)
        await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"PJLINK 0\r")


@asynccontextmanager
async def hostile(talk: Talk) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    port = free_port()
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        yield port


def measured(story: Callable[[], Awaitable[Round]]) -> tuple[Round, int]:
    """A round, and the most memory that it held at any moment."""

    async def bounded() -> Round:
        async with asyncio.timeout(PATIENCE_S):
            return await story()

    tracemalloc.start()
    try:
        return asyncio.run(bounded()), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "talk", [drips, floods, long_answer, answers_for_ever, empty_lines, telnet_for_ever, hangs_up]
)
def test_a_projector_that_means_no_good(tmp_path: Path, talk: Talk) -> None:
    file = tmp_path / "projectors.csv"
    file.touch()
    settings = PjlinkSettings(id="p", projectors=file, connect_timeout_s=1, reply_timeout_s=0.3)

    async def story() -> Round:
        async with hostile(talk) as bad, projecting(Scripted()) as good:
            ports = {"BAD": bad, "GOOD": good.port}
            listed = [
                Projector(host="127.0.0.1", port=port, device=device, room="101")
                for device, port in ports.items()
            ]
            return await Pjlink(settings, projectors=listed).collect(count(NOW).__next__)

    result, most = measured(story)
    bad, good = result.runs
    assert (good.status, bad.status in {"decode", "timeout"}, bool(bad.reason)) == ("ok", True, True)
    powers = {one.device: one.power for one in result.readings if isinstance(one, RoomDevice)}
    assert (powers, most < MOST_BYTES) == ({"BAD": None, "GOOD": "on"}, True)


NASTY = 'a,b"c"\r\n;=HYPERLINK(1)\x00\x1b[31m' + "长" * 300


def test_names_with_everything_in_them_fit_their_fields(tmp_path: Path) -> None:
    """Commas, quotes, line ends, NULs, escape sequences and three hundred characters."""
    file = tmp_path / "projectors.csv"
    file.touch()
    settings = PjlinkSettings(id="p", projectors=file, connect_timeout_s=1, reply_timeout_s=0.3)
    answers = {"POWR": "1", "LAMP": "5 1", "INPT": "31", "ERST": "000000", "CLSS": "1"}
    odd = NASTY.replace("\r\n", "")[:80]

    async def story() -> Round:
        async with projecting(Scripted(answers={**answers, "INF1": odd, "INF2": odd})) as projector:
            listed = [Projector(host="127.0.0.1", port=projector.port, device="A", room="101")]
            return await Pjlink(settings, projectors=listed).collect(count(NOW).__next__)

    result, _ = measured(story)
    (reading,) = result.readings
    assert isinstance(reading, RoomDevice)
    assert (result.runs[0].status, (reading.maker or "").isprintable(), len(reading.maker or "") <= 256) == (
        "ok",
        True,
        True,
    )
    assert len([*pack([*result.readings, *result.runs], most=500)]) == 1


AGENTS: dict[str, dict[str, object]] = {
    "loops": {"repeating": True},
    "never ends": {"endless": f"{AP}.6"},
    "other numbers": {"other_number": True},
    "64 KiB": {"garbage": b"\x30\x83\x00\xff\xff" + b"\x04\x82\xff\x00" * 16_000},
    "nonsense": {"garbage": b"\x00" * 1000},
    "half": {"garbage": b"\x30\x82"},
    "falls silent": {"mute": lambda number: number > 3},
    "tooBig for ever": {"too_big_above": 0},
}


@pytest.mark.parametrize("name", AGENTS)
def test_a_controller_that_means_no_good(name: str) -> None:
    async def story() -> Round:
        bad = Faulty(controller(20), **AGENTS[name])  # type: ignore[arg-type]  # its faults
        async with serving(bad), serving(Faulty(controller(4))) as good:
            rounds = await asyncio.gather(
                *(wlan(agent.port).collect(count(NOW).__next__) for agent in (bad, good))
            )
            assert rounds[1].runs[0].status == "ok"
            assert len([one for one in rounds[1].readings if isinstance(one, AccessPoint)]) == 4
            return rounds[0]

    result, most = measured(story)
    status = result.runs[0].status
    assert (status in {"decode", "timeout", "partial", "unsupported"}, bool(result.runs[0].reason)) == (
        True,
        True,
    )
    assert (most < MOST_BYTES, [one for one in result.readings if getattr(one, "state", "") == "down"]) == (
        True,
        [],
    )


def test_an_access_point_with_a_nasty_name_is_told_all_the_same() -> None:
    changes = {f"{AP}.4.{mac(0)}": NASTY[:200].encode(), f"{AP}.2.{mac(1)}": b'SER,1"\\\x07 '}

    async def story() -> Round:
        async with serving(Faulty(controller(3, changes=changes))) as agent:
            return await wlan(agent.port).collect(count(NOW).__next__)

    result, _ = measured(story)
    found = [one for one in result.readings if isinstance(one, AccessPoint)]
    assert (len(found), all((one.name or "").isprintable() and one.ap.isprintable() for one in found)) == (
        3,
        True,
    )
    assert len([*pack([*result.readings, *result.runs], most=500)]) == 1


SWITCH: Objects = {
    "1.3.6.1.2.1.1.3.0": 5,
    "1.3.6.1.2.1.17.7.1.2.2.1.2.30.2.0.0.0.0.1": 7,
    "1.3.6.1.2.1.17.7.1.2.2.1.3.30.2.0.0.0.0.1": 3,
}


@pytest.mark.parametrize(
    "fault",
    [
        {"repeating": True},
        {"endless": "1.3.6.1.2.1.17.7.1.2.2.1.2"},
        {"other_number": True},
        {"garbage": b"\x30\x82"},
    ],
)
def test_a_switch_that_means_no_good_leaves_devices_their_own_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object]
) -> None:
    # The agent of these tests is slow; the real bound is the same check with another number.
    monkeypatch.setattr(switch_tables, "_MOST_ROWS", 500)
    (tmp_path / "devices.csv").touch()
    settings = PresenceSettings.model_validate(
        {
            "id": "rooms",
            "devices": tmp_path / "devices.csv",
            "neighbours": "/dev/null",
            "method": "tcp",
            "timeout_s": 1,
            "ports": [free_port()],
        }
    )

    async def story() -> Round:
        async with serving(Faulty(dict(SWITCH), **fault)) as agent:  # type: ignore[arg-type]  # its faults
            target = Target(host="127.0.0.1", port=agent.port, community="campus", timeout_s=0.2, retries=0)
            # This machine refuses the connection, and is there.
            device = ListedDevice(device="PC-1", type="class_pc", room="101", host="127.0.0.1")
            return await Presence(
                settings,
                devices=[device],
                switches={"sw": lambda: V2c(target, most=20)},
                recall=lambda _: None,
            ).collect(count(NOW).__next__)

    result, most = measured(story)
    switch, devices = result.runs
    assert (switch.status in {"decode", "timeout"}, bool(switch.reason), devices.status) == (True, True, "ok")
    assert most < MOST_BYTES
