"""`campus rules plan`: the least to buy, or the best for a budget."""

import re
import time
import unicodedata
from contextlib import ExitStack
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from campus.commands import options
from campus.commands.options import Format, option, show
from campus.commands.writing import write_workbook
from runtime.errors import ConfigError
from runtime.language import Text


class ObjectiveChoice(StrEnum):
    """What is kept least."""

    ROOMS = "rooms"
    MONEY = "money"


# 1,500,000; 1,5 is no number at all.
_IN_THREES = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)", re.ASCII)


def money(text: str) -> Fraction:
    """Yuan as people write them, 1500000, 1,500,000 or 150万; raises ConfigError."""
    from registry.exact import parse_decimal

    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("元")
    plain = plain.replace(",", "") if _IN_THREES.match(plain) else plain
    times = 10_000 if plain.endswith("万") else 1
    try:
        amount = parse_decimal(plain.removesuffix("万")) * times
    except ValueError as error:
        wrong = Text(
            "请写元数，如 1500000 或 150万", "write yuan as a plain number, e.g. 1500000 or 1,500,000"
        )
        raise ConfigError(f"--budget {text!r}: {wrong}") from error
    if amount < 0:
        raise ConfigError(f"--budget {text!r}: {Text('不能为负数', 'must not be negative')}")
    return amount


Budget = Annotated[
    Fraction | None,
    option(
        "--budget",
        Text("预算（元）：给出它能达到的最好方案", "yuan; gives the best that it reaches"),
        parser=money,
        metavar="CNY",
    ),
]
PricesFile = Annotated[
    Path | None,
    option("--prices", Text("单价文件，见 rules/planner/prices.toml", "see rules/planner/prices.toml")),
]
Objective = Annotated[
    ObjectiveChoice,
    option("--objective", Text("先求教室最少或费用最少", "what is kept least first")),
]
Workbook = Annotated[
    Path | None,
    option("--workbook", Text("另写成工作簿（XLSX）", "write it as a workbook (XLSX), too")),
]
MaxSeconds = Annotated[
    float,
    option("--max-seconds", Text("搜索时限（秒）", "time for the search"), min=0, max=3600),
]


def plan(
    registry: options.Registry,
    standard: options.Standard = None,
    store: options.AnyStore = None,
    as_of: options.AsOf = None,
    budget: Budget = None,
    prices: PricesFile = None,
    objective: Objective = ObjectiveChoice.ROOMS,
    max_seconds: MaxSeconds = 10,
    workbook: Workbook = None,
    output: options.FormatOption = Format.TABLE,
) -> None:
    """The least to buy so that sections meet the indicators of rooms and equipment, and balance."""
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.planner.making import make_plan
    from rules.planner.output import to_csv, to_json
    from rules.planner.prices import load_prices
    from rules.planner.table import to_table
    from rules.planner.workbook import to_workbook
    from store import open_store

    list_of_prices = load_prices(prices)
    now_ms = round(time.time() * 1000)
    inquiry = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    with ExitStack() as stack:
        opened = None if store is None else stack.enter_context(open_store(store))
        evaluation = inquiry.evaluation(opened)
    deadline = time.monotonic() + max_seconds
    made = make_plan(
        evaluation,
        list_of_prices,
        objective=objective.value,
        budget=budget,
        district_names=inquiry.registry.district_names,
        enough=lambda: time.monotonic() > deadline,
    )
    show(output, table=lambda: to_table(made), json=lambda: to_json(made), csv=lambda: to_csv(made))
    if workbook is not None:
        write_workbook(workbook, to_workbook(made))
