"""The systemd units: accepted by systemd itself, and starting commands that exist."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from campus.program import app
from tests.servers import program

UNITS = sorted(Path("deploy/systemd").glob("*.service"))


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys keep their case
    parser.read_string(unit.read_text())
    return parser


def test_there_is_a_unit_for_every_long_running_program() -> None:
    names = [unit.name for unit in UNITS]
    assert names == [
        "campus-board.service",
        "campus-ca.service",
        "campus-edge@.service",
        "campus-ingest.service",
        "campus-rules.service",
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_campus_knows(unit: Path) -> None:
    program, *words = read(unit)["Service"]["ExecStart"].split()
    known = typer.main.get_command(app)
    while words and hasattr(known, "commands") and words[0] in known.commands:
        known = known.commands[words.pop(0)]
    options = {option for parameter in known.params for option in parameter.opts}
    assert program == "/opt/campus/bin/campus"
    assert words[0] in options


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_wrong_configuration_is_not_tried_again_and_the_program_may_finish(unit: Path) -> None:
    service = read(unit)["Service"]
    assert (service["RestartPreventExitStatus"], service["TimeoutStopSec"]) == ("2", "30")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_program_may_write_nowhere_but_in_its_state_directory(unit: Path) -> None:
    service = read(unit)["Service"]
    assert (service["ProtectSystem"], service["StateDirectory"], service["User"]) == (
        "strict",
        "campus",
        "campus",
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name.replace("@", "@gw1")
    # The program is not installed at its place here; any program that exists will do.
    copy.write_text(unit.read_text().replace("/opt/campus/bin/campus", sys.executable))
    command = [program("systemd-analyze"), "verify", "--man=no", "--generators=no", str(copy)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    complaints = [line for line in ended.stderr.splitlines() if copy.name in line]
    assert complaints == []
