"""`campus doctor --config`: every mistake of a set-up is found before a night is lost to it."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from campus.commands.doctor.finding import Finding
from campus.commands.doctor.programs import examine
from campus.commands.doctor.stores import allowed, store_of
from campus.commands.doctor.together import together
from runtime.errors import UserError
from tests.servers import Server, free_port, influxd, mosquitto, program, running
from tests.store.influx2_front import TOKEN, WRITE_ONLY, influx2_front

ACL = Path(__file__).parents[2] / "deploy" / "mosquitto" / "acl"
REGISTRY = Path(__file__).parents[1] / "cases" / "rules" / "small"
USERS = {"2112000001": "password of the school", "ingest": "password of ingest", "gw-1": "another"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The broker as we ship it: a user a school, and the rules that go with them."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copy(ACL, folder / "acl")
    passwords = folder / "passwords"
    passwords.touch()
    for user, password in USERS.items():
        subprocess.run([program("mosquitto_passwd"), "-b", passwords, user, password], check=True)
    rules = f"password_file {passwords}\nacl_file {folder / 'acl'}"
    server = mosquitto(folder)
    config = folder / "mosquitto.conf"
    config.write_text(config.read_text().replace("allow_anonymous true", f"allow_anonymous false\n{rules}"))
    with running(server):
        yield server


@pytest.fixture
def folder(tmp_path: Path, in_english: None) -> Path:
    for name in ("survey", "ledger"):
        (tmp_path / name).mkdir()
    for user, password in USERS.items():
        (tmp_path / user).write_text(password)
    (tmp_path / "wrong").write_text("not this one")
    (tmp_path / "registry").symlink_to(REGISTRY)
    return tmp_path


def edge(folder: Path, broker: Server, *, user: str = "2112000001", secret: str = "", more: str = "") -> Path:
    path = folder / "edge.toml"
    path.write_text(
        f'district = "120116"\nschool = "2112000001"\ngateway = "gw1"\nspool_max_bytes = 1048576\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\nusername = "{user}"\n'
        f'password = "file:{secret or user}"\n[[survey]]\nid = "survey"\nfolder = "survey"\n{more}'
    )
    return path


def ingest(folder: Path, broker: Server, *, user: str = "ingest", store: str = "") -> Path:
    path = folder / "ingest.toml"
    path.write_text(
        f'store = "{store or f"sqlite:///{folder}/readings.sqlite"}"\nquarantine = "quarantine.sqlite"\n'
        f"quarantine_max_bytes = 1048576\n"
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\nusername = "{user}"\npassword = "file:{user}"\n'
    )
    return path


def failed(findings: list[Finding]) -> list[str]:
    return [f"{finding.what}: {finding.detail}" for finding in findings if finding.state == "failed"]


def test_a_right_gateway_and_a_right_ingest_have_nothing_failed(folder: Path, guarded: Server) -> None:
    programs = [examine(edge(folder, guarded)), examine(ingest(folder, guarded))]
    assert [[], []] == [failed(program.findings) for program in programs]
    assert not (folder / "readings.sqlite").exists()


def test_a_user_that_the_rules_do_not_know_may_not_speak(folder: Path, guarded: Server) -> None:
    found = examine(edge(folder, guarded, user="gw-1")).findings
    assert [
        f"broker: speak: campus/v1/120116/2112000001/gw1/{stream}: Not authorized"
        for stream in ("status", "readings")
    ] == failed(found)
    assert "is user gw-1 allowed to?" in {str(finding.remedy) for finding in found}


def test_a_wrong_password_a_broker_that_is_away_and_a_school_as_ingest_are_told(
    folder: Path, guarded: Server
) -> None:
    away = replace(guarded, port=free_port())
    told = [
        failed(examine(edge(folder, guarded, secret="wrong")).findings),
        failed(examine(edge(folder, away)).findings),
        failed(examine(ingest(folder, guarded, user="2112000001")).findings),
    ]
    url = f"mqtt://127.0.0.1:{guarded.port}"
    assert [
        [f"broker: {url}: Not authorized"],
        [f"broker: mqtt://127.0.0.1:{away.port}: Connection refused"],
        ["broker: speak: campus/v1/000000/0000000000/doctor/ack: Not authorized"],
    ] == told


def test_devices_are_asked_as_the_gateway_would(folder: Path, guarded: Server) -> None:
    port = free_port()
    (folder / "projectors.csv").write_text(f"host,room,port\n127.0.0.1,101,{port}\n")
    more = '[[pjlink]]\nid = "pj"\nprojectors = "projectors.csv"\n'
    snmp = free_port()
    more += f'[[snmp_wlan]]\nid = "ac"\nhost = "127.0.0.1"\nport = {snmp}\ncommunity = "file:wrong"\n'
    more += "timeout_s = 0.2\nretries = 0\n"
    told = failed(examine(edge(folder, guarded, more=more)).findings)
    assert [f"ac 127.0.0.1:{snmp}", f"pj 127.0.0.1:{port}"] == sorted(line.split(": ")[0] for line in told)


def test_programs_with_two_stores_or_two_time_zones_are_told(folder: Path, guarded: Server) -> None:
    (folder / "rules.toml").write_text(f'registry = "registry"\nstore = "sqlite:///{folder}/campus.sqlite"\n')
    (folder / "board.toml").write_text(
        f'registry = "registry"\nstore = "sqlite:///{folder}/readings.sqlite"\ntimezone = "Asia/Tokyo"\n'
    )
    paths = [ingest(folder, guarded), folder / "rules.toml", folder / "board.toml"]
    told = failed(together([examine(path) for path in paths]))
    assert ["store", "time zone"] == [line.partition(":")[0] for line in told]
    assert "campus.sqlite" in told[0]
    assert "board Asia/Tokyo" in told[1]


def test_a_store_that_may_not_be_written_read_or_that_has_another_organisation_is_told(
    tmp_path: Path, in_english: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(influxd(tmp_path)) as back, influx2_front(back.port, free_port()) as base:
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
        right = allowed(f"{base}campus?org=binhai", "write", "read")
        nobody = [allowed(f"{base}campus?org=nobody", need) for need in ("write", "read")]
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", WRITE_ONLY)
        only_writes = allowed(f"{base}campus?org=binhai", "write", "read")
        monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", "nobody's")
        stranger = allowed(f"{base}campus?org=binhai", "write", "read")
    assert [
        ["ok", "ok"],
        ["failed", "failed"],
        ["ok", "failed"],
        ["failed", "failed"],
    ] == [
        [finding.state for finding in found]
        for found in (right, [found for each in nobody for found in each], only_writes, stranger)
    ]
    assert all("there is no organisation 'nobody'" in str(found[0].detail) for found in nobody)


def test_one_store_is_one_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_of("sqlite:///a.sqlite") == store_of(f"sqlite:///{tmp_path}/a.sqlite")
    assert store_of("influxdb://h/b") == store_of("influxdb://h:8086/b?org=x")
    assert store_of("influxdb://h/b") != store_of("influxdb://h/c")


def test_a_configuration_that_cannot_be_read_is_a_finding_and_the_others_are_looked_at(folder: Path) -> None:
    (folder / "bad.toml").write_text("gateway = [")
    with pytest.raises(UserError, match=r"bad\.toml"):
        examine(folder / "bad.toml")
