"""`campus doctor --config`: every mistake of a set-up is found before a night is lost to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from campus.commands.doctor.finding import Finding
from campus.commands.doctor.programs import examine
from campus.commands.doctor.stores import allowed, store_of
from campus.commands.doctor.together import together
from contract import Address
from runtime.errors import UserError
from tests.servers import free_port, influxd, running
from tests.store.influx2_front import TOKEN, WRITE_ONLY, influx2_front
from tests.trust.bureau import Bureau, bureau, now_ms
from trust.authority import user_name
from trust.broker.control import connected
from trust.broker.passwords import set_password

REGISTRY = Path(__file__).parents[1] / "cases" / "rules" / "small"
HERE = Address("120116", "2112000001", "gw1")
SCHOOL = user_name(HERE)


@dataclass
class Guarded:
    """The broker as we ship it: a user a gateway, and the rules that go with them; `secrets` by user."""

    town: Bureau
    secrets: dict[str, str]

    @property
    def port(self) -> int:
        return self.town.broker.port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with bureau(tmp_path_factory.mktemp("guarded")) as town:
        with town.office() as office:
            login = set_password(town.settings, office, HERE)
        assert town.settings.broker is not None
        with connected(town.settings.broker) as control:
            control.ask([{"command": "createClient", "username": "gw-1", "password": "another"}])
        of_ingest = (town.folder.ingest / "password").read_text().strip()
        yield Guarded(town, {SCHOOL: login.password, "ingest": of_ingest, "gw-1": "another"})


@pytest.fixture
def folder(tmp_path: Path, in_english: None, guarded: Guarded) -> Path:
    for name in ("survey", "ledger"):
        (tmp_path / name).mkdir()
    for user, password in guarded.secrets.items():
        (tmp_path / user).write_text(password)
    (tmp_path / "wrong").write_text("not this one")
    (tmp_path / "registry").symlink_to(REGISTRY)
    return tmp_path


def edge(folder: Path, broker: Guarded, *, user: str = SCHOOL, secret: str = "", more: str = "") -> Path:
    path = folder / "edge.toml"
    path.write_text(
        f'district = "120116"\nschool = "2112000001"\ngateway = "gw1"\nspool_max_bytes = 1048576\n'
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\nusername = "{user}"\n'
        f'password = "file:{secret or user}"\n[[survey]]\nid = "survey"\nfolder = "survey"\n{more}'
    )
    return path


def ingest(folder: Path, broker: Guarded, *, user: str = "ingest", store: str = "", more: str = "") -> Path:
    path = folder / "ingest.toml"
    path.write_text(
        f'store = "{store or f"sqlite:///{folder}/readings.sqlite"}"\nquarantine = "quarantine.sqlite"\n'
        f'quarantine_max_bytes = 1048576\nshare = "file:{broker.town.folder.share}"\n{more}'
        f'[broker]\nurl = "mqtt://127.0.0.1:{broker.port}"\nusername = "{user}"\npassword = "file:{user}"\n'
    )
    return path


def failed(findings: list[Finding]) -> list[str]:
    return [f"{finding.what}: {finding.detail}" for finding in findings if finding.state == "failed"]


def test_a_right_gateway_and_a_right_ingest_have_nothing_failed(folder: Path, guarded: Guarded) -> None:
    programs = [examine(edge(folder, guarded)), examine(ingest(folder, guarded))]
    assert [[], []] == [failed(program.findings) for program in programs]
    assert not (folder / "readings.sqlite").exists()


def test_a_user_that_the_rules_do_not_know_may_not_speak(folder: Path, guarded: Guarded) -> None:
    found = examine(edge(folder, guarded, user="gw-1")).findings
    assert [
        f"broker: {verb}: campus/v1/120116/2112000001/gw1/{stream}: Not authorized"
        for verb, stream in (("hear", "ack"), ("speak", "status"), ("speak", "readings"))
    ] == failed(found)
    assert "is user gw-1 allowed to?" in {str(finding.remedy) for finding in found}


def test_a_wrong_password_a_broker_that_is_away_and_a_school_as_ingest_are_told(
    folder: Path, guarded: Guarded
) -> None:
    away = free_port()
    told = [failed(examine(edge(folder, guarded, secret="wrong")).findings)]
    right = edge(folder, guarded)
    right.write_text(right.read_text().replace(f":{guarded.port}", f":{away}"))
    told += [
        failed(examine(right).findings),
        failed(examine(ingest(folder, guarded, user=SCHOOL)).findings),
    ]
    url = f"mqtt://127.0.0.1:{guarded.port}"
    assert [
        [f"broker: {url}: Not authorized"],
        [f"broker: mqtt://127.0.0.1:{away}: Connection refused"],
        # Its user works with its own client id only.
        [f"broker: {url}: Not authorized"],
    ] == told


def test_what_is_proven_by_nothing_is_said(folder: Path, guarded: Guarded) -> None:
    """No failure: a district that nobody has enrolled goes on working."""
    roster = f'[trust]\nroster = "{guarded.town.folder.roster}"\n'
    unproven = [examine(edge(folder, guarded)), examine(ingest(folder, guarded))]
    proven = examine(ingest(folder, guarded, more=roster)).findings
    (folder / "none").write_text("{")
    damaged = examine(ingest(folder, guarded, more='[trust]\nroster = "none"\n')).findings
    state = {"missing": [], "ok": [], "failed": []}
    for findings in (*(program.findings for program in unproven), proven, damaged):
        for finding in findings:
            if str(finding.what) == "sender":
                state[finding.state].append(str(finding.detail))
    assert [2, 1, 1] == [len(found) for found in state.values()]
    assert "1 gateways" in state["ok"][0]


def test_an_enrolled_gateway_is_told_until_when_and_an_ended_one_fails(
    folder: Path, guarded: Guarded
) -> None:
    town, identity = guarded.town, folder / "identity"
    identity.mkdir()
    path = edge(folder, guarded)
    text = path.read_text().replace(f"mqtt://127.0.0.1:{guarded.port}", f"mqtts://127.0.0.1:{town.tls_port}")
    path.write_text(re.sub(r"username.*\npassword.*\n", "", text).replace("2112000001", "2112000002"))
    told = []
    for days in (0, 200):
        address = Address("120116", "2112000002", "gw1")
        town.enrol(address, clock=lambda days=days: now_ms() - days * 86_400_000)
        town.sync()
        certificate, key = town.certificate(address)
        (identity / "identity.pem").write_text(Path(certificate).read_text() + Path(key).read_text())
        (identity / "ca.pem").write_text((town.folder.broker / "ca.pem").read_text())
        (identity / "server").write_text("127.0.0.1:8444\n")
        told.append([line.partition(":")[0] for line in failed(examine(path).findings)])
    assert ([], "sender") == (told[0], told[1][0])


def test_the_authority_s_settings_are_tried_as_well(folder: Path, guarded: Guarded) -> None:
    town = guarded.town
    broker = town.settings.broker
    assert broker is not None
    path = folder / "trust.toml"
    path.write_text(
        f'folder = "{town.folder.path}"\nname = "here"\n[broker]\nurl = "{broker.url}"\n'
        f'username = "campus-admin"\npassword = "file:{town.folder.admin_password}"\n'
    )
    assert [] == failed(examine(path).findings)
    path.write_text(path.read_text().replace("campus-admin", "gw-1"))
    assert ["broker"] == [line.partition(":")[0] for line in failed(examine(path).findings)]
    path.write_text('name = "nobody"\n')
    assert ["settings"] == [line.partition(":")[0] for line in failed(examine(path).findings)]


def test_devices_are_asked_as_the_gateway_would(folder: Path, guarded: Guarded) -> None:
    port = free_port()
    (folder / "projectors.csv").write_text(f"host,room,port\n127.0.0.1,101,{port}\n")
    more = '[[pjlink]]\nid = "pj"\nprojectors = "projectors.csv"\n'
    snmp = free_port()
    more += f'[[snmp_wlan]]\nid = "ac"\nhost = "127.0.0.1"\nport = {snmp}\ncommunity = "file:wrong"\n'
    more += "timeout_s = 0.2\nretries = 0\n"
    told = failed(examine(edge(folder, guarded, more=more)).findings)
    assert [f"ac 127.0.0.1:{snmp}", f"pj 127.0.0.1:{port}"] == sorted(line.split(": ")[0] for line in told)


def test_programs_with_two_stores_or_two_time_zones_are_told(folder: Path, guarded: Guarded) -> None:
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
