"""`campus edge init`: what a school has, found where it was told to look; no room is guessed."""

import asyncio
import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import AccessPoint
from edge_agent.discovery.access import Access, ways
from edge_agent.discovery.layout import lay_out
from edge_agent.discovery.looking import Found, Look
from edge_agent.discovery.matching import ListedRoom, Match, match, match_all
from edge_agent.discovery.places import addresses
from edge_agent.tables import read_projectors, read_room_map
from runtime.errors import ConfigError
from tests.edge_agent.controllers import AP, DESCRIPTION, OBJECT_ID, Faulty, controller, mac, snmpd
from tests.edge_agent.controllers import serving as answering
from tests.edge_agent.projectors import ANSWERS, Scripted, serving
from tests.edge_agent.test_check import campus
from tests.edge_agent.test_snmp_v3 import AUTH, PRIV, USERS
from tests.servers import Server, free_port, running

ROOMS = [
    ListedRoom(room="R1", name="七年级(1)班"),
    ListedRoom(room="R2", name="七年级(11)班"),
    ListedRoom(room="101", name="音乐室"),
    ListedRoom(room="201", name="1号楼201"),
    ListedRoom(room="B201", name="2号楼201"),
    ListedRoom(room="R5", name="高1(12)班"),
    ListedRoom(room="A302", name="A栋302"),
    ListedRoom(room="E1", name="一楼东厅"),
]


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("七年级(1)班AP", "R1"),
        ("七年级（１）班", "R1"),
        ("七年级1班-AP02", "R1"),
        ("七年级【11】班 投影机", "R2"),
        ("七年级一班", "R1"),
        ("七年级十一班大屏", "R2"),
        ("初一1班", "R1"),
        ("初一（11）班投影", "R2"),
        ("七(1)班", "R1"),
        ("7-1", "R1"),
        ("7(11)", "R2"),
        ("701班AP", "R1"),
        ("AP-七年级(1)班", "R1"),
        ("高一12班", "R5"),
        ("高1（12）班ap", "R5"),
        ("r1", "R1"),
        ("101-AP", "101"),
        ("101教室投影", "101"),
        ("１０１室ＡＰ", "101"),
        ("音乐室大屏", "101"),
        ("2号楼201", "B201"),
        ("二号楼2层201 AP", "B201"),
        ("2-201", "B201"),
        ("A栋302", "A302"),
        ("a座3层302投影仪", "A302"),
        ("Ａ-３０２", "A302"),
        ("一楼东厅AP", "E1"),
        ("PJ-101 音乐室", "101"),
        ("AP 七年级(1)班", "R1"),
        ("1F东厅", "E1"),
    ],
)
def test_a_name_that_says_one_room_is_sure(name: str, room: str) -> None:
    assert match(name, ROOMS) == Match(room=room)


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("201AP", "B201"),
        ("七年级(1)班外走廊AP", "R1"),
        ("AP101", "101"),
        ("PJ-101", "101"),
        ("高11(2)班", "R5"),
        ("101-1", "101"),
        ("八年级(1)班AP", "R1"),
        ("2号楼3层201", "B201"),
        ("302", "A302"),
        ("302²", "A302"),
        ("B栋302", "A302"),
        ("二楼东厅AP", "E1"),
        ("PJ-102 音乐室", "101"),
        ("音乐室 走廊AP", "101"),
        ("音乐室 A栋302", "A302"),
        ("东厅", "E1"),
    ],
)
def test_a_name_that_may_mean_a_room_is_left_open_with_it(name: str, likely: str) -> None:
    found = match(name, ROOMS)
    assert (found.room, likely in found.likely) == ("", True)


@pytest.mark.parametrize("other", ["7号楼101", "七楼东厅", "7层701"])
def test_a_pair_of_numbers_is_no_class_where_there_is_such_a_building_or_floor(other: str) -> None:
    found = match("7-1", [*ROOMS, ListedRoom(room="X", name=other)])
    assert (found.room, "R1" in found.likely) == ("", True)


def test_a_class_that_the_list_writes_in_two_ways_is_left_open() -> None:
    twins = [ListedRoom(room="R1", name="初一1班"), ListedRoom(room="R9", name="七年级(1)班")]
    assert match("7年1班AP", twins) == Match(likely=("R1", "R9"))


