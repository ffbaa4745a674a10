"""`campus edge check`: every target asked once, and the room that each device would count for."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import Config, option, print_table
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.trying import Place, Tried

RoomsFile = Annotated[
    Path | None,
    option(
        "--rooms",
        Text("本校房间清单（campus registry school 写出）", "the school's rooms (of campus registry school)"),
    ),
]
_WORDS: dict[str, Text] = {
    "ok": Text("正常", "ok"),
    "partial": Text("部分读到", "in part"),
    "timeout": Text("无应答", "no answer"),
    "refused": Text("拒绝", "refused"),
    "auth": Text("口令不对", "wrong password"),
    "decode": Text("应答无法识别", "not understood"),
    "unsupported": Text("不支持", "not supported"),
    "config": Text("配置有误", "configuration"),
    "access_point": Text("接入点", "access point"),
    "projector": Text("投影机", "projector"),
    "panel": Text("大屏", "panel"),
    "class_pc": Text("班级电脑", "class PC"),
    "plug": Text("插座", "plug"),
    "probe": Text("探针", "probe"),
    "survey": Text("测点", "point"),
    "silent": Text("无应答", "silent"),
    "on": Text("开机", "on"),
    "off": Text("关机", "off"),
    "warming": Text("预热", "warming up"),
    "cooling": Text("冷却", "cooling down"),
    "up": Text("在线", "up"),
    "down": Text("离线", "down"),
    "fault": Text("故障", "fault"),
    "starting": Text("启动中", "starting"),
    "unknown": Text("未知", "unknown"),
}


def check(config: Config, rooms: RoomsFile = None) -> None:
    """Ask every target once; exit code 1 where one does not answer as it should, or a room is not known."""
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.main import wall_clock
    from edge_agent.trying import places, try_once
    from runtime import load

    known = None if rooms is None else read_rooms(rooms)
    tried = try_once(load(EdgeSettings, config), wall_clock)
    found = list(places(tried, known))
    _show_runs(tried)
    _show_places(found)
    bad_runs = sum(run.status != "ok" for one in tried for run in one.runs)
    strange = [place for place in found if place.known is False]
    nowhere = [place for place in found if not place.room]
    typer.echo(
        Text(
            f"{sum(len(one.runs) for one in tried)} 个对象，{bad_runs} 个异常；{len(found)} 台设备，"
            f"{len(nowhere)} 台没有房间，{len(strange)} 台的房间不在登记表中",
            f"{sum(len(one.runs) for one in tried)} targets, {bad_runs} not ok; {len(found)} devices, "
            f"{len(nowhere)} without a room, {len(strange)} in a room that the registry does not have",
        )
    )
    if bad_runs or strange or nowhere:
        raise typer.Exit(1)


def read_rooms(path: Path) -> list[str]:
    """The first column of a school's list of rooms; raises NotRooms."""
    from edge_agent.tables import read_text
    from edge_agent.trying import NotRooms

    try:
        rows = list(csv.reader(read_text(path).splitlines()))
    except (OSError, UnicodeError, csv.Error) as error:
        raise NotRooms(path, f"无法读取：{error}", f"cannot be read: {error}") from error
    found = [row[0].strip() for row in rows[1:] if row and row[0].strip()]
    if not rows or rows[0][:1] != ["房间"] or not found:
        raise NotRooms(
            path,
            "不是房间清单，应由 campus registry school 写出",
            "no list of rooms; campus registry school writes one",
        )
    return found


def _word(code: str) -> str:
    return str(_WORDS[code]) if code in _WORDS else code


def _show_runs(tried: Sequence["Tried"]) -> None:
    from rich.markup import escape
    from rich.table import Table

    heads = (
        Text("采集器", "Collector"),
        Text("对象", "Target"),
        Text("结果", "Result"),
        Text("读到", "Read"),
        Text("说明", "Why"),
    )
    table = Table(*(str(head) for head in heads), box=None)
    for one in tried:
        for run in one.runs:
            read = f"{run.rows}/{'?' if run.expected is None else run.expected}"
            cells = (one.collector, run.target, _word(run.status), read, one.reason_of(run) or "")
            table.add_row(*map(escape, cells))
    print_table(table, width=160)


def _show_places(found: Sequence["Place"]) -> None:
    from rich.markup import escape
    from rich.table import Table

    heads = (
        Text("房间", "Room"),
        Text("种类", "Kind"),
        Text("设备", "Device"),
        Text("现状", "Now"),
        Text("", ""),
    )
    table = Table(*(str(head) for head in heads), box=None)
    for place in sorted(found, key=lambda place: (bool(place.room), place.room, place.kind, place.device)):
        note = ""
        if not place.room:
            note = str(Text("没有房间：不计入任何教室", "no room: it counts for none"))
        elif place.known is False:
            likely = "、".join(place.likely)
            note = str(Text("登记表中没有这个房间", "the registry has no such room"))
            note += str(Text(f"；可能是 {likely}", f"; perhaps {likely}")) if likely else ""
        cells = (place.room or "—", _word(place.kind), place.device, _word(place.says), note)
        table.add_row(*map(escape, cells))
    if table.row_count:
        print_table(table, width=160)
