"""Enrolment as a clerk and a teacher do it: a real service, the commands they type, what they read."""

import http.client
import json
import os
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from campus.commands.enrol import code_in
from campus.commands.enrol import enrol as enrol_command
from contract import Address
from contract.enrolment import Code
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.identity.asking import Refused, Unreachable, meet
from edge_agent.identity.enrolling import enrol, renew
from edge_agent.identity.files import IDENTITY, NEXT
from edge_agent.identity.identity import Server as Service
from edge_agent.identity.identity import load_identity
from runtime import ConfigError, UserError, load
from tests.servers import Server, free_port, running
from tests.trust.bureau import now_ms
from tests.trust.town import HERE, Town, campus
from trust.service import Guesses

DAY_MS = 86_400_000


def edge_toml(town: Town, folder: Path, address: Address = HERE) -> Path:
    file = folder / "edge.toml"
    (folder / "survey").mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'district = "{address.district}"\nschool = "{address.school}"\ngateway = "{address.gateway}"\n'
        f'[broker]\nurl = "{town.broker_url}"\n[[survey]]\nid = "survey"\nfolder = "survey"\n'
    )
    return file


def type_code(town: Town, folder: Path, code: str, *more: str) -> tuple[int, str]:
    """What a teacher sees: exit code and every line."""
    edge_toml(town, folder)
    ended = campus("enrol", code, "--server", str(town.service), *more, folder=folder)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_clerk_makes_a_code_and_a_teacher_types_it(town: Town, tmp_path: Path) -> None:
    clerk = campus("ca", "code", HERE.school, HERE.gateway, "--district", "120116", folder=town.config.parent)
    code = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}", clerk.stdout)
    assert code, clerk.stdout + clerk.stderr
    ended, said = type_code(town, tmp_path, code[0].lower().replace("-", " "))
    assert (0, True) == (ended, "已注册：2112000001 gw1" in said), said
    assert (tmp_path / "identity" / IDENTITY).stat().st_mode & 0o077 == 0
    assert not (tmp_path / "identity" / NEXT).exists()
    again, said = type_code(town, tmp_path / "again", code[0])
    assert (2, 1, True) == (again, said.count("\n"), "用过" in said)


def test_every_mistake_with_a_code_is_one_line_that_says_which(town: Town, tmp_path: Path) -> None:
    code = town.code(Address("120116", "2112000002", "gw1"))
    slip = code[:2] + ("A" if code[2] != "A" else "B") + code[3:]
    while True:  # a slip that the check sign does not notice is the server's to refuse
        try:
            Code.parse(slip)
        except ValueError:
            break
        slip = slip[:3] + ("C" if slip[3] != "C" else "D") + slip[4:]
    wrong = Code("00000000", Code.parse(code).pin)
    foreign = Code("00000000", "0" * 16)
    free = Service("127.0.0.1", free_port())
    broker = Service("127.0.0.1", town.bureau.broker.port)
    cases = [
        (slip, town.service, "输入有误"),
        (code[:-2], town.service, "应有 25 个"),
        (str(wrong), town.service, "注册码不对"),
        (code, town.service, "属于 120116/2112000002/gw1"),
        (str(foreign), town.service, "不是发出此注册码的机构"),
        (code, free, "无法连接注册服务"),
        (code, broker, "地址"),
        (code, "nowhere:x", "主机:端口"),
    ]
    edge = edge_toml(town, tmp_path)
    for typed, server, expected in cases:
        with pytest.raises(UserError) as mistake:
            enrol_command(typed, edge, str(server), None)
        said = str(mistake.value)
        assert (False, True) == ("\n" in said, expected in said), said
    assert [] == [file.name for file in (tmp_path / "identity").glob(IDENTITY)]


def test_a_clock_that_is_wrong_is_named_before_the_code_is_spent(town: Town, tmp_path: Path) -> None:
    code = Code.parse(town.code())
    for wrong_ms in (now_ms() - 400 * DAY_MS, now_ms() + 3_600_000):
        with pytest.raises(Refused, match="时钟不准"):
            enrol(tmp_path, HERE, town.service, code, now_ms=wrong_ms)
    assert enrol(tmp_path, HERE, town.service, code, now_ms=now_ms()).until_ms > now_ms()


def test_whoever_stands_in_between_learns_nothing(town: Town, tmp_path: Path) -> None:
    """Another authority's service at the address that the teacher was told."""
    with bureau_elsewhere(tmp_path) as stranger, pytest.raises(Refused, match="不是发出此注册码的机构"):
        meet(stranger, Code.parse(town.code()), now_ms=now_ms())


@contextmanager
def bureau_elsewhere(folder: Path) -> Iterator[Service]:
    made = campus("ca", "init", folder=folder)
    assert made.returncode == 0, made.stderr
    port = free_port()
    config = folder / "trust.toml"
    text = config.read_text().replace("# listen_port = 8444", f"listen_port = {port}")
    config.write_text(text.partition("[broker]")[0])
    command = [sys.executable, "-m", "campus.main", "ca", "serve", "--config", str(config)]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with running(Server("stranger", command, port, folder, environment)):
        yield Service("127.0.0.1", port)


