"""`campus registry import`: the yearly statistics forms, as schools and statistics of the registry."""

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
def import_(forms: Forms, out: Out) -> None:
    """Write schools.csv, statistics.csv and sources.csv; list by school what was not found."""
    from registry.forms.importing import import_forms
    from registry.forms.writing import refuse_existing, write_schools

    refuse_existing(out)
    imported = import_forms(forms)
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
