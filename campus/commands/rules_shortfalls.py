"""`campus rules shortfalls`: the shortfall register (销号台账), computed from the stored evaluations."""

import time

from campus.commands import options
from campus.commands.options import Format, show


def shortfalls(
    registry: options.Registry,
    store: options.Store,
    standard: options.Standard = None,
    as_of: options.AsOf = None,
    output: options.FormatOption = Format.TABLE,
) -> None:
    """The shortfall register, from the evaluations in the store."""
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.shortfalls.output import to_csv, to_json, to_table
    from rules.shortfalls.register import shortfalls as read
    from store import open_store

    now_ms = round(time.time() * 1000)
    asked = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    with open_store(store) as opened:
        found = read(opened, asked.registry, asked.standard, as_of=asked.as_of)
    show(output, table=lambda: to_table(found), json=lambda: to_json(found), csv=lambda: to_csv(found))
