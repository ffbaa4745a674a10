"""Beacons: the sample script as a class PC runs it, signatures, copies of what was sent, and bad senders."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from contract import RoomDevice
from edge_agent.beacon_list import read_beacons
from edge_agent.collectors.base import Round
from edge_agent.collectors.beacon import BeaconCollector
from edge_agent.settings import BeaconSettings
from firmware_sim import World, load_scenario
from firmware_sim.files import TOKEN_VARIABLE
from firmware_sim.rooms.beacons import (
    body_of,
    report_all,
    send,
    signed,
    time_of,
    write_beacons,
)
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.life import RoomLife
from runtime import ConfigError
from tests.firmware_sim.conftest import CASES, LESSON, NIGHT
from tests.servers import free_port, program

SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
CAMPUS = World(SCENARIO).campus(SCENARIO.schools[0].code)
EQUIPMENT, LIFE = Equipment(CAMPUS.school), RoomLife(CAMPUS, seed=SCENARIO.seed)
TOKEN = "a token of some length"
SCRIPT = Path(__file__).parents[2] / "deploy" / "beacon" / "campus-beacon.sh"
PC = next(one for one in EQUIPMENT.computers if one.device == "PC-103")


class Gateway:
    """A beacon collector that listens, and its clock."""

    def __init__(self, folder: Path, now: float) -> None:
        self.now, self.port = now, free_port()
        write_beacons(EQUIPMENT.computers, folder)
        settings = BeaconSettings.model_validate(
            {"id": "b", "beacons": "beacons.csv", "host": "127.0.0.1", "port": self.port},
            context={"folder": folder},
        )
        self.collector = BeaconCollector(settings, beacons=read_beacons(settings.beacons))

    async def round(self) -> Round:
        return await self.collector.collect(lambda: int(self.now * 1000))

    async def post(self, body: bytes, signature: str | None = None) -> int:
        return await send(
            "127.0.0.1", self.port, body, signed(body, TOKEN) if signature is None else signature
        )

    def body(self, **changes: object) -> bytes:
        plain = json.loads(body_of(PC, LIFE, time=self.now, said=int(self.now)))
        return json.dumps(plain | changes).encode()


def visit(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[Gateway], Awaitable[Any]],
    at: float = LESSON,
) -> Any:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)

    async def run() -> Any:
        found = Gateway(folder, at)
        await found.round()
        try:
            return await story(found)
        finally:
            await found.collector.close()

    return asyncio.run(run())


def told(result: Round) -> dict[str, tuple[object, ...]]:
    return {
        one.device: (one.power, one.signed_in, one.display_on, one.evidence)
        for one in result.readings
        if isinstance(one, RoomDevice)
    }


def test_simulated_pcs_report_themselves_in_a_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(found: Gateway) -> Round:
        await report_all(
            EQUIPMENT.computers,
            LIFE,
            host="127.0.0.1",
            port=found.port,
            token=TOKEN,
            clock=lambda: found.now,
        )
        return await found.round()

    result = visit(tmp_path, monkeypatch, story)
    names = [one.device for one in EQUIPMENT.computers]
    assert (told(result), result.runs[0].status) == (dict.fromkeys(names, ("on", True, True, "beacon")), "ok")


def test_a_gateway_whose_clock_was_set_back_takes_new_messages_and_no_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> list[int]:
        before = found.body(nonce="a" * 32)
        codes = [await found.post(before)]
        found.now -= 3600
        codes += [await found.post(found.body(nonce="b" * 32)), await found.post(before)]
        found.now += 3600
        codes.append(await found.post(before))
        return codes

    assert [200, 200, 409, 409] == visit(tmp_path, monkeypatch, story)


def test_the_sample_script_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n", encoding="ascii")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)

    async def story(found: Gateway) -> tuple[int | None, Round]:
        process = await asyncio.create_subprocess_exec(
            program("sh"),
            str(SCRIPT),
            f"http://127.0.0.1:{found.port}/",
            "PC-103",
            str(token),
            # A proxy that is set for everything else is not asked.
            env={"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1"},
        )
        return await process.wait(), await found.round()

    code, result = visit(tmp_path, monkeypatch, story)
    assert (code, told(result)["PC-103"][0], told(result)["PC-103"][3]) == (0, "on", "beacon")


async def as_windows_posts(port: int, body: bytes, signature: str) -> tuple[bytes, bytes]:
    """A POST as Windows PowerShell 5.1 makes it (.NET's HttpWebRequest): the head first, and the body only
    once the server has said that it may come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /beacon HTTP/1.1\r\nX-Campus-Signature: {signature}\r\n"
        "User-Agent: Mozilla/5.0 (Windows NT; Windows NT 10.0; zh-CN) WindowsPowerShell/5.1.19041.4648\r\n"
        "Content-Type: application/json\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n"
        "Expect: 100-continue\r\nConnection: Keep-Alive\r\n\r\n"
    )
    writer.write(head.format(signature=signature, port=port, length=len(body)).encode())
    allowed = await reader.readuntil(b"\r\n\r\n")
    writer.write(body)
    answer = await reader.read()
    writer.close()
    return allowed, answer.partition(b"\r\n")[0]


