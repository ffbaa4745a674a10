"""`campus board` as a process: what is wrong is one line, and SIGTERM ends it cleanly."""

import subprocess
import sys
from pathlib import Path

import pytest

from dashboards.board import BoardSettings
from runtime import load

SAMPLE = Path("dashboards/sample.toml")


def board(config: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "campus.main", "board", "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_sample_loads_and_its_commented_lines_are_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    text = SAMPLE.read_text(encoding="utf-8")
    plain, opened = tmp_path / "plain.toml", tmp_path / "opened.toml"
    plain.write_text(text, encoding="utf-8")
    lines = (line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    opened.write_text("\n".join(lines), encoding="utf-8")
    assert load(BoardSettings, plain) == load(BoardSettings, opened)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('registry = "."', "store: must be set"),
        ('store = "sqlite:///x"\nregistry = "nowhere"', "registry: there is no registry at "),
        ('store = "postgres://x"\nregistry = "."', "store: store 'postgres://x': must begin with"),
        ('store = "sqlite:///x"\nregistry = "."\nprot = 1', "prot: no such setting"),
        ('store = "sqlite:///x"\nregistry = "."\ntimezone = "Mars"', "timezone: no such time zone"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    config = tmp_path / "board.toml"
    config.write_text(text)
    ended = board(config)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert f"{config}: {problem}" in ended.stderr
