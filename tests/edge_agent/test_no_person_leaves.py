"""Persons' data in every place of every file: nothing of it is in any message that leaves the school."""

import asyncio
from pathlib import Path

import aiomqtt

from contract import Address
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from tests.edge_agent.ledger_books import write_book
from tests.servers import Server

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