def test_a_report_whose_body_waits_to_be_asked_for_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> tuple[bytes, bytes, Round]:
        body = found.body()
        allowed, answer = await as_windows_posts(found.port, body, signed(body, TOKEN))
        return allowed, answer, await found.round()

    allowed, answer, result = visit(tmp_path, monkeypatch, story)
    assert (allowed, answer) == (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK")
    assert told(result)["PC-103"][0] == "on"


def test_the_windows_sample_is_plain_ascii_asks_nobody_and_no_proxy() -> None:
    """PowerShell 5.1 reads a file without a mark in the machine's own code page."""
    text = SCRIPT.with_name("campus-beacon.ps1").read_bytes().decode("ascii")
    lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
    asking = [line for line in lines if "Invoke-RestMethod" in line]
    assert [("-UseBasicParsing" in line, "$Gateway/" in line) for line in asking] == [(True, True)] * 2
    assert "[System.Net.WebRequest]::DefaultWebProxy = $null" in lines
    # A line goes on behind a backtick only where that is its last sign.
    assert [line for line in text.splitlines() if "`" in line.rstrip()[:-1] or line.endswith("` ")] == []


def test_both_samples_say_the_fields_that_are_taken_and_no_other() -> None:
    fields = ["v", "device", "time", "nonce", "signed_in", "display_on"]
    for name in ("campus-beacon.sh", "campus-beacon.ps1"):
        text = SCRIPT.with_name(name).read_text(encoding="utf-8").replace("\\", "")
        found = [part for part in text.split('"') if part in fields]
        assert (found, "/beacon" in text, "X-Campus-Signature" in text) == (fields, True, True)


def test_without_a_beacon_nothing_is_said_of_a_pc_and_the_run_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> Round:
        return await found.round()

    result = visit(tmp_path, monkeypatch, story, NIGHT)
    assert (result.readings, result.runs[0].status, "PC-103" in (result.runs[0].reason or "")) == (
        (),
        "timeout",
        True,
    )


def test_what_was_heard_before_a_laptop_slept_is_not_told_when_it_wakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its monotonic clock stood still over the weekend."""

    async def story(found: Gateway) -> tuple[bool, Round]:
        await found.post(found.body())
        before = "PC-103" in told(await found.round())
        weekend_s, boot = 60 * 3600, time.clock_gettime
        monkeypatch.setattr(time, "clock_gettime", lambda clock: boot(clock) + weekend_s)
        found.now += weekend_s
        return before, await found.round()

    before, after = visit(tmp_path, monkeypatch, story)
    assert (before, after.readings, after.runs[0].status) == (True, (), "timeout")


def test_a_panel_whose_screen_is_off_is_off_though_its_pc_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> Round:
        await found.post(found.body(device="PN-101", display_on=False))
        await found.post(found.body(display_on=False))
        return await found.round()

    found = told(visit(tmp_path, monkeypatch, story))
    assert (found["PN-101"][0], found["PC-103"][0]) == ("off", "on")


def test_what_is_sent_again_or_was_signed_before_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> list[int]:
        first = found.body()
        codes = [await found.post(first), await found.post(first)]
        found.now += 30
        codes.append(await found.post(found.body()))
        codes.append(await found.post(first))  # older than the last
        found.now += 4000
        codes.append(await found.post(first))  # long over
        codes.append(await found.post(found.body(time=int(LESSON) - 60)))
        return codes

    assert visit(tmp_path, monkeypatch, story) == [200, 409, 200, 409, 409, 409]


def test_a_copy_from_before_a_restart_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(found: Gateway) -> int:
        # Recorded ten seconds ago; this gateway has just started and has not heard it.
        return await found.post(found.body(time=int(found.now) - 10))

    assert visit(tmp_path, monkeypatch, story) == 409


@pytest.mark.parametrize(
    ("changes", "signature", "code"),
    [
        ({}, "0" * 64, 403),
        ({}, "", 403),
        ({}, "不是", 403),
        ({"device": "PC-999"}, None, 403),
        ({"user": "zhangsan"}, None, 400),
        ({"signed_in": "zhangsan"}, None, 400),
        ({"signed_in": 1}, None, 400),
        ({"nonce": "short"}, None, 400),
        ({"time": 10**30}, None, 400),
        ({"v": 2}, None, 400),
    ],
)
def test_whoever_is_not_to_be_believed_is_refused_and_counted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
    signature: str | None,
    code: int,
) -> None:
    async def story(found: Gateway) -> tuple[int, Round]:
        body = found.body(**changes)
        if signature == "不是":
            return await _raw(found, body, signature), await found.round()
        return await found.post(body, signature), await found.round()

    status, result = visit(tmp_path, monkeypatch, story)
    assert (status, result.readings, "1 个报文被拒" in (result.runs[0].reason or "")) == (code, (), True)
    assert "zhangsan" not in repr(result)


async def _raw(found: Gateway, body: bytes, signature: str) -> int:
    head = f"POST /beacon HTTP/1.1\r\nContent-Length: {len(body)}\r\nX-Campus-Signature: {signature}\r\n\r\n"
    return int((await _talk(found, head.encode() + body)).split(b" ")[1])


async def _talk(found: Gateway, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", found.port)
    writer.write(data)
    if not data.endswith(b"\n") and b"\r\n\r\n" not in data:
        writer.write_eof()
    heard = await reader.read()
    writer.close()
    return heard


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /beacon HTTP/1.1\r\n\r\n", b"405"),
        (b"\x16\x03\x01\x02\r\n\r\n", b"400"),
        (b"GET /time HTTP/1.1\r\nA: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (b"POST /beacon HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /beacon HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST /beacon HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /beacon HTTP/1.1\r\nContent-Length: 9\r\n\r\n{{{{{{{{{", b"400"),
        (b"half", b""),
    ],
)
def test_what_is_no_small_request_is_turned_away_and_the_next_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, answer: bytes
) -> None:
    async def story(found: Gateway) -> tuple[bytes, int]:
        heard = await _talk(found, data)
        return heard.split(b" ")[1] if b" " in heard else heard, await found.post(found.body())

    assert visit(tmp_path, monkeypatch, story) == (answer, 200)


def test_powershell_waits_for_a_continue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(found: Gateway) -> list[bytes]:
        body = found.body()
        head = (
            f"POST /beacon HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n"
            f"X-Campus-Signature: {signed(body, TOKEN)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", found.port)
        writer.write(head.encode())
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        second = await reader.read()
        writer.close()
        return [first.split(b" ")[1], second.split(b" ")[1]]

    assert visit(tmp_path, monkeypatch, story) == [b"100", b"200"]


def test_the_gateway_tells_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert visit(tmp_path, monkeypatch, lambda found: time_of("127.0.0.1", found.port)) == int(LESSON)


def test_a_port_that_is_taken_is_a_mistake_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: Gateway) -> Round:
        other = Gateway(tmp_path, LESSON)
        other.collector = BeaconCollector(
            found.collector._settings, beacons=read_beacons(tmp_path / "beacons.csv")
        )
        return await other.round()

    result = visit(tmp_path, monkeypatch, story)
    assert (result.runs[0].status, "无法监听" in (result.runs[0].reason or "")) == ("config", True)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("PC-1,101,short,", "env:变量名"),
        ("PC-1,101,env:SHORT,", "至少 16 个字符"),
        ("PC-1,101,env:LONG,projector", "class_pc 或 panel"),
        ("PC-1,101,env:LONG,\nPC-1,102,env:LONG,", "出现两次"),
    ],
)
def test_a_wrong_line_of_the_list_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, problem: str
) -> None:
    monkeypatch.setenv("SHORT", "short")
    monkeypatch.setenv("LONG", TOKEN)
    (tmp_path / "beacons.csv").write_text(f"device,room,token,type\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        read_beacons(tmp_path / "beacons.csv")
