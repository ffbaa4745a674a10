"""`campus rules shortfalls`: the shortfall register (销号台账), of a store or of quarters handed in."""

import time
from pathlib import Path
from typing import Annotated

from campus.commands import options
from campus.commands.options import Format, option, show
from runtime.errors import ConfigError
from runtime.language import Text

Reports = Annotated[
    Path | None,
    option(
        "--reports",
        Text(
            "不用数据库时：季报所在文件夹，已报送各季作为历史",
            "without a store: folder of reports handed in",
        ),
    ),
]


def shortfalls(
    registry: options.Registry,
    store: options.AnyStore = None,
    reports: Reports = None,
    standard: options.Standard = None,
    as_of: options.AsOf = None,
    output: options.FormatOption = Format.TABLE,
) -> None:
    """The shortfall register: from the evaluations in the store, or declared figures and frozen quarters."""
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.report.handed_in import register_of
    from rules.shortfalls.output import to_csv, to_json, to_table
    from rules.shortfalls.register import shortfalls as read
    from store import open_store

    if store is not None and reports is not None:
        wrong = Text("--store 和 --reports 只能用其一", "give either --store or --reports")
        raise ConfigError(wrong)
    now_ms = round(time.time() * 1000)
    asked = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    if store is None:
        found = register_of(asked.registry, asked.evaluation(None), reports)
    else:
        with open_store(store) as opened:
            found = read(opened, asked.registry, asked.standard, as_of=asked.as_of)
    show(output, table=lambda: to_table(found), json=lambda: to_json(found), csv=lambda: to_csv(found))
