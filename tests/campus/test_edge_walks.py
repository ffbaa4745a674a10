"""`campus edge snmprec` and `campus edge record`, as a school's staff would type them."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edge_agent.controllers import Faulty, controller, serving, snmpd
from tests.servers import running

CASES = Path(__file__).parents[1] / "cases" / "edge_agent" / "snmp"
ROOT = Path(__file__).parents[2]


def campus(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "campus.main", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_a_recorded_walk_is_shown_as_a_gateway_reads_it(tmp_path: Path) -> None:
    case = CASES / "h3c"
    ran = campus("edge", "snmprec", str(case / "walk.snmprec"), "--rooms", str(case / "aps.csv"))
    told = [word in ran.stdout for word in ("ok  3/2", "219801TEST0000000002", "R102", "starting", "WA6320")]
    assert (ran.returncode, told) == (0, [True] * 5)


def test_what_is_recorded_of_a_real_agent_can_be_shown(tmp_path: Path) -> None:
    out = tmp_path / "ac.snmprec"
    with running(snmpd(tmp_path / "snmpd", controller(5))) as agent:
        wrote = campus(
            *("edge", "record", "127.0.0.1", "--port", str(agent.port), "--out", str(out)),
            *("--community", "env:AC_COMMUNITY"),
            AC_COMMUNITY="campus",
        )
    shown = campus("edge", "snmprec", str(out))
    assert (wrote.returncode, "ok  5/5" in shown.stdout, "教室" in out.read_text("utf-8")) == (0, True, False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("snmprec", "/nowhere.snmprec"), "campus: /nowhere.snmprec: 无法读取：没有此文件或文件夹"),
        (("record", "127.0.0.1", "--out", "x"), "campus: 须写 community"),
        (
            ("record", "127.0.0.1:161", "--community", "env:X", "--out", "x"),
            "campus: host: 地址里不写端口：host 写 127.0.0.1，port 写 161（现为 '127.0.0.1:161'）",
        ),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    ran = campus("edge", *arguments)
    assert (ran.returncode, ran.stderr.strip()) == (2, expected)


def test_a_device_that_does_not_answer_is_told(tmp_path: Path) -> None:
    async def port_of_a_mute_one() -> subprocess.CompletedProcess[str]:
        async with serving(Faulty(controller(1), garbage=bytes.fromhex("3082"))) as agent:
            return await asyncio.to_thread(
                campus,
                *("edge", "record", "127.0.0.1", "--port", str(agent.port), "--out", str(tmp_path / "x")),
                *("--community", "env:AC_COMMUNITY"),
                AC_COMMUNITY="campus",
            )

    ran = asyncio.run(port_of_a_mute_one())
    assert (ran.returncode, ran.stderr.startswith("campus: 127.0.0.1：无法读懂答复")) == (2, True)
