"""`campus edge check`: every target asked once, and the room that each device would count for."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import Config, option, print_table
from rules.words import name
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
# What only a check says; everything else has its name in the words of the rules.
_SURVEY, _SILENT = Text("测点", "point"), Text("无应答", "silent")


def check(config: Config, rooms: RoomsFile = None) -> None:
    """Ask every target once; exit code 1 where one does not answer as it should, or a room is not known."""
    from edge_agent.main import wall_clock
    from edge_agent.trying import places, try_once
    from edge_agent.wanted.effective import effective, say_running

    known = None if rooms is None else read_rooms(rooms)
    running = effective(config)
    if text := say_running(running):
        typer.echo(str(text))
    tried = try_once(running.settings, wall_clock)
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


def _kind(place: "Place") -> str:
    return str(_SURVEY) if place.kind == "survey" else name("device_types", place.kind)


def _now(place: "Place") -> str:
    if place.says == "silent":
        return str(_SILENT)
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