NUMBERS = [ListedRoom(room=number) for number in ("101", "102", "103", "201", "202")]


@pytest.mark.parametrize(
    ("names", "rooms"),
    [
        (("AP101", "AP102", "AP201"), ("101", "102", "201")),
        (("PJ-101", "pj 202", "PJ_201"), ("101", "202", "201")),
        (("AP101", "AP102", "AP103"), ("", "", "")),  # may count access points
        (("AP101", "AP201"), ("", "")),
        (("AP101", "AP102", "AP201", "AP250"), ("", "", "", "")),
        (("AP001", "AP101", "AP201"), ("", "", "")),
        (("2-101", "2-102", "2-201"), ("", "", "")),  # of another building
    ],
)
def test_words_and_numbers_are_rooms_only_together(names: tuple[str, ...], rooms: tuple[str, ...]) -> None:
    found = match_all(names, NUMBERS)
    assert tuple(found[name].room for name in names) == rooms


def test_two_rooms_of_one_name_and_a_device_without_a_name_are_left_open() -> None:
    twins = [ListedRoom(room="R1", name="实验室"), ListedRoom(room="R2", name="实验室")]
    assert match("实验室AP", twins) == Match(likely=("R1", "R2"))
    assert match("", [ListedRoom(room="R1", name="")]) == Match()


@pytest.mark.parametrize(
    ("ranges", "hosts"),
    [
        (["10.0.0.0/19"], []),
        (["10.0.0.0/20"], ["10.9.9.9"]),
        (["10.0.0.5/24"], []),
        (["everything"], []),
        ([], []),
        ([], ["10.1"]),
    ],
)
def test_what_is_too_wide_or_nothing_is_refused(ranges: list[str], hosts: list[str]) -> None:
    with pytest.raises(ConfigError):
        addresses(ranges, hosts)


def test_each_address_once_and_nothing_beside_the_range() -> None:
    assert addresses(["10.0.0.0/30", "10.0.0.2/32"], ["10.0.0.1"]) == ("10.0.0.1", "10.0.0.2")


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    names = {f"{AP}.4.{mac(0)}": "七年级(1)班AP".encode(), f"{AP}.4.{mac(1)}": "门厅".encode()}
    with running(snmpd(tmp_path_factory.mktemp("snmpd"), controller(2, changes=names))) as server:
        yield server


def rooms_file(folder: Path) -> None:
    lines = ["房间,名称,类型", *(f"{room.room},{room.name},classroom" for room in ROOMS)]
    (folder / "rooms.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


ASKED = ("edge", "init", "--out", "gw", "--school", "2112000001", "--district", "120116", "--gateway", "gw1")


def run_init(folder: Path, *more: str, projector: Scripted | None = None) -> tuple[int, str]:
    rooms_file(folder)

    async def story() -> tuple[int, str]:
        async with serving(projector or Scripted(mute=True)) as served:
            port = str(served.port if projector is not None else free_port())
            ran = await asyncio.to_thread(
                campus,
                *ASKED,
                *("--rooms", "rooms.csv", "--range", "127.0.0.1/32", "--pjlink-port", port, *more),
                folder=folder,
            )
        return ran.returncode, ran.stdout + ran.stderr

    return asyncio.run(story())


def open_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "gw" / "open.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_it_writes_is_checked_by_the_program_itself(tmp_path: Path, agent: Server) -> None:
    projector = Scripted(answers={**ANSWERS, "NAME": "音乐室投影机"})
    snmp = ("--community", "env:AC", "--snmp-port", str(agent.port))
    code, said = run_init(tmp_path, *snmp, projector=projector)
    assert (code, "门厅" in said, "未定 1" in said) == (0, True, True), said
    assert read_room_map(tmp_path / "gw" / "aps.csv").room_of("SER0") == "R1"
    assert [one.room for one in read_projectors(tmp_path / "gw" / "projectors.csv")] == ["101"]
    assert [(row["table"], row["device"], row["name"]) for row in open_rows(tmp_path)] == [
        ("aps.csv", "SER1", "门厅")
    ]
    checked = campus("edge", "check", "--config", "gw/edge.toml", "--rooms", "gw/rooms.csv", folder=tmp_path)
    # The projector is gone by now, and one access point has no room: nothing else is wrong.
    assert "2 个对象，1 个异常；3 台设备，1 台没有房间，0 台的房间不在登记表中" in checked.stdout
    before = {path.name: path.read_bytes() for path in (tmp_path / "gw").iterdir()}
    code, said = run_init(tmp_path, *snmp)
    assert (code, "不会覆盖" in said) == (2, True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "gw").iterdir()} == before


