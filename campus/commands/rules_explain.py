"""`campus rules explain`: one indicator of a school, or all, down to rooms, points and lines."""

import json
import time
from contextlib import ExitStack
from typing import Annotated

from campus.commands import options
from campus.commands.options import ShortFormat, option, show
from runtime.errors import ConfigError
from runtime.language import Text

School = Annotated[str, option("--school", Text("学校标识码或名称", "a school's code or name"))]
Indicator = Annotated[
    str | None,
    option(
        "--indicator",
        Text("指标代码，或 overall、wireless", "an indicator's code, overall or wireless"),
    ),
]
All = Annotated[bool, option("--all", Text("该校的全部指标", "every indicator of the school"))]


def explain(
    registry: options.Registry,
    school: School,
    indicator: Indicator = None,
    every: All = False,
    standard: options.Standard = None,
    store: options.AnyStore = None,
    as_of: options.AsOf = None,
    output: options.ShortFormatOption = ShortFormat.TABLE,
) -> None:
    """Open a school's verdicts down to their evidence."""
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.explain.explaining import explain as open_up
    from rules.explain.explaining import explain_all
    from rules.explain.finding import find_school
    from rules.explain.kept import with_kept
    from rules.explain.table import to_tree
    from store import open_store

    if every == (indicator is not None):
        raise ConfigError(Text("请用 --indicator 或 --all 之一", "give one of --indicator and --all"))
    now_ms = round(time.time() * 1000)
    inquiry = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    with ExitStack() as stack:
        opened = None if store is None else stack.enter_context(open_store(store))
        evaluation = inquiry.evaluation(opened)
        known = inquiry.registry
        node = (
            explain_all(evaluation, known, school)
            if indicator is None
            else open_up(evaluation, known, school, indicator)
        )
        if opened is not None and evaluation.facts is not None:
            asked = {find_school(known, school).school_code}
            node = with_kept(node, opened, known, evaluation.facts, asked)
    show(
        output,
        table=lambda: to_tree(node),
        json=lambda: json.dumps(node.to_dict(), ensure_ascii=False, indent=2),
    )
