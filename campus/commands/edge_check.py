"""`campus edge check`: every target asked once, and the room that each device would count for."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import Config, option, print_table
from rules.words import name
from runtime.errors import os_reason
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.trying import Place, Tried

RoomsFile = Annotated[
    Path | None,
    option(
        "--rooms",
        Text("本校房间清单（campus registry school 写出）", "the school's rooms (of campus registry school)"),
    ),
]
WaitOption = Annotated[
    float,
    option(
        "--wait",
        Text(
            "插座等自己发言的设备最多听这么多秒",
            "so many seconds those are listened to that speak when they like",
        ),
        min=0,
        max=600,
    ),
]
# Of every kind of device, the list in which its room stands.
_LISTS = {"access_point": "aps.csv", "projector": "projectors.csv", "plug": "plugs.csv"}
# What only a check says; everything else has its name in the words of the rules.
_SURVEY, _SILENT = Text("测点", "point"), Text("无应答", "silent")
_UNKNOWN = Text("有应答，开关未知", "answers; on or off is not known")


def check(config: Config, rooms: RoomsFile = None, wait: WaitOption = 10) -> None:
    """Ask every target once; exit code 1 where one does not answer as it should, or a room is not known."""
    from edge_agent.main import wall_clock
    from edge_agent.trying import places, try_once
    from edge_agent.wanted.effective import effective, say_running

    known = None if rooms is None else read_rooms(rooms)
    running = effective(config)
    if text := say_running(running):
        typer.echo(str(text))
    tried = try_once(running.settings, wall_clock, patience_s=wait)
    found = list(places(tried, known))
    _show_runs(tried)
    _show_places(found)
    runs = [run for collected in tried for run in collected.runs]
    bad_runs = sum(run.status != "ok" for run in runs)
    strange = [place for place in found if place.known is False]
    nowhere = [place for place in found if not place.room]
    typer.echo(
        Text(
            f"{len(runs)} 个对象，{bad_runs} 个异常；{len(found)} 台设备，"
            f"{len(nowhere)} 台没有房间，{len(strange)} 台的房间不在登记表中",
            f"{len(runs)} targets, {bad_runs} not ok; {len(found)} devices, "
            f"{len(nowhere)} without a room, {len(strange)} in a room that the registry does not have",
        )
    )
    for line in (*_about_plugs(found), *_advice(config, bad_runs, nowhere, strange)):
        typer.echo(line)
    if _must_enrol(running.settings):
        command = f"campus enrol --config {config}"
        typer.echo(
            _item(
                f"本网关尚未注册，服务器不会接受它：先向教育局要注册码，运行 {command}",
                f"this gateway is not enrolled, no server takes it: get a code and run {command}",
            )
        )
    if bad_runs or strange or nowhere:
        raise typer.Exit(1)


def _must_enrol(settings: "EdgeSettings") -> bool:
    """Neither a certificate nor a password, where the broker asks for one of them."""
    from edge_agent.identity.files import enrolled_in

    broker = settings.broker
    return broker.tls and broker.username is None and enrolled_in(settings.identity) is None


def _advice(
    config: Path, bad_runs: int, nowhere: Sequence["Place"], strange: Sequence["Place"]
) -> Iterator[str]:
    """What to do next, for whoever set it up."""
    if bad_runs:
        yield _item(
            "有异常的对象：原因见“说明”。设备没开机、网线没插也是这样，处理后再查一次",
            "targets that are not ok: see “Why”. One that is off or unplugged looks the same; check again",
        )
    if nowhere:
        lists = "、".join(dict.fromkeys(_LISTS.get(place.kind, "devices.csv") for place in nowhere))
        yield _item(
            f"没有房间的设备：在 {lists} 中为它写上房间（房间清单见 rooms.csv），再查一次",
            f"devices without a room: write it into {lists} (rooms.csv has the rooms), and check again",
        )
    if strange:
        yield _item(
            "登记表中没有的房间：按“可能是”改正清单中的房间；若房间确实存在，请教育局补入登记表",
            "rooms that the registry does not have: mend the list, or let the bureau register the room",
        )
    if left := _left_open(config.parent / "open.csv"):
        yield _item(
            f"open.csv 中还有 {left} 台未定：确定一台，就把它和房间写进 table 列所写的表，并删去这一行",
            f"{left} devices are open in open.csv: write each with its room into the table it names there",
        )
    if not (bad_runs or nowhere or strange):
        yield str(
            Text(
                f"✓ 都正常，可以运行：campus edge --config {config}（加 --once 先送一轮）",
                f"✓ all is well; run it: campus edge --config {config} (with --once for one round first)",
            )
        )


def _about_plugs(found: Sequence["Place"]) -> Iterator[str]:
    if any(place.kind == "plug" and not place.says for place in found):
        yield _item(
            "刚装上的插座要学几天才知道多少瓦算开；已知的话写在 plugs.csv 的 on_w 列（如 15）",
            "a new plug learns for days from how many watts on its display is on; or write on_w in plugs.csv",
        )


def _item(zh: str, en: str) -> str:
    return f"· {Text(zh, en)}"


def _left_open(path: Path) -> int:
    """How many devices `campus edge init` left open and are still there."""
    from edge_agent.tables import read_text

    try:
        rows = list(csv.DictReader(read_text(path).splitlines()))
    except (OSError, UnicodeError, csv.Error):
        return 0
    return sum(bool(row.get("table")) for row in rows)


def read_rooms(path: Path) -> list[str]:
    """The first column of a school's list of rooms; raises NotRooms."""
    from edge_agent.tables import read_text
    from edge_agent.trying import NotRooms

    try:
        rows = list(csv.reader(read_text(path).splitlines()))
    except OSError as error:
        why = os_reason(error)
        raise NotRooms(path, f"无法读取：{why.zh}", f"cannot be read: {why.en}") from error
    except (UnicodeError, csv.Error) as error:
        raise NotRooms(path, f"无法读取：{error}", f"cannot be read: {error}") from error
    found = [row[0].strip() for row in rows[1:] if row and row[0].strip()]
    if not rows or rows[0][:1] != ["房间"] or not found:
        raise NotRooms(
            path,
            "不是房间清单，应由 campus registry school 写出",
            "no list of rooms; campus registry school writes one",
        )
    return found


def _kind(place: "Place") -> str:
    return str(_SURVEY) if place.kind == "survey" else name("device_types", place.kind)


def _now(place: "Place") -> str:
    if place.says == "silent":
        return str(_SILENT)
    if not place.says and place.kind != "survey":
        return str(_UNKNOWN)
    return name("ap_states" if place.kind == "access_point" else "power", place.says)


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
    for collected in tried:
        for run in collected.runs:
            read = f"{run.rows}/{'?' if run.expected is None else run.expected}"
            why = collected.reason_of(run) or ""
            cells = (collected.collector, run.target, name("run_states", run.status), read, why)
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
        cells = (place.room or "—", _kind(place), place.device, _now(place), note)
        table.add_row(*map(escape, cells))
    if table.row_count:
        print_table(table, width=160)
