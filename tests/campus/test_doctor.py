"""`campus doctor`: what a machine lacks, as the package itself says it, and what cannot be reached."""

import shutil
import socket
from pathlib import Path

import pytest

from campus.commands.doctor import broker_answers, disk, extra_finding, registry_reads, store_answers
from campus.commands.doctor.keeping import store_keeps
from campus.installed import extras, lacking
from contract import Address, Point, Radio, to_point
from contract.daybook import LATE_DAY
from store import open_store
from tests.servers import free_port

SMALL = Path(__file__).parents[1] / "cases" / "rules" / "small"
REQUIRED = [
    "pydantic<3,>=2.10",
    'aiomqtt<3,>=2.5; extra == "edge"',
    'python-docx>=1.2; extra == "server"',
    'scipy>=1.14; extra == "server"',
    'tzdata>=1; sys_platform == "none" and extra == "server"',
    'campus-monitoring[edge,server]; extra == "demo"',
    'iotcore>=0.4; extra == "demo"',
]


@pytest.mark.parametrize(
    ("extra", "installed", "expected"),
    [
        ("edge", {"aiomqtt": "2.5.1"}, []),
        ("edge", {}, ["aiomqtt"]),
        ("edge", {"aiomqtt": "2.4"}, ["aiomqtt 2.4 (<3,>=2.5)"]),
        # What only the report needs is needed, too.
        ("server", {"scipy": "1.15"}, ["python-docx"]),
        ("demo", {"scipy": "1.15", "python-docx": "1.2"}, ["aiomqtt", "iotcore"]),
    ],
)
def test_an_extra_lacks_what_its_requirements_name(
    extra: str, installed: dict[str, str], expected: list[str]
) -> None:
    assert expected == lacking(REQUIRED, extra, installed.get)


def test_the_extras_are_those_of_the_installed_package() -> None:
    assert {"demo", "edge", "server"} <= set(extras())


def test_an_extra_that_lacks_something_says_how_to_install_it() -> None:
    finding = extra_finding("server", ["python-docx", "scipy"])
    assert ("missing", "缺少 python-docx、scipy", True) == (
        finding.state,
        str(finding.detail),
        "pip install '.[server]'" in str(finding.remedy),
    )


def test_a_folder_that_is_not_there_fails_and_one_with_room_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = disk(tmp_path / "none")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    full = disk(tmp_path)
    assert (("failed", f"{tmp_path / 'none'}: 没有此文件或文件夹"), "failed") == (
        (missing.state, missing.detail),
        full.state,
    )


def test_a_broker_that_listens_answers_and_another_does_not() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        port = server.getsockname()[1]
        well = broker_answers(f"mqtt://127.0.0.1:{port}")
    ill = broker_answers(f"mqtt://127.0.0.1:{port}")
    wrong = broker_answers("http://127.0.0.1")
    assert ["ok", "failed", "failed"] == [well.state, ill.state, wrong.state]
    assert ill.detail == f"mqtt://127.0.0.1:{port}: 连接被拒绝"


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    finding = store_answers(f"sqlite:///{file}")
    assert ("failed", f"{file}: 没有此文件", False) == (finding.state, finding.detail, file.exists())


def test_a_store_of_several_files_is_looked_through(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    point = to_point(
        Address("120116", "2112000001", "gw"), "e" * 16, 1, Radio(time=1_632_700_000_000, ap="A", radio="0")
    )
    with open_store(url) as store:
        store.write([point])
    well = store_keeps(url)
    (tmp_path / "store.sqlite.readings-2021-09").unlink()
    gone = store_keeps(url)
    assert [("ok", "2 个文件，0 MB"), ("ok", "readings-2021-09: 尚未汇总成日账，保留")] == [
        (finding.state, str(finding.detail)) for finding in well
    ]
    assert ("failed", "缺少 store.sqlite.readings-2021-09") == (gone[0].state, str(gone[0].detail))


def test_readings_that_came_too_late_are_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    days = {"2021-09-01": 5, "2021-10-01": 37}
    with open_store(url) as store:
        store.write(
            [
                Point(LATE_DAY, ("120116", "2112000001"), 1_632_700_000_000 + number, (day, number, 1))
                for day, number in days.items()
            ]
        )
    told = store_keeps(url)[-1]
    assert ("missing", "1 所学校的 2 天有 42 条读数未计入，最近一天：2112000001 2021-10-01 37 条") == (
        told.state,
        str(told.detail),
    )


def test_a_registry_is_counted_or_its_first_problem_told(tmp_path: Path) -> None:
    well, ill = registry_reads(SMALL), registry_reads(tmp_path)
    assert ("ok", "failed") == (well.state, ill.state)
    assert str(well.detail).startswith("7 所学校")
