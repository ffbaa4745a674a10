"""`campus rules explain`: one school, one indicator, down to rooms, devices, points and ledger lines."""

import json
import time
from contextlib import ExitStack
from typing import Annotated

from campus.commands import options
from campus.commands.options import ShortFormat, option, show
from runtime.language import Text

_CODES = "L1…L7、overall、wireless、G2…G5、U1…U5"
School = Annotated[str, option("--school", Text("学校标识码，10 位", "school code, 10 digits"))]
Indicator = Annotated[
    str,
    option(
        "--indicator",
        Text("指标代码，或 overall、wireless", "an indicator's code, overall or wireless"),
    ),
]


def explain(
    registry: options.Registry,
    school: School,
    indicator: Indicator,
    standard: options.Standard = None,
    store: options.AnyStore = None,
    as_of: options.AsOf = None,
    output: options.ShortFormatOption = ShortFormat.TABLE,
) -> None:
    """Open one verdict down to its evidence."""
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.explain.explaining import explain as open_up
    from rules.explain.table import to_tree
    from store import open_store

    now_ms = round(time.time() * 1000)
    inquiry = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    with ExitStack() as stack:
        opened = None if store is None else stack.enter_context(open_store(store))
        evaluation = inquiry.evaluation(opened)
    node = open_up(evaluation, inquiry.registry, school, indicator)
    show(
        output,
        table=lambda: to_tree(node),
        json=lambda: json.dumps(node.to_dict(), ensure_ascii=False, indent=2),
    )
