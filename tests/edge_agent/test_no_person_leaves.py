"""Persons' data in every place of every file: nothing of it is in any message that leaves the school."""

import asyncio
import logging
from contextlib import closing
from pathlib import Path

import aiomqtt
import pytest

from contract import Address
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from edge_agent.recording import record
from edge_agent.snmp.v2c import Target, V2c
from tests.edge_agent.controllers import AP, DESCRIPTION, Value, controller, mac, snmpd
from tests.edge_agent.ledger_books import write_book
from tests.edge_agent.projectors import ANSWERS, Scripted, serving
from tests.servers import Server, running

ADDRESS = Address("120116", "2199999901", "gw1")
NAME, PHONE, IDENTITY = "欧阳晓明", "13812345678", "11010519491231002X"
PERSON = f"{NAME}{PHONE}"
HEADS = "资产编号,资产名称,规格型号,数量,单价,原值,取得日期,存放地点,使用状况,序列号,备注,使用人,联系电话\n"
LINE = ["ZC1", "投影机", "X1", "1", "10", "10", "2019-09-01", "101", "在用", "S1", "", NAME, PHONE]
SURVEY = ["2026-09-21T08:00:00+08:00", "101", "p1", "5", "-61", "30", "ap"]


def ledger(folder: Path) -> None:
    """A line for every column with a person in it, and every line shifted to either side."""
    rows = [
        [f"{at}", *LINE[1:at], person, *LINE[at + 1 :]]
        for at in range(1, len(LINE))
        for person in (PERSON, NAME, PHONE, IDENTITY)
    ]
    rows += [[*LINE[:at], *LINE[at + 1 :]] for at in range(len(LINE))]
    rows += [[*LINE[:at], "", *LINE[at:]] for at in range(len(LINE))]
    rows += [[PERSON, *LINE[1:]], [IDENTITY, *LINE[1:]]]
    text = HEADS + "".join(",".join(row) + "\n" for row in rows)
    text = f"{NAME}的台账\n{text}制表人：{NAME},,审核：{PERSON}\n合计{PERSON},,,9\n"
    (folder / f"{PERSON}.csv").write_text(text, encoding="utf-8")
    (folder / f"{NAME}.txt").write_text(f"{NAME},{PHONE},{IDENTITY}\n{NAME},1,2\n", encoding="utf-8")
    (folder / f"{NAME}.pdf").write_bytes(b"%PDF")
    book = {"sheet": [{"name": NAME, "rows": [[NAME, PHONE], [1, 2], [PERSON, 3, 4]]}]}
    write_book(book, folder / f"{NAME}.xlsx")
    (folder / f"{PHONE}.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NAME.encode())


def survey(folder: Path) -> None:
    heads = "time,room,point,band,rssi_dbm,snr_db,ap,测试人\n"
    rows = [
        [*SURVEY[:at], person, *SURVEY[at + 1 :], NAME]
        for at in range(len(SURVEY))
        for person in (PERSON, NAME, PHONE, IDENTITY)
    ]
    text = heads + "".join(",".join(row) + "\n" for row in [SURVEY, *rows])
    (folder / f"{PERSON}.csv").write_text(text, encoding="utf-8")
    (folder / f"{NAME}.csv").write_text(f"{NAME},{PHONE},x\n1,2,3\n", encoding="utf-8")
    (folder / f"{NAME}.xlsx").write_bytes(b"PK\x03\x04" + NAME.encode())


def devices(folder: Path) -> dict[str, Value | None]:
    """An access point and networks that are called after a person, and the files that name devices."""
    (folder / "aps.csv").write_text("ap,room\nSER0,101\n", encoding="utf-8")
    return {
        f"{AP}.4.{mac(0)}": PERSON.encode(),
        f"{AP}.3.{mac(0)}": IDENTITY.encode(),
        f"{AP}.7.{mac(1)}": f"V1 {PHONE}".encode(),
        DESCRIPTION: f"Huawei AC6605 ask {PHONE} {IDENTITY}".encode(),
    }


def test_nothing_about_a_person_is_in_what_devices_tell(
    tmp_path: Path, broker: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """MQTT messages, log and metrics of a gateway, and a recording of its controller."""
    caplog.set_level(logging.DEBUG)
    told = Scripted(answers={**ANSWERS, "INF1": PERSON, "INF2": f"X {PHONE}", "POWR": f"{PHONE}"})
    (tmp_path / "community").write_text("campus")
    with running(snmpd(tmp_path / "snmpd", controller(2, changes=devices(tmp_path)))) as agent:

        async def run() -> tuple[str, str, str]:
            async with serving(told):
                (tmp_path / "projectors.csv").write_text(f"host,room,port\n127.0.0.1,101,{told.port}\n")
                gateway = Gateway(settings_of(tmp_path, broker, agent))
                rounds = ('"kind":"radio"', '"kind":"room_device"', '"collector":"ac"', '"collector":"pj"')
                messages = await heard(gateway, broker, until=rounds)
                metrics = gateway._metrics.exposition().decode()
                return messages, metrics, await recording(agent)

        everything = "".join([*asyncio.run(run()), caplog.text])
    assert '"kind":"radio"' in everything
    assert [] == [secret for secret in (NAME, NAME[:2], PHONE, IDENTITY) if secret in everything]


def settings_of(folder: Path, broker: Server, agent: Server) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {
            "district": ADDRESS.district,
            "school": "2199999902",
            "gateway": ADDRESS.gateway,
            "spool": str(folder / "spool.sqlite"),
            "broker": {"url": f"mqtt://127.0.0.1:{broker.port}"},
            "snmp_wlan": [
                {
                    "id": "ac",
                    "host": "127.0.0.1",
                    "port": agent.port,
                    "community": f"file:{folder / 'community'}",
                    "rooms": str(folder / "aps.csv"),
                }
            ],
            "pjlink": [{"id": "pj", "projectors": str(folder / "projectors.csv")}],
        }
    )


async def heard(gateway: Gateway, broker: Server, *, until: tuple[str, ...]) -> str:
    """Everything that the gateway says until all of these were in it."""
    messages: list[str] = []
    stop = asyncio.Event()
    async with aiomqtt.Client("127.0.0.1", broker.port) as client, asyncio.TaskGroup() as tasks:
        await client.subscribe(f"campus/v1/{ADDRESS.district}/2199999902/#", qos=1)
        tasks.create_task(gateway.run(stop))
        async with asyncio.timeout(30):
            async for message in client.messages:
                messages.append(f"{message.topic} {bytes(message.payload).decode()}")  # type: ignore[arg-type]
                if all(text in "".join(messages) for text in until):
                    break
        stop.set()
    return "".join(messages)


async def recording(agent: Server) -> str:
    """What `campus edge record` writes of the controller."""
    target = Target(host="127.0.0.1", port=agent.port, community="campus", timeout_s=5, retries=2)
    with closing(V2c(target, most=50)) as source:
        return "\n".join((await record(source, None)).lines)


def test_nothing_about_a_person_is_in_any_message(tmp_path: Path, broker: Server) -> None:
    for name, fill in (("ledger", ledger), ("survey", survey)):
        (tmp_path / name).mkdir()
        fill(tmp_path / name)
    settings = EdgeSettings.model_validate(
        {
            "district": ADDRESS.district,
            "school": ADDRESS.school,
            "gateway": ADDRESS.gateway,
            "spool": str(tmp_path / "spool.sqlite"),
            "broker": {"url": f"mqtt://127.0.0.1:{broker.port}"},
            "ledger": [{"id": "assets", "folder": str(tmp_path / "ledger")}],
            "survey": [{"id": "walks", "folder": str(tmp_path / "survey")}],
        }
    )
    messages: list[str] = []

    async def run() -> None:
        stop = asyncio.Event()
        async with aiomqtt.Client("127.0.0.1", broker.port) as client, asyncio.TaskGroup() as tasks:
            await client.subscribe(f"campus/v1/{ADDRESS.district}/{ADDRESS.school}/#", qos=1)
            tasks.create_task(Gateway(settings).run(stop))
            async with asyncio.timeout(30):
                async for message in client.messages:
                    messages.append(f"{message.topic} {bytes(message.payload).decode()}")  # type: ignore[arg-type]
                    everything = "".join(messages)
                    if '"target":"ledger"' in everything and '"collector":"walks"' in everything:
                        break
            stop.set()

    asyncio.run(run())
    everything = "".join(messages)
    assert ("signal_sample" in everything, '"kind":"asset"' in everything) == (True, True)
    assert [] == [secret for secret in (NAME, NAME[:2], PHONE, IDENTITY) if secret in everything]
