"""A campus network that was not heard is written as no signal, and never because its name was mistyped."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.program import app
from runtime.errors import UserError

HEAD = "SSID,BSSID,RSSI,Channel\n"
TIME = ("--room", "R101", "--point", "A", "--time", "2026-09-01 08:00")


def imported(tmp_path: Path, lines: str, ssid: str) -> tuple[list[str], str]:
    """The rows that are written, as band and level, and what is said beside them."""
    file = tmp_path / "export.csv"
    file.write_text(HEAD + lines, encoding="utf-8")
    ran = CliRunner().invoke(app, ["edge", "survey", "import", str(file), "--ssid", ssid, *TIME])
    if isinstance(ran.exception, UserError):
        return [], str(ran.exception)
    rows = [line.split(",") for line in ran.stdout.splitlines()[1:]]
    return [f"{row[3]} {row[4]}" for row in rows], ran.stderr


CAMPUS = "Campus,02:00:00:00:00:01,-61,36\n"


@pytest.mark.parametrize("ssid", ["campus", "CAMPUS", "Ｃａｍｐｕｓ", "Cam pus"])
def test_a_name_that_differs_in_case_or_width_is_asked_about(tmp_path: Path, ssid: str) -> None:
    rows, said = imported(tmp_path, CAMPUS, ssid)
    assert ([], True) == (rows, "是否应为 Campus" in said)


def test_a_network_that_is_not_there_is_no_signal_and_that_is_said(tmp_path: Path) -> None:
    rows, said = imported(tmp_path, CAMPUS, "School")
    assert (["5 "], True) == (rows, "没有听到 School，按无信号写出；文件中有：Campus" in said)


@pytest.mark.parametrize("hidden", ["", "<hidden>", "[隐藏]", "Hidden Network", "*hidden*"])
def test_a_network_that_hides_its_name_may_be_ours(tmp_path: Path, hidden: str) -> None:
    rows, said = imported(tmp_path, f"{CAMPUS}{hidden},02:00:00:00:00:02,-70,6\n", "Campus")
    assert (["5 -61"], True) == (rows, "2.4 GHz 有隐藏名称的网络" in said)


def test_a_table_without_a_level_that_can_be_read_is_no_empty_one(tmp_path: Path) -> None:
    rows, said = imported(tmp_path, "Campus,02:00:00:00:00:01,78%,36\n", "Campus")
    assert ([], True) == (rows, "没有一行能读出信号" in said)
