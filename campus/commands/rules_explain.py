"""`campus rules explain`: one school, one indicator, down to rooms, devices, points and ledger lines."""

import json
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExplainFormat(StrEnum):
    """How an explanation is printed."""

    TABLE = "table"
    JSON = "json"


def explain(
    registry: Annotated[Path, typer.Option("--registry", help="登记表 / folder of CSV files or XLSX file")],
    school: Annotated[str, typer.Option("--school", help="学校标识码 / school code, 10 digits")],
    indicator: Annotated[str, typer.Option("--indicator", help="L1…L7, overall, wireless, G3…G5, U1…U5")],
    standard: Annotated[
        str | None, typer.Option("--standard", help="标准 / default: the one in force")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="数据库地址 / without it: declared figures only")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="评估日期 / default: today")] = None,
    output: Annotated[
        ExplainFormat, typer.Option("--format", help="输出格式 / output format")
    ] = ExplainFormat.TABLE,
) -> None:
    """说明一所学校一项指标的结论 / Open one verdict down to its evidence."""
    from registry import read_registry
    from rules.explain.explaining import CannotExplain
    from rules.explain.explaining import explain as open_up
    from rules.facts.observed import observe
    from rules.judging.evaluate import evaluate
    from rules.standards.standard import standard_for
    from runtime import ConfigError
    from store import open_store

    now_ms = round(time.time() * 1000)
    known = read_registry(registry)
    day = _date(as_of) if as_of else known.calendar.day_of(now_ms)
    rule = standard_for(standard, as_of=day)
    facts = None
    if store is not None:
        with open_store(store) as opened:
            facts = observe(opened, known, rule, as_of=day, now_ms=now_ms)
    try:
        node = open_up(evaluate(known, rule, facts, day), known, school, indicator)
    except CannotExplain as error:
        raise ConfigError(str(error)) from error
    if output is ExplainFormat.JSON:
        typer.echo(json.dumps(node.to_dict(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    from rules.explain.table import to_tree

    Console().print(to_tree(node))


def _date(text: str) -> date:
    from runtime import ConfigError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text!r}: write the date as YYYY-MM-DD") from error
