"""`campus rules plan`: the least to buy, or the best for a budget."""

import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fractions import Fraction

    from rules.planner.making import Plan


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ObjectiveChoice(StrEnum):
    """What is kept least."""

    ROOMS = "rooms"
    MONEY = "money"


def plan(
    registry: Annotated[
        Path, typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file")
    ],
    standard: Annotated[
        str | None, typer.Option("--standard", help="标准,缺省为当日有效者 / default: the one in force")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", help="数据库地址,缺省仅按申报数 / without it: declared figures only"),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="评估日期 YYYY-MM-DD,缺省今天 / default: today")
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", help="预算(元) / yuan; gives the best that it reaches")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="单价文件 / TOML file, see rules/planner/prices.toml")
    ] = None,
    objective: Annotated[
        ObjectiveChoice, typer.Option("--objective", help="先求教室最少或费用最少 / what is kept least first")
    ] = ObjectiveChoice.ROOMS,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=0, max=3600, help="搜索时限(秒) / time for the search")
    ] = 10,
    output: Annotated[
        PlanFormat, typer.Option("--format", help="输出格式 / output format")
    ] = PlanFormat.TABLE,
) -> None:
    """至少需要购置什么 / The least to buy so that sections meet L6 and L7 and stages are balanced."""
    from registry import read_registry
    from rules.facts.observed import observe
    from rules.judging.evaluate import evaluate
    from rules.planner.making import make_plan
    from rules.planner.prices import load_prices
    from rules.standards.standard import standard_for
    from store import open_store

    asked, money, list_of_prices = _date(as_of), _money(budget), load_prices(prices)
    now_ms = round(time.time() * 1000)
    known = read_registry(registry)
    day = asked or known.calendar.day_of(now_ms)
    rule = standard_for(standard, as_of=day)
    if store is None:
        evaluation = evaluate(known, rule, None, day)
    else:
        with open_store(store) as opened:
            evaluation = evaluate(known, rule, observe(opened, known, rule, as_of=day, now_ms=now_ms), day)
    deadline = time.monotonic() + max_seconds
    made = make_plan(
        evaluation,
        list_of_prices,
        objective=objective.value,
        budget=money,
        enough=lambda: time.monotonic() > deadline,
    )
    _print(made, output)


def _date(text: str | None) -> date | None:
    from runtime import ConfigError

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text!r}: write the date as YYYY-MM-DD") from error


def _money(text: str | None) -> "Fraction | None":
    from registry.exact import parse_decimal
    from runtime import ConfigError

    try:
        amount = None if text is None else parse_decimal(text)
    except ValueError as error:
        raise ConfigError(f"--budget {text!r}: write yuan as a plain number, e.g. 1500000") from error
    if amount is not None and amount < 0:
        raise ConfigError(f"--budget {text!r}: must not be negative")
    return amount


def _print(made: "Plan", output: PlanFormat) -> None:
    if output is PlanFormat.TABLE:
        from rich.console import Console

        from rules.planner.table import to_table

        Console().print(to_table(made))
        return
    from rules.planner.output import to_csv, to_json

    typer.echo(to_json(made) if output is PlanFormat.JSON else to_csv(made), nl=output is PlanFormat.JSON)
