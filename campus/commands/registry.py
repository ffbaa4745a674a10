"""`campus registry`: the yearly forms as a registry, and a school's part of it for its gateway."""

from pathlib import Path
from typing import Annotated

import typer

from campus.commands.options import argument, option
from runtime.language import Text

app = typer.Typer(help=str(Text("登记表。", "The registry.")), no_args_is_help=True)

Forms = Annotated[
    list[Path],
    argument(Text("报表文件或文件夹（XLSX、CSV）", "files or folders of forms (XLSX, CSV)")),
]
OwnSchools = Annotated[
    list[str] | None,
    option(
        "--own-school",
        Text(
            "此标识码属于校区自己，校区按一所学校计（可重复）",
            "this code is a campus's own: it is a school (repeatable)",
        ),
    ),
]
Out = Annotated[Path, option("--out", Text("写入此文件夹", "the folder to write into"))]


@app.callback()
def registry() -> None:
    """The registry."""


@app.command(
    "import",
    help=str(
        Text(
            "由年度统计报表（教基、基础基）填写学校与统计；有缺项时退出码为 1。",
            "Fill schools and statistics from the yearly forms; exit code 1 where anything is missing.",
        )
    ),
)
def import_(forms: Forms, out: Out, own_school: OwnSchools = None) -> None:
    """Write schools.csv, statistics.csv and sources.csv; list by school what was not found."""
    from registry.forms.importing import import_forms
    from registry.forms.writing import refuse_existing, write_schools
    from runtime.errors import ConfigError

    for path in forms:
        if not path.exists():
            raise ConfigError(Text(f"{path}：没有此文件或文件夹", f"{path}: no such file or folder"))
    refuse_existing(out)
    imported = import_forms(forms, own_schools=own_school or ())
    if imported.schools:
        write_schools(imported.schools, out)
    for line in imported.unread:
        typer.echo(line)
    if imported.other:
        names = ", ".join(imported.other)
        typer.echo(Text(f"不是所需的报表，未读：{names}", f"not a form that is needed, not read: {names}"))
    for school in imported.schools:
        for line in school.missing:
            typer.echo(f"{school.label}: {line}")
    figures = sum(len(school.statistics) for school in imported.schools)
    missing = sum(len(school.missing) for school in imported.schools)
    typer.echo(
        Text(
            f"{len(imported.schools)} 所学校，{figures} 项统计数，缺 {missing} 项",
            f"{len(imported.schools)} schools, {figures} figures, {missing} missing",
        )
    )
    if not imported.whole:
        raise typer.Exit(1)


RegistryOption = Annotated[
    Path, option("--registry", Text("登记表：CSV 文件夹或 XLSX", "folder of CSV files, or XLSX file"))
]
SchoolCode = Annotated[str, argument(Text("学校标识码", "school code"))]
File = Annotated[Path, option("--out", Text("写入此文件（CSV）", "the file to write (CSV)"))]


@app.command(
    "school",
    help=str(
        Text(
            "写出一所学校的房间清单，供网关核对房间（campus edge check --rooms）。",
            "Write a school's list of rooms, for its gateway to check against (campus edge check --rooms).",
        )
    ),
)
def school(code: SchoolCode, registry: RegistryOption, out: File) -> None:
    """Rooms alone: no figure and no name of a person leaves the bureau."""
    import csv
    import io

    from campus.commands.writing import write_file
    from registry import read_registry
    from runtime.errors import ConfigError

    known = read_registry(registry)
    if code not in known.schools:
        raise ConfigError(Text(f"登记表中没有学校 {code}", f"the registry has no school {code}"))
    rooms = known.rooms_of[code]
    if not rooms:
        raise ConfigError(
            Text(f"登记表中学校 {code} 没有房间", f"school {code} has no rooms in the registry")
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("房间", "名称", "类型"))
    for room in rooms:
        writer.writerow((room.room, room.name or "", room.kind or ""))
    write_file("--out", out, ("\ufeff" + text.getvalue()).encode())
    typer.echo(Text(f"{out}：{len(rooms)} 个房间", f"{out}: {len(rooms)} rooms"))
