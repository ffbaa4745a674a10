"""`campus edge check` as a teacher runs it: every target asked once, a room for each device."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from contract import CollectorRun
from edge_agent.collectors.base import Clock, Reads, Round, RunStatus
from edge_agent.trying import try_all
from tests.edge_agent.controllers import controller, snmpd
from tests.rules.commands import SMALL
from tests.servers import Server, free_port, running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(snmpd(tmp_path_factory.mktemp("snmpd"), controller(2))) as server:
        yield server


def campus(*arguments: str, folder: Path, language: str = "zh") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "campus.main", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "AC": "campus",
            "CAMPUS_LANG": language,
            "COLUMNS": "160",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def configured(folder: Path, agent: Server, rooms: str, *, projector: str = "") -> Path:
    (folder / "aps.csv").write_text(f"ap,room\n{rooms}\n", encoding="utf-8")
    config = folder / "gateway.toml"
    config.write_text(
        f"""
district = "120116"
school = "2112000001"
gateway = "gw1"
[broker]
url = "mqtt://127.0.0.1:1"
[[snmp_wlan]]
id = "ac1"
host = "127.0.0.1"
port = {agent.port}
community = "env:AC"
rooms = "aps.csv"
{projector}
""",
        encoding="utf-8",
    )
    return config


def test_each_device_stands_with_its_room_and_nothing_is_kept(tmp_path: Path, agent: Server) -> None:
    configured(tmp_path, agent, "SER0,101\nSER1,102")
    before = {path.name for path in tmp_path.iterdir()}
    ran = campus("edge", "check", "--config", "gateway.toml", folder=tmp_path)
    said = ("ac1", "正常", "SER0", "101", "SER1", "102", "在线", "1 个对象，0 个异常；2 台设备", "✓ 都正常")
    assert (ran.returncode, [text for text in said if text not in ran.stdout]) == (0, [])
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_gateway_that_must_enrol_first_is_told_so(tmp_path: Path, agent: Server) -> None:
    """Without it the broker's refusal, of a certificate that nobody knows, would be the first to be heard."""
    config = configured(tmp_path, agent, "SER0,101\nSER1,102")
    told = []
    for url in ("mqtt://127.0.0.1:1", "mqtts://127.0.0.1:1"):
        config.write_text(config.read_text().replace("mqtt://127.0.0.1:1", url), encoding="utf-8")
        ran = campus("edge", "check", "--config", "gateway.toml", folder=tmp_path)
        told.append((ran.returncode, "campus enrol --config gateway.toml" in ran.stdout))
    assert told == [(0, False), (0, True)]


def test_a_room_that_the_registry_has_not_is_told_with_the_likely_one(tmp_path: Path, agent: Server) -> None:
    configured(tmp_path, agent, "SER0,R1O1")
    wrote = campus(
        *("registry", "school", "2112000001", "--registry", str(SMALL), "--out", "rooms.csv"), folder=tmp_path
    )
    assert wrote.returncode == 0, wrote.stderr
    ran = campus("edge", "check", "--config", "gateway.toml", "--rooms", "rooms.csv", folder=tmp_path)
    said = (
        "登记表中没有这个房间；可能是 R101",
        "没有房间：不计入任何教室",
        "1 台没有房间，1 台的房间不在登记表中",
        "没有房间的设备：在 aps.csv 中为它写上房间",
        "登记表中没有的房间：按“可能是”改正",
    )
    assert (ran.returncode, [text for text in said if text not in ran.stdout]) == (1, [])


def test_a_target_that_is_silent_ends_with_exit_code_1_and_says_why(tmp_path: Path, agent: Server) -> None:
    (tmp_path / "projectors.csv").write_text(
        f"host,port,device,room\n127.0.0.1,{free_port()},A1,101\n", encoding="utf-8"
    )
    projector = '[[pjlink]]\nid = "projectors"\nprojectors = "projectors.csv"'
    configured(tmp_path, agent, "SER0,101\nSER1,102", projector=projector)
    ran = campus("edge", "check", "--config", "gateway.toml", folder=tmp_path, language="en")
    said = ("A1", "silent", "1 not ok", "One that is off or unplugged looks the same")
    assert (ran.returncode, [text for text in said if text not in ran.stdout]) == (1, [])


def test_what_was_left_open_is_not_forgotten(tmp_path: Path, agent: Server) -> None:
    configured(tmp_path, agent, "SER0,101\nSER1,102")
    rows = "table,device,name,likely,why\naps.csv,SER9,,,\nprojectors.csv,10.0.0.9,,,\n,10.0.0.8,,,\n"
    (tmp_path / "open.csv").write_text(rows, encoding="utf-8-sig")
    ran = campus("edge", "check", "--config", "gateway.toml", folder=tmp_path)
    assert (ran.returncode, "open.csv 中还有 2 台未定" in ran.stdout) == (0, True), ran.stdout


class Speaking:
    """A collector whose devices speak at its third round."""

    id, interval_s = "plugs", 60.0
    reads: Reads = "room_device"
    listens: Literal[True] = True

    def __init__(self) -> None:
        self.rounds = 0

    async def collect(self, clock: Clock) -> Round:
        self.rounds += 1
        status: RunStatus = "ok" if self.rounds > 2 else "timeout"
        run = CollectorRun(time=clock(), collector=self.id, target="broker", status=status, rows=self.rounds)
        return Round(runs=(run,))


@pytest.mark.parametrize(("patience_s", "rounds"), [(0.0, 1), (30.0, 3)])
def test_who_speaks_when_he_likes_is_listened_to_until_all_is_well(
    patience_s: float, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.trying._LOOK_AGAIN_S", 0.01)
    speaking = Speaking()
    (tried,) = asyncio.run(
        try_all([lambda recall: speaking], lambda: 1_790_000_000_000, patience_s=patience_s)
    )
    assert ([run.rows for run in tried.runs], speaking.rounds) == ([rounds], rounds)


def test_a_file_that_is_no_list_of_rooms_is_told(tmp_path: Path, agent: Server) -> None:
    configured(tmp_path, agent, "SER0,101")
    ran = campus("edge", "check", "--config", "gateway.toml", "--rooms", "aps.csv", folder=tmp_path)
    assert (ran.returncode, "campus registry school" in ran.stderr) == (2, True)


@pytest.mark.parametrize(("code", "said"), [("9999999999", "没有学校"), ("2112000006", "没有房间")])
def test_a_school_without_rooms_has_no_list(tmp_path: Path, code: str, said: str) -> None:
    ran = campus("registry", "school", code, "--registry", str(SMALL), "--out", "rooms.csv", folder=tmp_path)
    assert (ran.returncode, said in ran.stderr, (tmp_path / "rooms.csv").exists()) == (2, True, False)