def test_a_folder_that_cannot_be_written_is_found_before_the_code_is_spent(
    town: Town, tmp_path: Path
) -> None:
    code = Code.parse(town.code())
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        enrol(tmp_path / "file" / "identity", HERE, town.service, code, now_ms=now_ms())
    assert enrol(tmp_path / "identity", HERE, town.service, code, now_ms=now_ms()).key_name


def test_an_identity_of_another_gateway_or_a_damaged_one_starts_nothing(town: Town, tmp_path: Path) -> None:
    identity = enrol(tmp_path, HERE, town.service, Code.parse(town.code()), now_ms=now_ms())
    with pytest.raises(ConfigError, match="而本机配置为"):
        load_identity(tmp_path, Address("120116", "3112000002", "gw1"))
    whole = (tmp_path / IDENTITY).read_bytes()
    for damaged in (b"", whole[:200], whole[: len(whole) // 2], b"\xff" * 100):
        (tmp_path / IDENTITY).write_bytes(damaged)
        with pytest.raises(ConfigError, match="已损坏"):
            load_identity(tmp_path, HERE)
    (tmp_path / IDENTITY).write_bytes(whole)
    assert load_identity(tmp_path, HERE).key_name == identity.key_name


def test_a_revoked_gateway_is_told_so_when_it_renews(town: Town, tmp_path: Path) -> None:
    address = Address("120116", "2112000006", "gw1")
    identity = enrol(tmp_path, address, town.service, Code.parse(town.code(address)), now_ms=now_ms())
    revoked = campus(
        "ca", "revoke", address.school, address.gateway, "--why", "丢失", folder=town.config.parent
    )
    assert revoked.returncode == 0, revoked.stderr
    with pytest.raises(Refused, match="已被吊销"):
        renew(identity, address)
    listed = campus("ca", "list", folder=town.config.parent)
    assert "丢失" in listed.stdout


def test_a_service_that_is_down_is_said_and_the_identity_stays(town: Town, tmp_path: Path) -> None:
    address = Address("120116", "2112000007", "gw1")
    identity = enrol(tmp_path, address, town.service, Code.parse(town.code(address)), now_ms=now_ms())
    away = replace(identity, server=Service("127.0.0.1", free_port()))
    with pytest.raises(Unreachable):
        renew(away, address)
    assert load_identity(tmp_path, address).key_name == identity.key_name
    # The key that was meant is kept, and the same question is answered later.
    assert renew(identity, address).key_name != identity.key_name


def test_guesses_are_stopped_for_a_minute_and_only_for_the_address_that_guesses() -> None:
    now = [0.0]
    guesses = Guesses(lambda: now[0])
    for _ in range(10):
        assert not guesses.too_many("10.8.0.2")
        guesses.wrong("10.8.0.2")
        now[0] += 1
    assert (True, False) == (guesses.too_many("10.8.0.2"), guesses.too_many("10.8.0.3"))
    now[0] += 51
    assert not guesses.too_many("10.8.0.2")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"v":1}', b"\xff" * 50, b"x" * 100_000, json.dumps({"v": 2}).encode()]
)
def test_what_is_no_question_is_refused(town: Town, body: bytes) -> None:
    context = ssl.create_default_context(cafile=str(town.bureau.folder.authority_certificate))
    for path in ("/enrol", "/renew"):
        connection = http.client.HTTPSConnection(
            town.service.host, town.service.port, context=context, timeout=20
        )
        connection.request("POST", path, body)
        answer = connection.getresponse()
        assert (400, "request") == (answer.status, json.loads(answer.read())["code"])
        connection.close()


def test_of_the_bureau_s_list_a_gateway_takes_its_own_code(town: Town, tmp_path: Path) -> None:
    codes = [town.code(Address("120116", school, "gw1")) for school in ("2112000041", "2112000042")]
    listed = "学校标识码,学校,网关,注册码,有效至\n" + "".join(
        f"{school},一校,gw1,{code},2026-12-04 14:37\n"
        for school, code in zip(("2112000041", "2112000042"), codes, strict=True)
    )
    own = Address("120116", "2112000042", "gw1")
    assert [codes[1], codes[0]] == [code_in(listed, own), code_in(f"\n {codes[0]} \n", own)]
    for none in (listed.replace("2112000042", "2112000043"), "", "nothing"):
        with pytest.raises(UserError, match="没有"):
            code_in(none, own)


def test_settings_say_where_the_identity_is_and_none_is_no_error(town: Town, tmp_path: Path) -> None:
    file = edge_toml(town, tmp_path)
    assert load(EdgeSettings, file).identity == tmp_path / "identity"
    file.write_text(f'identity = "elsewhere"\n{file.read_text()}')
    assert load(EdgeSettings, file).identity == tmp_path / "elsewhere"
    # As the demonstration makes them: what stands in the present folder is another's.
    values = {"district": "120116", "school": "2112000001", "gateway": "gw1", "broker": {"url": "mqtt://h"}}
    survey = {"id": "survey", "folder": tmp_path / "survey"}
    assert EdgeSettings.model_validate({**values, "survey": [survey]}).identity is None
