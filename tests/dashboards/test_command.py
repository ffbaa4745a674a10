"""`campus board` as a process: what is wrong is one line, and SIGTERM ends it cleanly."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from dashboards.board import BoardSettings, RoomName, SchoolName
from dashboards.board.names import read_names
from runtime import load
from store import open_store
from tests.servers import Server, free_port

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


@pytest.mark.usefixtures("in_english")
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


def write_registry(folder: Path) -> None:
    folder.mkdir()
    (folder / "schools.csv").write_text(
        "学校标识码,学校名称,区县,办学类型,小学在校生数\n2112000001,模拟第一小学,120116,小学,340\n",
        encoding="utf-8",
    )
    (folder / "rooms.csv").write_text(
        "school_code,room,name,kind,area_m2,coverage,multimedia\n2112000001,R01,一年级1班,普通教室,61.5,key,1\n",
        encoding="utf-8",
    )
    (folder / "statistics.csv").write_text("school_code,stage,item,value\n", encoding="utf-8")
    (folder / "calendar.toml").write_text(
        'timezone = "Asia/Shanghai"\nschool_days = ["mon"]\n'
        '[[term]]\nname = "一"\nfirst = 2026-08-31\nlast = 2027-01-22\n'
        '[[slot]]\nname = "第1节"\nbegin = "08:00"\nend = "08:40"\n',
        encoding="utf-8",
    )


def test_schools_and_rooms_are_called_as_the_registry_calls_them(tmp_path: Path) -> None:
    write_registry(tmp_path / "registry")
    names = read_names(tmp_path / "registry")
    assert names.school("2112000001") == SchoolName(name="模拟第一小学", kind="小学")
    assert names.room("2112000001", "R01") == RoomName(
        name="一年级1班", kind="普通教室", area_m2="61.5", number="R01"
    )


@pytest.mark.usefixtures("in_english")
def test_the_program_serves_its_registry_and_sigterm_ends_it_with_exit_code_0(tmp_path: Path) -> None:
    write_registry(tmp_path / "registry")
    port = free_port()
    config = tmp_path / "board.toml"
    with open_store(f"sqlite:///{tmp_path}/x.sqlite") as store:
        store.prepare()
    config.write_text(f'store = "sqlite:///{tmp_path}/x.sqlite"\nregistry = "registry"\nport = {port}\n')
    command = [sys.executable, "-m", "campus.main", "board", "--config", str(config)]
    server = Server("board", command, port, tmp_path, {"PYTHONPATH": str(Path.cwd())}).start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/schools") as answer:
            page = answer.read().decode()
        busy = board(config)
    finally:
        assert server.process is not None
        server.process.terminate()
        ended = server.process.wait(30)
        server.stop()
    assert "模拟第一小学" in page
    assert (busy.returncode, busy.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in busy.stderr
    assert ended == 0


def test_a_registry_with_a_mistake_stops_the_board_before_it_listens(tmp_path: Path) -> None:
    write_registry(tmp_path / "registry")
    (tmp_path / "registry" / "rooms.csv").write_text("school_code,room,coverage\n9999999999,R01,key\n")
    config = tmp_path / "board.toml"
    config.write_text(f'store = "sqlite:///{tmp_path}/x.sqlite"\nregistry = "registry"\n')
    ended = board(config)
    assert ended.returncode == 2
    assert "9999999999" in ended.stderr
    assert "Traceback" not in ended.stderr
