"""What the bureau's clerk types, from a file to a gateway that runs it, with a real broker in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.commands.doctor.senders import of_fleet
from campus.commands.fleet import app
from campus.commands.fleet_file import read_content, strange_rooms
from contract import Address, decode_wanted
from contract.proof import detach
from fleet.keeping import keep_fleet
from runtime import ConfigError, UserError
from tests.fleet.site import Projector, Site, not_taken, projectors, runs, settings_of, site
from tests.servers import free_port
from tests.trust.bureau import Client
from tests.trust.town import Town, campus
from trust.broker.control import connected
from trust.broker.syncing import broker_of

HERE = Address("120116", "2112000081", "gw1")
AWAY = Address("120116", "2112000082", "gw1")


def fleet(town: Town, *words: str, language: str = "zh") -> tuple[int, str]:
    """The command as it is typed; in Chinese in this process, which takes no start of a program."""
    words = (*words, "--config", str(town.config))
    if language != "zh":
        done = campus("fleet", *words, folder=town.config.parent, language=language)
        return done.returncode, done.stdout + done.stderr
    result = CliRunner().invoke(app, words)
    if isinstance(result.exception, UserError):
        return 2, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def written(folder: Path, text: str, port: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "edge.toml").write_text(text, encoding="utf-8")
    for name, lines in projectors(port).items():
        (folder / name).write_text(lines, encoding="utf-8")
    return folder / "edge.toml"


def at_broker(town: Town, address: Address) -> int | None:
    """The version that the broker holds, as whoever is the service there hears it."""
    with connected(broker_of(town.bureau.settings)) as control:
        held = control.retained(["campus/v1/+/+/+/wanted"])
    payload = held.get(address.topic("wanted"))
    return None if payload is None else decode_wanted(detach(payload)[0], address).version


@pytest.fixture
def projector() -> Iterator[Projector]:
    with Projector() as server:
        yield server


@pytest.fixture
def school(town: Town, projector: Projector, tmp_path: Path) -> Iterator[Site]:
    with site(town, HERE, tmp_path) as made:
        made.configure(projector.port)
        made.enrol()
        yield made


def test_from_a_file_to_a_gateway_that_runs_it_and_a_pause_where_it_does_not(
    town: Town, school: Site, projector: Projector, tmp_path: Path
) -> None:
    school.start()
    school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
    code = HERE.school
    # A whole edge.toml serves: what is the school's own stays so, and is named.
    good = written(tmp_path / "good", school.config.read_text().replace("= 0.5", "= 0.4"), projector.port)
    assert (0, True) == (
        (done := fleet(town, "set", code, str(good)))[0],
        "broker, publish, fleet" in done[1],
    )
    assert "没有用证书注册的网关" in fleet(town, "set", "2112000099", str(good))[1]
    assert "与第 1 版相同" in fleet(town, "set", code, str(good))[1]
    assert "待下发" in fleet(town, "show", code)[1]
    assert at_broker(town, HERE) is None

    assert (0, "已下发 1 个网关") == (
        (done := fleet(town, "stage", code))[0],
        done[1].strip().split("\n")[-1],
    )
    school.until(runs(1))
    assert "已采用" in fleet(town, "show")[1]

    dead = written(tmp_path / "dead", settings_of(0.4), free_port())
    fleet(town, "set", code, str(dead))
    fleet(town, "stage", "--to", "100%")
    school.until(not_taken(2, "refused", "fleet.check"))
    assert "试读时原来正常的 displays 读不到了" in fleet(town, "show", code)[1]
    assert "its check cannot read displays any more" in fleet(town, "show", code, language="en")[1]

    # Another school of the release has to wait for this one, unless somebody says so.
    with site(town, AWAY, tmp_path / "away") as other:
        other.folder.mkdir()
        other.enrol()
        both = tmp_path / "both"
        written(both / HERE.school, settings_of(0.6), free_port())
        written(both / AWAY.school, settings_of(0.6), projector.port)
        assert 0 == fleet(town, "set", "--all", str(both))[0]
        assert 0 == fleet(town, "stage", HERE.school)[0]
        school.until(not_taken(3, "refused", "fleet.check"))
        with town.bureau.office() as office:
            (finding,) = of_fleet(town.bureau.settings, office)
        assert ("failed", True) == (finding.state, HERE.school in str(finding.detail))
        done = fleet(town, "stage", "--to", "100%")
        assert (1, True) == (done[0], "已暂停，没有下发" in done[1])
        assert at_broker(town, AWAY) is None
        assert 0 == fleet(town, "stage", "--to", "100%", "--anyway")[0]
        assert 1 == at_broker(town, AWAY)

    # In portions: each is waited for before the next, and the last one, too.
    fleet(town, "set", code, str(written(tmp_path / "mended", settings_of(0.3), projector.port)))
    done = fleet(town, "stage", code, "--by", "1", "--within", "2")
    assert (0, True) == (done[0], "已下发 1 个网关" in done[1])
    assert runs(4)(school.now(runs(4)))

    # The broker has lost it: it is said again, and nothing else.
    with connected(broker_of(town.bureau.settings)) as control:
        control.say(HERE.topic("wanted"), b"")
        control.say(Address("120116", "2112000098", "gw1").topic("wanted"), b"{}")
    with town.bureau.office() as office:
        lines = [str(line) for line in keep_fleet(town.bureau.settings, office)]
        assert [] == keep_fleet(town.bureau.settings, office)
    assert 2 == len(lines)
    assert 4 == at_broker(town, HERE)
    with town.bureau.office() as office:
        (finding,) = of_fleet(town.bureau.settings, office)
    assert ("ok", "2 个网关中 1 个已采用") == (finding.state, str(finding.detail))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[pjlink]]\nid = "p"\n', "projectors"),
        ('[[pjlink]]\nid = "p"\nprojectors = "missing.csv"\n', "missing.csv"),
        ('[[pjlink]]\nid = "p"\nprojectors = "../projectors.csv"\n', "表须在此文件旁"),
        ('[[pjlnk]]\nid = "p"\n', "没有采集项"),
        ('school = "2112000083"\n' + settings_of(), "拿错文件了"),
        (settings_of(-1), "interval_s"),
        ('pjlink = [{ id = "p", projectors = "projectors.csv" }]\n', "单独成文件"),
        (settings_of(more='[[snmp_wlan]]\nid = "ac"\nhost = "h"\ncommunity = "public"\n'), "env:变量名"),
    ],
)
def test_a_file_that_a_gateway_would_refuse_is_refused_at_the_bureau(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read_content(written(tmp_path, text, 4352), AWAY)
    assert problem in str(refused.value)


def test_secrets_stay_references_and_are_not_looked_for_at_the_bureau(tmp_path: Path) -> None:
    controller = '[[snmp_wlan]]\nid = "ac"\nhost = "10.8.0.2"\ncommunity = "env:AT_SCHOOL"\n'
    file = written(tmp_path, f"[broker]\nurl = 'x'\n# read by us\n{settings_of(more=controller)}", 4352)
    projector = "host,room,password\n10.8.3.1,101,file:keys/p\n"
    (file.parent / "projectors.csv").write_text(projector, encoding="utf-8")
    content = read_content(file, AWAY)
    assert {"projectors.csv": projector} == content.files
    assert (("broker",), frozenset({"101"})) == (content.left_out, content.rooms)
    assert "env:AT_SCHOOL" in content.settings
    assert "[broker]" not in content.settings
    (said,) = strange_rooms(content, frozenset({"102", "1"}))
    assert ("101" in said.zh, "可能是 102" in said.zh) == (True, True)


def test_a_book_from_an_old_backup_overwrites_nothing_newer_at_the_broker(town: Town, tmp_path: Path) -> None:
    address = Address("120116", "2112000084", "gw1")
    with site(town, address, tmp_path) as made:
        made.enrol()
        file = written(tmp_path / "file", settings_of(), 4352)
        assert 0 == fleet(town, "set", address.school, str(file))[0]
        assert 0 == fleet(town, "stage", address.school, "--anyway")[0]
        made.want(5, settings_of(9), projectors(4352))
        with town.bureau.office() as office:
            said = "\n".join(str(line) for line in keep_fleet(town.bureau.settings, office))
        assert "第 5 版" in said
        assert 5 == at_broker(town, address)
        # What is set anew has a number above all that anybody knows.
        file.write_text(settings_of(8), encoding="utf-8")
        fleet(town, "set", address.school, str(file))
        assert 0 == fleet(town, "stage", address.school, "--anyway")[0]
        assert 6 == at_broker(town, address)
        # Who was let out is told nothing more, and waited for by nobody.
        assert address.school in fleet(town, "show")[1]
        with town.bureau.office() as office:
            office.revoke(address.school, address.gateway, why="lost")
            keep_fleet(town.bureau.settings, office)
        assert at_broker(town, address) is None
        assert address.school not in fleet(town, "show")[1]


def test_an_administrator_of_before_gets_the_rights_from_the_next_look(town: Town) -> None:
    """A broker that was set up by an earlier version."""
    old = [
        {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
        for kind, topic in (
            ("publishClientSend", "$CONTROL/dynamic-security/v1"),
            ("subscribeLiteral", "$CONTROL/dynamic-security/v1/response"),
            ("publishClientReceive", "$CONTROL/dynamic-security/v1/response"),
        )
    ]
    with connected(broker_of(town.bureau.settings)) as control:
        control.ask([{"command": "modifyRole", "rolename": "campus-admin", "acls": old}])
    password = town.bureau.folder.admin_password.read_text().strip()
    with Client(town.bureau.broker.port, name="old-rights", login=("campus-admin", password)) as client:
        assert "Not authorized" == client.subscribe("campus/v1/+/+/+/status")
    town.bureau.sync()
    with Client(town.bureau.broker.port, name="new-rights", login=("campus-admin", password)) as client:
        assert "Granted QoS 1" == client.subscribe("campus/v1/+/+/+/status")
