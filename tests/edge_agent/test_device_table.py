"""A list of devices that a school has: read in whatever form, believed only where it says one thing."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from contract import AccessPoint, Address
from edge_agent.device_list import read_devices
from edge_agent.discovery.access import Access
from edge_agent.discovery.device_table import DeviceTable, read_device_table
from edge_agent.discovery.layout import Layout, lay_out
from edge_agent.discovery.looking import Found, Look
from edge_agent.discovery.matching import ListedRoom
from edge_agent.discovery.writing import write_folder
from runtime.errors import ConfigError

ROOMS = [
    ListedRoom(room="R1", name="七年级(1)班"),
    ListedRoom(room="101"),
    ListedRoom(room="A302", name="A栋302"),
]
HEADS = ("设备名称", "IP地址", "MAC 地址", "房间", "设备类型", "资产编号")
PANEL = ("一体机", "10.8.0.21", "7022-BB00-0021", "初一1班", "交互智能平板", "ZC-21")
PC = ("讲台电脑", "", "70:22:bb:00:00:22", "101", "教师机", "")


def table(path: Path, rows: Sequence[Sequence[Any]], heads: Sequence[str] = HEADS) -> DeviceTable:
    workbook = Workbook()
    for row in (("设备登记表",), heads, *rows):
        workbook.worksheets[0].append(list(row))
    workbook.save(path)
    return read_device_table(path, ROOMS)


def why(found: DeviceTable) -> str:
    return "；".join(odd.why.zh for odd in found.odd)


def test_columns_in_any_wording_give_devices_and_rooms(tmp_path: Path) -> None:
    found = table(tmp_path / "a.xlsx", [PANEL, PC])
    assert [(one.type, one.host, one.mac, one.room.room) for one in found.devices] == [
        ("panel", "10.8.0.21", "70:22:bb:00:00:21", "R1"),
        ("class_pc", "", "70:22:bb:00:00:22", "101"),
    ]
    assert found.odd == []


def test_what_is_hidden_or_struck_out_is_told_and_no_device(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "现用"
    for sheet, row in ((book["现用"], PANEL), (book.create_sheet("旧"), PC)):
        for cells in (HEADS, row, ("投影", "10.8.0.23", "", "101", "投影机", ""), PC[:1]):
            sheet.append(list(cells))
    now = book["现用"]
    now.row_dimensions[2].hidden = True
    for cell in now[3]:
        cell.font = Font(strike=True)
    now.append(["投影", "10.8.0.24", "", date(2026, 3, 12), "投影机", ""])
    book["旧"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    found = read_device_table(tmp_path / "a.xlsx", ROOMS)
    assert ([], [2, 1, 1]) == (
        found.devices,
        [why(found).count(word) for word in ("被隐藏或划去", "隐藏的工作表", "变成了日期")],
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_the_same(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "位置；名称；ip\n１０１室；101教室投影；１０．８．０．５\n".replace("；", ",").encode(encoding)
    )
    (one,) = read_device_table(path, ROOMS).devices
    assert (one.type, one.host, one.room.room) == ("projector", "10.8.0.5", "101")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("大屏", "10.8.0", "", "101", "", ""), "B3：不是一个地址"),
        (("大屏", "10.8.0.1、10.8.0.2", "", "101", "", ""), "不是一个地址"),
        (("大屏", "", "7022-BB00-002", "101", "", ""), "C3：不是 MAC 地址"),
        (("大屏", "", "", "101", "", ""), "没有地址、MAC 或序列号"),
        (("某某", "10.8.0.1", "", "101", "多媒体", ""), "不知道是哪种设备"),
    ],
)
def test_a_row_of_no_use_says_why_and_where(tmp_path: Path, row: Any, says: str) -> None:
    found = table(tmp_path / "a.xlsx", [row])
    assert (found.devices, says in why(found)) == ([], True), why(found)


def test_a_name_that_says_another_room_than_the_column_leaves_it_open(tmp_path: Path) -> None:
    (one,) = table(tmp_path / "a.xlsx", [("七年级(1)班大屏", "10.8.0.1", "", "101", "", "")]).devices
    assert (one.type, one.room.room, one.room.likely) == ("panel", "", ("101", "R1"))


def test_one_address_twice_is_one_device_only_where_both_rows_agree(tmp_path: Path) -> None:
    again = table(tmp_path / "a.xlsx", [PANEL, PANEL])
    differs = table(tmp_path / "b.xlsx", [PANEL, (*PANEL[:3], "101", *PANEL[4:])])
    assert (len(again.devices), again.odd) == (1, [])
    assert (len(differs.devices), "同一地址或 MAC" in why(differs)) == (1, True)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"a,b\n1,2\n", "房间,名称\n101,大屏\n".encode(), b"<html>"]
)
def test_what_is_no_such_list_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        read_device_table(path, ROOMS)


def laid_out(tmp_path: Path, found: Sequence[Found], *rows: Sequence[Any]) -> Layout:
    return lay_out(found, ROOMS, Look(), table(tmp_path / "a.xlsx", rows))


def ap(serial: str, name: str) -> AccessPoint:
    return AccessPoint(time=1_790_000_000_000, ap=serial, state="up", name=name)


def test_access_points_and_projectors_get_the_rooms_that_the_list_gives_them(tmp_path: Path) -> None:
    found = [
        Found(host="10.8.0.1", kind="controller", aps=(ap("70:22:bb:00:00:01", "ap-1"), ap("S2", "A栋302"))),
        Found(host="10.8.0.5", kind="projector", name="PJ5"),
    ]
    layout = laid_out(
        tmp_path,
        found,
        ("", "", "7022bb000001", "初一1班", "无线AP", ""),
        ("A栋302", "", "7022bb000009", "A栋302", "AP", ""),
        ("", "10.8.0.5", "", "101", "投影机", "ZC-5"),
        ("核心", "10.8.0.9", "", "机房", "交换机", ""),
    )
    assert layout.aps == {"70:22:bb:00:00:01": "R1", "S2": "A302"}
    assert (layout.projectors, layout.others) == ([("10.8.0.5", "", "", "ZC-5", "101")], 1)


def test_where_list_and_name_differ_it_stays_open_with_both(tmp_path: Path) -> None:
    found = [Found(host="10.8.0.5", kind="projector", name="七年级(1)班投影")]
    (row,) = laid_out(tmp_path, found, ("", "10.8.0.5", "", "101", "投影机", "")).open
    assert (row.device, row.likely, "不同" in row.why.zh) == ("10.8.0.5", ("R1", "101"), True)


def test_what_the_list_has_and_nobody_found_is_told(tmp_path: Path) -> None:
    layout = laid_out(
        tmp_path,
        [],
        ("", "10.8.0.5", "", "101", "投影机", ""),
        ("", "", "7022bb000001", "101", "AP", ""),
        ("", "10.8.0.7", "", "校史馆", "大屏", ""),
        ("", "10.8.0.8", "", "101", "", ""),
    )
    assert [(row.table, row.device) for row in layout.open] == [
        ("projectors.csv", "10.8.0.5"),
        ("aps.csv", "70:22:bb:00:00:01"),
        ("devices.csv", "10.8.0.7"),
        ("", "10.8.0.8"),
    ]


def test_panels_and_pcs_are_written_as_the_gateway_reads_them_with_their_switch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SW", "word")
    look = Look(snmp=(Access(community="env:SW"),))
    switch = Found(host="10.8.0.2", kind="switch", access=look.snmp[0])
    answers = Found(host="10.8.0.21", kind="answers", says="TCP 3389")
    twin = ("", "10.8.0.30", "", "101", "大屏", "ZC-21")
    layout = laid_out(tmp_path, [switch, answers], PANEL, PC, twin)
    (tmp_path / "rooms.csv").write_text("房间\n101\n", encoding="utf-8")
    written = write_folder(
        tmp_path / "gw",
        address=Address("120116", "2112000001", "gw1"),
        broker="mqtt://127.0.0.1:1",
        layout=layout,
        look=look,
        rooms=tmp_path / "rooms.csv",
    )
    assert (written, layout.open) == (["devices.csv", "edge.toml", "open.csv", "rooms.csv"], [])
    assert [(one.device, one.type, one.room) for one in read_devices(tmp_path / "gw" / "devices.csv")] == [
        ("ZC-21", "panel", "R1"),
        ("70:22:bb:00:00:22", "class_pc", "101"),
        ("10.8.0.30", "panel", "101"),
    ]
    assert '[[presence.switches]]\nhost = "10.8.0.2"' in (tmp_path / "gw" / "edge.toml").read_text(
        encoding="utf-8"
    )
