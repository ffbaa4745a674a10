"""`campus edge survey import`: what other tools heard, as a walking survey of ours."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import argument, option
from runtime.errors import UserError, os_reason
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.survey.exports import Heard

app = typer.Typer(
    help=str(Text("走测文件。", "Files of walking surveys.")),
    no_args_is_help=True,
)

Files = Annotated[list[Path], argument(Text("其他工具导出的文件", "files that another tool exported"))]
Room = Annotated[str, option("--room", Text("房间，与登记表一致", "the room, as the registry calls it"))]
Point = Annotated[str, option("--point", Text("测点", "the measuring point in the room"))]
Ssids = Annotated[
    list[str] | None,
    option("--ssid", Text("校园网名称，可重复", "the campus network's name; may be repeated")),
]
Time = Annotated[
    str | None,
    option(
        "--time",
        Text(
            "测量时间；缺省取文件修改时间",
            "when it was, where the export does not say; default: the file's time",
        ),
    ),
]
Zone = Annotated[str, option("--timezone", Text("未注明时区时的时区", "of times that name no zone"))]
Out = Annotated[
    Path | None, option("--out", Text("输出文件；缺省输出到屏幕", "the file to write; default: the screen"))
]


@app.callback()
def survey() -> None:
    """Files of walking surveys."""


@app.command(
    "import",
    help=str(
        Text(
            "转换 WiFi Analyzer、NetSpot、Acrylic、Ekahau、netsh、iw 的结果。",
            "Convert what WiFi Analyzer, NetSpot, Acrylic, Ekahau, netsh or iw heard.",
        )
    ),
)
def import_survey(
    files: Files,
    room: Room,
    point: Point,
    ssid: Ssids = None,
    time: Time = None,
    timezone: Zone = "Asia/Shanghai",
    out: Out = None,
) -> None:
    """Write the strongest of the campus networks, for every moment and band, in our form."""
    from edge_agent.survey.exports import read_export
    from edge_agent.survey.importing import survey_rows, written
    from tables.sheets import Unreadable

    zone = _zone(timezone)
    rows: list[tuple[str, ...]] = []
    unread = 0
    for file in files:
        try:
            export = read_export(file, zone)
        except Unreadable as error:
            raise UserError(f"{file}: {error.text}") from error
        if export.unread:
            lines = ", ".join(export.unread[:10])
            typer.echo(
                Text(f"{file}：未读的行 {lines}", f"{file}: lines that were not read: {lines}"), err=True
            )
        rows += survey_rows(
            export.heard,
            room=room,
            point=point,
            ssids=ssid or [],
            time_ms=_time_ms(time, zone) if time else int(file.stat().st_mtime) * 1000,
            whole=not export.unread,
        )
        unread += len(export.unread)
        for said in () if export.unread else _told(export.heard, ssid or []):
            typer.echo(f"{file}: {said}", err=True)
    _write(written(rows), out)
    if unread:
        raise typer.Exit(1)


def _told(heard: Sequence["Heard"], ssids: list[str]) -> Iterator[Text]:
    from edge_agent.survey.importing import nameless_bands, not_heard

    if (said := not_heard(heard, ssids)) is not None:
        yield said
    ours = {one.band for one in heard if one.ssid in ssids}
    if open_bands := sorted(nameless_bands(heard) - ours):
        bands = ", ".join(open_bands)
        yield Text(
            f"{bands} GHz 有隐藏名称的网络，可能是校园网：该频段不写为无信号",
            f"{bands} GHz has networks that hide their name, perhaps the campus network: not written as none",
        )


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        why = Text(f"无法写入：{os_reason(error).zh}", f"cannot be written: {os_reason(error).en}")
        raise UserError(f"--out {out}: {why}") from error


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        why = Text("没有这个时区；例如 Asia/Shanghai", "no such time zone; an example is Asia/Shanghai")
        raise UserError(f"--timezone {name!r}: {why}") from error


def _time_ms(text: str, zone: tzinfo) -> int:
    from edge_agent.survey.cells import Odd, time_ms

    try:
        found = time_ms(text, zone)
    except Odd:
        found = None
    if found is None:
        why = Text("不是时间；例如 2026-09-01 08:00", "is no time; an example is 2026-09-01 08:00")
        raise UserError(f"--time {text!r}: {why}")
    return found
