"""`campus rules shortfalls`: the shortfall register (销号台账), computed from the stored evaluations."""

import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How the register is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def shortfalls(
    registry: Annotated[
        Path, typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file")
    ],
    store: Annotated[str, typer.Option("--store", help="数据库地址 / the store with the evaluations")],
    standard: Annotated[
        str | None, typer.Option("--standard", help="标准,缺省为当日有效者 / default: the one in force")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="截至日期 YYYY-MM-DD,缺省今天 / default: today")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="输出格式 / output format")] = Format.TABLE,
) -> None:
    """销号台账:逐校逐项,由评估历史得出 / The shortfall register, from the evaluations in the store."""
    from registry import read_registry
    from rules.shortfalls.output import to_csv, to_json, to_table
    from rules.shortfalls.register import shortfalls as read
    from rules.standards.standard import standard_for
    from store import open_store

    asked = None if as_of is None else _date(as_of)
    known = read_registry(registry)
    day = asked or known.calendar.day_of(round(time.time() * 1000))
    rule = standard_for(standard, as_of=day)
    with open_store(store) as opened:
        found = read(opened, known, rule, as_of=day)
    if output is Format.TABLE:
        from rich.console import Console

        Console().print(to_table(found))
        return
    typer.echo(to_json(found) if output is Format.JSON else to_csv(found), nl=output is Format.JSON)


def _date(text: str) -> date:
    from runtime import ConfigError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text!r}: write the date as YYYY-MM-DD") from error
