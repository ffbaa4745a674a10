"""`campus rules inventory`: devices seen on the network beside the asset ledgers."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

from campus.commands import options
from campus.commands.options import Format, option, show
from campus.commands.rules_inputs import SchoolOption
from campus.commands.writing import write_workbook
from runtime.language import Text

Workbook = Annotated[
    Path | None,
    option("--workbook", Text("另写成盘点表（XLSX）", "write it as a workbook for a stock-take (XLSX), too")),
]


def inventory(
    registry: options.Registry,
    store: options.Store,
    school: SchoolOption = None,
    output: options.FormatOption = Format.TABLE,
    workbook: Workbook = None,
) -> None:
    """Devices with first and last seen: in a ledger, in none, and assets never seen; exit code 0."""
    from registry import read_registry
    from rules.explain.finding import find_school
    from rules.inventory.lines import to_csv
    from rules.inventory.output import to_json, to_table, to_workbook
    from rules.inventory.reading import read_inventory
    from store import open_store

    known = read_registry(registry)
    now_ms = round(time.time() * 1000)
    wanted = None if school is None else find_school(known, school)
    code = None if wanted is None else wanted.school_code
    with open_store(store) as opened:
        found = read_inventory(opened, known, now_ms=now_ms, school=code)
    show(
        output,
        table=lambda: to_table(found, known, every=code is not None),
        json=lambda: to_json(found, known),
        csv=lambda: to_csv(found, known),
    )
    if workbook is not None:
        today = datetime.fromtimestamp(now_ms / 1000, known.calendar.zone).date()
        write_workbook(workbook, to_workbook(found, known, as_of=today))
