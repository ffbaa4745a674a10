"""What a newcomer sees: `campus demo --once` ends with a term and a verdict for every school, and leaves
nothing behind."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.servers import free_port

ROOT = Path(__file__).parents[2]


def run_demo(*options: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "campus.main", "demo", "--port", str(free_port()), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)},
        check=False,
        timeout=500,
    )


@pytest.mark.timeout(600)
def test_the_demo_ends_with_a_term_and_a_verdict_for_every_school_and_cleans_up(tmp_path: Path) -> None:
    done = run_demo("--once", scratch=tmp_path)
    assert 0 == done.returncode, done.stdout + done.stderr
    rows = done.stdout.replace("\n", " ")
    wanted = (
        "滨海模拟第一小学",
        "11/11 个房间已覆盖",
        "10/12 个房间已覆盖",
        "✗ 2.19",
        "✓ 2.41",
        "未使用：滨海模拟第一小学 301 PJ-301",
        "已销号 2 · 复发 1",
    )
    assert [] == [text for text in wanted if text not in rows]
    assert "数据不足" not in rows
    assert [] == list(tmp_path.iterdir())


def test_a_demo_that_gets_no_verdict_in_time_says_which_and_exits_1(tmp_path: Path) -> None:
    done = run_demo("--once", "--seconds", "5", scratch=tmp_path)
    assert 1 == done.returncode, done.stdout + done.stderr
    rows = done.stdout.replace("\n", " ")
    assert "尚无结论: 2112000001 无线" in rows
    assert "缺少: 复发的问题" in rows


def test_a_port_in_use_is_one_clear_line_before_anything_starts(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = run_demo("--once", "--port", str(port), scratch=tmp_path)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert f"无法监听 127.0.0.1:{port}" in done.stderr.splitlines()[-1]
    assert "" == done.stdout
    assert "Traceback" not in done.stderr
    assert tempfile.gettempdir() not in done.stderr
