"""Configuration: the sample is valid, and what is wrong is one line naming file and key."""

import shutil
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge_agent import main
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.kinds import KINDS
from edge_agent.settings import LedgerSettings
from edge_agent.tables import read_projectors, read_room_map
from runtime import ConfigError, load

SAMPLE = Path(main.__file__).with_name("sample.toml")
CASES = Path(__file__).parents[1] / "cases" / "edge_agent"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "aps.csv").write_text("ap,room\nSER0,101\n", encoding="utf-8")
    (tmp_path / "projectors.csv").write_text("host,port,password,device,room\n10.0.0.5,,,,101\n")
    (tmp_path / "devices.csv").write_text("type,mac,room\npanel,506f-77ea-dca0,101\n")
    (tmp_path / "plugs.csv").write_text("topic,kind,room\ntasmota_1,tasmota,101\n")
    (tmp_path / "beacons.csv").write_text("device,room,token\nPC-101,101,env:BEACON_TOKEN\n")
    monkeypatch.setenv("BEACON_TOKEN", "a token of some length")
    (tmp_path / "probes.csv").write_text("room,interface\n101,wlan1\n")
    (tmp_path / "survey").mkdir()
    (tmp_path / "ledger").mkdir()
    monkeypatch.setenv("AC1_COMMUNITY", "campus")
    monkeypatch.setenv("TEST_COMMUNITY", "campus")
    monkeypatch.setenv("TEST_PLACEHOLDER", "change-me")
    return tmp_path


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/gateway.toml")))
def test_a_wrong_configuration_is_one_line(folder: Path, case: str) -> None:
    shutil.copytree(CASES / case, folder, dirs_exist_ok=True)
    with pytest.raises(ConfigError) as raised:
        main.Gateway(load(EdgeSettings, folder / "gateway.toml"))
    assert str(raised.value).replace(f"{folder}/", "") == (folder / "expected.txt").read_text("utf-8").strip()


def test_the_sample_is_a_working_configuration(folder: Path) -> None:
    path = folder / "gateway.toml"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load(EdgeSettings, path)
    actual = (settings.spool, settings.snmp_wlan[0].rooms, settings.survey[0].folder)
    assert actual == (folder / "spool.sqlite", folder / "aps.csv", folder / "survey")


def test_what_the_sample_shows_commented_out_are_the_defaults(folder: Path) -> None:
    path = folder / "gateway.toml"
    text = SAMPLE.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    plain = load(EdgeSettings, path)
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("# Secrets")]
    shown = [line.removeprefix("# ") if _is_setting(line) else line for line in text.splitlines()]
    path.write_text("\n".join(line for line in shown if not _names_a_choice(line)), encoding="utf-8")
    assert (load(EdgeSettings, path), len(lines) > 30) == (plain, True)


def _is_setting(line: str) -> bool:
    name, equals, value = line.removeprefix("# ").partition(" = ")
    return (
        line.startswith("# ")
        and bool(equals)
        and name.replace("_", "").isalpha()
        and _is_toml(f"x = {value}")
    )


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _names_a_choice(line: str) -> bool:
    """Settings that have no default to show."""
    return line.partition(" = ")[0] in {"username", "password", "ca_file"}


def test_a_secret_file_is_meant_as_seen_from_the_configuration(folder: Path) -> None:
    path = folder / "gateway.toml"
    (folder / "community").write_text("campus\n", encoding="utf-8")
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace("env:AC1_COMMUNITY", "file:community"))
    assert load(EdgeSettings, path).snmp_wlan[0].read_community() == "campus"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_from_a_spreadsheet_are_read_in_its_encoding(folder: Path, encoding: str) -> None:
    (folder / "aps.csv").write_text("ap,room\r\nSER0,一号楼101\r\n", encoding=encoding)
    assert read_room_map(folder / "aps.csv").room_of("ser0") == "一号楼101"


def test_a_projector_without_asset_number_is_known_by_its_address(folder: Path) -> None:
    (folder / "projectors.csv").write_text("host,port,room\n10.0.0.5,4353,101\n10.0.0.6,,102\n")
    assert [p.device for p in read_projectors(folder / "projectors.csv")] == ["10.0.0.5:4353", "10.0.0.6"]


def test_the_sample_shows_every_kind_of_collector(folder: Path) -> None:
    shown = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    assert {kind.name for kind in KINDS} == {name for name, value in shown.items() if isinstance(value, list)}


def test_a_ledgers_own_headings_are_checked_with_the_configuration(tmp_path: Path) -> None:
    columns = LedgerSettings(id="a", folder=tmp_path, columns={"asset": "校产号", "几件": "数量"}).headings
    with pytest.raises(ValidationError, match="几件"):
        LedgerSettings(id="a", folder=tmp_path, columns={"几件": "几个"})
    assert {"校产号": "asset", "几件": "quantity"} == columns
