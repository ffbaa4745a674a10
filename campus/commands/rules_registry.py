"""`campus rules template` and `campus rules check`: begin a registry, and see whether it can be used."""

from pathlib import Path
from typing import Annotated

import typer

from campus.commands import options
from campus.commands.options import option
from runtime.language import Text

Out = Annotated[Path, option("--out", Text("写入此文件夹", "the folder to write into"))]


def template(out: Out) -> None:
    """Write an empty registry (Excel) and a calendar to fill in."""
    from registry.template import write_template

    workbook, calendar = write_template(out)
    for line in (
        Text(
            f"{workbook}：黄色列必填，批注为说明",
            f"{workbook}: yellow columns must be given; comments explain",
        ),
        Text(f"{calendar}：请按本区校历修改", f"{calendar}: put in your own terms, holidays and lessons"),
        Text(
            f"填好后检查：campus rules check --registry {out}",
            f"when filled in: campus rules check --registry {out}",
        ),
    ):
        typer.echo(line)


def check(registry: options.Registry) -> None:
    """Read a registry and list every problem; exit code 2 where there are any."""
    from registry import read_registry

    known = read_registry(registry)
    counts = (
        (len(known.schools), Text("所学校", "schools")),
        (len(known.rooms), Text("个房间", "rooms")),
        (len(known.statistics), Text("项统计数", "figures")),
        (len(known.measures), Text("项措施", "measures")),
        (len(known.catalogue), Text("项装备", "catalogue items")),
        (len(known.timetable.lessons), Text("节课", "timetabled lessons")),
    )
    typer.echo(Text("✓ 登记表可用", "✓ the registry can be used"))
    typer.echo(str(Text("、", ", ")).join(f"{number} {what}" for number, what in counts))
