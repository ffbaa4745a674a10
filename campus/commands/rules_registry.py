"""`campus rules template` and `campus rules check`: begin a registry, and see whether it can be used."""

from pathlib import Path
from typing import Annotated

import typer

OutOption = Annotated[Path, typer.Option("--out", help="写入此文件夹 / the folder to write into")]
RegistryOption = Annotated[
    Path, typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file")
]


def template(out: OutOption) -> None:
    """生成空白登记表(Excel)和校历 / Write an empty registry (Excel) and a calendar to fill in."""
    from registry.template import write_template

    workbook, calendar = write_template(out)
    typer.echo(f"{workbook}: 黄色列必填,批注为说明 / yellow columns must be given; comments explain")
    typer.echo(f"{calendar}: 请按本区校历修改 / put in your own terms, holidays and lessons")
    typer.echo(f"填好后检查 / when filled in: campus rules check --registry {out}")


def check(registry: RegistryOption) -> None:
    """检查登记表,列出全部问题 / Read a registry and list every problem; exit code 2 where there are any."""
    from registry import read_registry

    known = read_registry(registry)
    counts = (
        (len(known.schools), "所学校", "schools"),
        (len(known.rooms), "个房间", "rooms"),
        (len(known.statistics), "项统计数", "figures"),
        (len(known.measures), "项措施", "measures"),
        (len(known.catalogue), "项装备", "catalogue items"),
        (len(known.timetable.lessons), "节课", "timetabled lessons"),
    )
    typer.echo("✓ 登记表可用 / the registry can be used")
    typer.echo("、".join(f"{number} {chinese}" for number, chinese, _ in counts), nl=False)
    typer.echo(" / " + ", ".join(f"{number} {english}" for number, _, english in counts))