def test_a_controller_that_asks_for_a_user_is_asked_as_one_and_written_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name, key in (("AUTH", AUTH), ("PRIV", PRIV), ("WRONG", "other-words")):
        monkeypatch.setenv(name, key)
    keys = (
        "--snmp-user",
        "both",
        "--snmp-auth",
        "sha256",
        "--snmp-priv",
        "aes128",
        "--snmp-priv-key",
        "env:PRIV",
    )
    names = {f"{AP}.4.{mac(0)}": "七年级(1)班AP".encode()}
    served = snmpd(tmp_path_factory.mktemp("v3"), controller(1, changes=names), access=USERS)
    with running(served) as agent:
        port = ("--snmp-port", str(agent.port))
        code, said = run_init(
            tmp_path, *port, *keys, "--snmp-auth-key", "env:AUTH", "--community", "env:WRONG"
        )
        refused = tmp_path / "refused"
        refused.mkdir()
        bad, _ = run_init(refused, *port, *keys, "--snmp-auth-key", "env:WRONG")
    assert (code, read_room_map(tmp_path / "gw" / "aps.csv").room_of("SER0")) == (0, "R1"), said
    (wlan,) = tomllib.loads((tmp_path / "gw" / "edge.toml").read_text(encoding="utf-8"))["snmp_wlan"]
    assert (wlan["version"], wlan["user"], wlan["auth_key"], wlan["priv"]) == (
        "3",
        "both",
        "env:AUTH",
        "aes128",
    )
    (row,) = open_rows(refused)
    assert (bad, row["device"], "认证" in row["why"]) == (1, "127.0.0.1", True), row


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"auth_key": "env:AC"}, "--snmp-user"),
        ({"user": "u", "auth": "sha256"}, "--snmp-user: auth"),
        ({"user": "u", "auth": "rot13", "auth_key": "env:AC"}, "--snmp-auth: "),
        ({"user": "u", "auth": "sha256", "auth_key": "env:NOT_THERE"}, "--snmp-auth-key: "),
        ({"user": "u", "auth": "sha256", "auth_key": "words"}, "--snmp-auth-key: "),
        ({"user": "u", "auth": "sha256", "auth_key": "env:SHORT"}, "8"),
        ({"user": "u", "priv": "aes128", "priv_key": "env:AC"}, "priv"),
    ],
)
def test_a_user_that_is_not_whole_is_told_before_anybody_is_asked(
    given: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AC", "authentic-words")
    monkeypatch.setenv("SHORT", "short")
    with pytest.raises(ConfigError, match=says):
        ways(None, Access(**given))


def controller_at(host: str, **names: str) -> Found:
    aps = tuple(
        AccessPoint(time=1_790_000_000_000, ap=ap, state="up", name=name) for ap, name in names.items()
    )
    return Found(host=host, kind="controller", aps=aps)


def test_a_controller_with_two_addresses_is_read_at_one_and_the_other_is_named() -> None:
    found = [controller_at(host, S1="七年级(1)班") for host in ("10.0.0.1", "10.0.0.2")]
    layout = lay_out(found, ROOMS, Look())
    assert [one.host for one in layout.controllers] == ["10.0.0.1"]
    assert [(one.table, one.device) for one in layout.open] == [("edge.toml", "10.0.0.2")]


def test_an_access_point_that_two_controllers_place_differently_is_left_open() -> None:
    found = [controller_at("10.0.0.1", S1="七年级(1)班"), controller_at("10.0.0.2", S1="音乐室", S2="R2")]
    layout = lay_out(found, ROOMS, Look())
    assert layout.aps == {"S2": "R2"}
    assert [(one.device, one.likely) for one in layout.open] == [("S1", ("R1", "101"))]


def test_who_is_silent_is_said(tmp_path: Path) -> None:
    snmp = ("--community", "env:AC", "--snmp-port", str(free_port()))
    code, said = run_init(tmp_path, *snmp, "--host", "127.0.0.2")
    assert (code, "127.0.0.2：无应答" in said, "没有设备应答 SNMP" in said) == (1, True, True)


BRIDGE = "1.3.6.1.2.1.17.1.2.0"
H3C_SWITCH = (1, 3, 6, 1, 4, 1, 25506, 1, 1189)


@pytest.mark.parametrize(
    ("agent_there", "table", "why"),
    [
        (Faulty({OBJECT_ID: H3C_SWITCH, DESCRIPTION: b"H3C S5130", BRIDGE: 28}), "edge.toml", "交换机"),
        (Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999), BRIDGE: 28}), "edge.toml", "交换机"),
        (Faulty({OBJECT_ID: H3C_SWITCH}), "", "没有给出任何接入点"),
        (Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999)}), "", "既不是已知的控制器"),
        (Faulty({}, garbage=b"\x30\x03\x02\x01\x01"), "", "无法识别"),
    ],
    ids=["a maker's switch", "a switch", "a maker's printer", "a stranger", "noise"],
)
def test_who_is_no_controller_is_none(tmp_path: Path, agent_there: Faulty, table: str, why: str) -> None:
    rooms_file(tmp_path)

    async def story() -> tuple[int, str]:
        async with answering(agent_there):
            ran = await asyncio.to_thread(
                campus,
                *ASKED,
                *("--rooms", "rooms.csv", "--host", "127.0.0.1", "--pjlink-port", str(free_port())),
                *("--community", "env:AC", "--snmp-port", str(agent_there.port)),
                folder=tmp_path,
            )
        return ran.returncode, ran.stdout + ran.stderr

    code, said = asyncio.run(story())
    assert code == 1, said
    (row,) = open_rows(tmp_path)
    assert (row["table"], row["device"], why in row["why"]) == (table, "127.0.0.1", True), row


