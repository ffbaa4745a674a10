"""`campus rules report`: the quarterly report as files; --submit freezes it, --correct adds a version."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import day_option, option
from runtime.errors import ConfigError
from runtime.language import Text

if TYPE_CHECKING:
    from rules.report.making import Made
    from rules.report.quarter import Quarter

QuarterName = Annotated[str, option("--quarter", Text("季度，如 2026Q4", "the quarter, e.g. 2026Q4"))]
Out = Annotated[Path, option("--out", Text("季报文件夹", "the folder that keeps the reports"))]
AsOf = Annotated[
    date | None,
    day_option(
        "--as-of",
        Text("数据日期；缺省季末，季内为今天", "the figures' day; default: the quarter's end, or today"),
    ),
]
Submit = Annotated[bool, option("--submit", Text("报送并封存", "hand in: freeze version 1"))]
Correct = Annotated[
    str | None,
    option("--correct", Text("更正原因：封存新版本", "the reason: freeze a corrected version")),
]
Pdf = Annotated[
    bool,
    option(
        "--pdf/--no-pdf", Text("同时生成 PDF（需要 LibreOffice）", "PDF beside, where LibreOffice is there")
    ),
]
Verify = Annotated[bool, option("--verify", Text("核对已报送文件", "check what was handed in"))]


def report(
    quarter: QuarterName,
    out: Out,
    registry: options.AnyRegistry = None,
    standard: options.Standard = None,
    store: options.AnyStore = None,
    as_of: AsOf = None,
    submit: Submit = False,
    correct: Correct = None,
    verify: Verify = False,
    pdf: Pdf = True,
) -> None:
    """Write the quarterly report; exit code 1 where --verify finds a change."""
    from rules.report.quarter import Quarter

    asked = Quarter.parse(quarter)
    if verify:
        _verify(out, asked)
        return

    from campus.version import program_version
    from rules.report.making import Order, make
    from store import open_store

    if registry is None:
        text = Text("请指定登记表（文件夹或工作簿）", "name the registry's folder or workbook")
        raise ConfigError(f"--registry: {text}")
    order = Order(
        quarter=asked,
        registry=registry,
        standard=standard,
        out=out,
        submit=submit,
        correct=correct,
        as_of=as_of,
        pdf=pdf,
    )
    with ExitStack() as stack:
        opened = None if store is None else stack.enter_context(open_store(store))
        made = make(order, opened, now_ms=round(time.time() * 1000), program=program_version())
    for line in _news(made):
        typer.echo(line)


def _verify(out: Path, quarter: "Quarter") -> None:
    from rules.report.snapshot import verify

    found, problems = verify(out, quarter)
    if not found and not problems:
        text = Text(f"{quarter} 尚未报送（{out}）", f"nothing was handed in for {quarter} below {out}")
        raise ConfigError(f"--verify: {text}")
    for frozen in found:
        typer.echo(_seal(frozen.seal, f"{quarter} v{frozen.version}: "))
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(Text("核对无误", "all files are as they were handed in"))


def _seal(seal: str, before: str = "") -> str:
    return f"{before}{Text('封印', 'seal')} {seal}"


def _news(made: "Made") -> Iterator[str]:
    """Where it is, and what a reader might miss in it."""
    yield f"{made.folder}: {made.report.quarter.title}季报 {made.report.edition}"
    if made.report.running:
        day = made.report.as_of
        yield str(Text(f"季度尚未结束，截至 {day}", f"the quarter is running: up to {day}"))
    if open_names := made.report.letterhead.left_open:
        keys = ", ".join(open_names)
        yield str(
            Text(
                f"report.toml：{keys} 仍写着“某”，已照此印出，请写真实名称",
                f"report.toml: {keys} still has the sample's open name, and is printed so: write the real",
            )
        )
    if made.report.before is None:
        yield str(
            Text(
                "没有已报送的上季季报，上季与增减为空",
                "no report of the quarter before to compare with",
            )
        )
    if made.report.usage is None:
        yield str(Text("未指定 --store：未生成设备使用记录", "no store named: no record of use was written"))
    elif not made.report.usage:
        yield str(
            Text(
                "本季没有设备读数：未生成设备使用记录",
                "no device was heard of: no record of use was written",
            )
        )
    if made.report.correction is not None:
        changes = len(made.report.correction.changes)
        yield str(Text(f"更正 {changes} 处", f"{changes} fields corrected"))
    if made.without_pdf is not None:
        yield str(made.without_pdf)
    if made.seal is not None:
        yield _seal(made.seal)
