"""`campus rules report`: the quarterly report as files; --submit freezes it, --correct adds a version."""

import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rules.report.making import Made
    from rules.report.quarter import Quarter

QuarterOption = Annotated[str, typer.Option("--quarter", help="季度,如 2026Q4 / quarter, e.g. 2026Q4")]
OutOption = Annotated[Path, typer.Option("--out", help="季报文件夹 / folder that keeps the reports")]
RegistryOption = Annotated[
    Path | None,
    typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file"),
]
StandardOption = Annotated[
    str | None, typer.Option("--standard", help="标准,缺省为当日有效者 / default: the one in force")
]
StoreOption = Annotated[
    str | None, typer.Option("--store", help="数据库地址,缺省仅按申报数 / without it: declared figures only")
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="数据日期,缺省季末,季内为今天 / default: the quarter's end, or today"),
]
SubmitOption = Annotated[bool, typer.Option("--submit", help="报送并封存 / hand in: freeze version 1")]
CorrectOption = Annotated[
    str | None, typer.Option("--correct", help="更正原因,封存新版本 / reason: freeze a corrected version")
]
VerifyOption = Annotated[bool, typer.Option("--verify", help="核对已报送文件 / check what was handed in")]


def report(
    quarter: QuarterOption,
    out: OutOption,
    registry: RegistryOption = None,
    standard: StandardOption = None,
    store: StoreOption = None,
    as_of: AsOfOption = None,
    submit: SubmitOption = False,
    correct: CorrectOption = None,
    verify: VerifyOption = False,
) -> None:
    """生成季报 / Write the quarterly report; exit code 1 where --verify finds a change."""
    from rules.report.quarter import Quarter

    asked = Quarter.parse(quarter)
    if verify:
        _verify(out, asked)
        return

    from campus.version import program_version
    from rules.report.making import Order, make
    from runtime import ConfigError
    from store import open_store

    if registry is None:
        raise ConfigError("--registry: name the registry's folder or workbook")
    order = Order(
        quarter=asked,
        registry=registry,
        standard=standard,
        out=out,
        submit=submit,
        correct=correct,
        as_of=None if as_of is None else _date(as_of),
    )
    with ExitStack() as stack:
        opened = None if store is None else stack.enter_context(open_store(store))
        made = make(order, opened, now_ms=round(time.time() * 1000), program=program_version())
    _tell(made)


def _verify(out: Path, quarter: "Quarter") -> None:
    from rules.report.snapshot import verify
    from runtime import ConfigError

    found, problems = verify(out, quarter)
    if not found and not problems:
        raise ConfigError(f"--verify: {quarter} 尚未报送 / nothing was handed in below {out}")
    for one in found:
        typer.echo(f"{quarter} v{one.version}: 封印 seal {one.seal}")
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo("核对无误 / all files are as they were handed in")


def _tell(made: "Made") -> None:
    """Where it is, and what a reader might miss in it."""
    typer.echo(f"{made.folder}: {made.report.quarter.title}季报 {made.report.edition}")
    if made.report.running:
        typer.echo(f"季度尚未结束,截至 {made.report.as_of} / the quarter is running: up to this day")
    if made.report.before is None:
        typer.echo("没有已报送的上季季报,上季与增减为空 / no report of the quarter before to compare with")
    if made.report.usage is None:
        typer.echo("未指定 --store:未生成设备使用记录 / no store named: no record of use was written")
    elif not made.report.usage:
        typer.echo(
            "本季没有设备读数:未生成设备使用记录 / no device was heard of: no record of use was written"
        )
    if made.report.correction is not None:
        typer.echo(f"更正 {len(made.report.correction.changes)} 处 / fields corrected")
    if made.seal is not None:
        typer.echo(f"封印 seal {made.seal}")


def _date(text: str) -> date:
    from runtime import ConfigError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text!r}: write the date as YYYY-MM-DD") from error
