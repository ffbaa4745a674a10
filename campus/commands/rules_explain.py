"""`campus rules explain`: one school, one indicator, down to rooms, devices, points and ledger lines."""

import json
import time
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
    from rules.explain.explaining import explain as open_up
    from rules.explain.table import to_tree
    from rules.facts.observed import observe
    from rules.judging.evaluate import evaluate
    from rules.standards.standard import standard_for
    from store import open_store

    now_ms = round(time.time() * 1000)
    known = read_registry(registry)
    day = as_of or known.calendar.day_of(now_ms)
    rule = standard_for(standard, as_of=day)
    facts = None
    if store is not None:
        with open_store(store) as opened:
            facts = observe(opened, known, rule, as_of=day, now_ms=now_ms)
    node = open_up(evaluate(known, rule, facts, day), known, school, indicator)
    show(
        output,
        table=lambda: to_tree(node),
        json=lambda: json.dumps(node.to_dict(), ensure_ascii=False, indent=2),
    )
