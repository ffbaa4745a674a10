"""`campus rules template` and `campus rules check`: begin a registry, and see whether it can be used."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import option
from runtime.language import Text

if TYPE_CHECKING:
    from registry import Registry

Out = Annotated[Path, option("--out", Text("写入此文件夹", "the folder to write into"))]


Mark = Annotated[
    Path | None,
    option(
        "--mark",
        Text("写出标红并批注的工作簿（.xlsx）", "write a copy with bad cells marked (.xlsx)"),
    ),
]


def template(out: Out) -> None:
    """Write an empty registry (Excel) to fill in."""
    from registry.template import write_template

    workbook = write_template(out)
    for line in (
        Text(
            f"{workbook}：先看“说明”和“示例”两张表；黄色列必填，批注为说明",
            f"{workbook}: begin with its first two sheets; yellow columns must be given, comments explain",
        ),
        Text(
            f"填好后检查：campus rules check --registry {out}",
            f"when filled in: campus rules check --registry {out}",
        ),
    ):
        typer.echo(line)


Beside = Annotated[
    str | None,
    option(
        "--store",
        Text("与此数据库的读数核对", "compare with the readings of this store"),
    ),
]


def check(registry: options.Registry, mark: Mark = None, store: Beside = None) -> None:
    """Read a registry and list every problem; exit code 2 where there are any."""
    from registry import RegistryError, read_registry

    try:
        known = read_registry(registry)
    except RegistryError as error:
        if mark is not None:
            from registry.marking import write_marked

            write_marked(registry, mark, error.problems, str(error).splitlines())
            typer.echo(Text(f"已标红：{mark}", f"marked: {mark}"))
        raise
    beside = [] if store is None else _beside(known, store)
    counts = (
        (len(known.schools), Text("所学校", "schools")),
        (len(known.rooms), Text("个房间", "rooms")),
        (len(known.statistics), Text("项统计数", "figures")),
        (len(known.measures), Text("项措施", "measures")),
        (len(known.catalogue), Text("项装备", "catalogue items")),
        (len(known.timetable.lessons), Text("节课", "timetabled lessons")),
    )
    if known.notes or beside:
        typer.echo(Text("登记表可用，但请留意：", "The registry can be used, but mind:"))
        for note in (*known.notes, *beside):
            typer.echo(f"  {note}")
    else:
        typer.echo(Text("✓ 登记表可用", "✓ the registry can be used"))
    typer.echo(str(Text("、", ", ")).join(f"{number} {what}" for number, what in counts))


def _beside(registry: "Registry", store: str) -> list[str]:
    from rules.mapping.telling import disagreements
    from store import open_store

    with open_store(store) as opened:
        return disagreements(registry, opened, now_ms=round(time.time() * 1000))