def test_the_list_of_rooms_may_stand_in_the_folder_and_come_from_a_spreadsheet(
    tmp_path: Path, agent: Server
) -> None:
    folder = tmp_path / "gw"
    folder.mkdir()
    rooms_file(folder)
    text = (folder / "rooms.csv").read_text(encoding="utf-8").encode("gb18030")
    (folder / "rooms.csv").write_bytes(text)
    ran = campus(
        *ASKED,
        *("--rooms", "gw/rooms.csv", "--host", "127.0.0.1", "--pjlink-port", str(free_port())),
        *("--community", "env:AC", "--snmp-port", str(agent.port)),
        folder=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert (folder / "rooms.csv").read_bytes() == text
    assert read_room_map(folder / "aps.csv").room_of("SER0") == "R1"


def test_a_projector_that_wants_a_password_is_left_open_until_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, str | bytes | None] = {**ANSWERS, "NAME": "音乐室"}
    code, said = run_init(tmp_path, projector=Scripted(answers=answers, password="geheim"))
    (row,) = open_rows(tmp_path)
    assert (code, row["table"], "口令" in row["why"]) == (1, "projectors.csv", True)
    assert ("未写 edge.toml" in said, (tmp_path / "gw" / "edge.toml").exists()) == (True, False)
    monkeypatch.setenv("PJ", "geheim")
    second = tmp_path / "second"
    second.mkdir()
    code, said = run_init(
        second, "--pjlink-password", "env:PJ", projector=Scripted(answers=answers, password="geheim")
    )
    assert code == 0, said
    (found,) = read_projectors(second / "gw" / "projectors.csv")
    assert (found.room, found.password) == ("101", "geheim")


def test_what_answers_a_connection_only_is_named_and_placed_nowhere(tmp_path: Path) -> None:
    listening = Scripted(mute=True)

    async def story() -> tuple[int, str]:
        rooms_file(tmp_path)
        async with serving(listening) as served:
            ran = await asyncio.to_thread(
                campus,
                *ASKED,
                *("--rooms", "rooms.csv", "--host", "127.0.0.1", "--tcp", str(served.port)),
                *("--pjlink-port", str(free_port())),
                folder=tmp_path,
            )
        return ran.returncode, ran.stdout

    code, _ = asyncio.run(story())
    (row,) = open_rows(tmp_path)
    assert (code, row["table"], row["device"], row["name"]) == (
        1,
        "devices.csv",
        "127.0.0.1",
        f"TCP {listening.port}",
    )
