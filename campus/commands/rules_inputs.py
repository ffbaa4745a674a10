"""`campus rules inputs`: what an evaluation rests on, school by school, and what was left out."""

import json
import time
from typing import Annotated

from campus.commands import options
from campus.commands.options import ShortFormat, option, show
from runtime.language import Text

SchoolOption = Annotated[
    str | None,
    option("--school", Text("只看这一所学校（标识码或名称）", "only this school: code or name")),
]


def inputs(
    registry: options.Registry,
    store: options.AnyStore = None,
    standard: options.Standard = None,
    as_of: options.AsOf = None,
    school: SchoolOption = None,
    output: options.ShortFormatOption = ShortFormat.TABLE,
) -> None:
    """List what counts: rooms by mark, devices by room, ledgers, and what was left out and why."""
    from contextlib import nullcontext

    from registry import read_registry
    from rules.answers.inputs import inputs_dicts, inputs_of, inputs_table, strangers_of
    from rules.answers.inquiry import inquire
    from rules.explain.finding import find_school
    from rules.stored.late import read_late
    from store import open_store

    now_ms = round(time.time() * 1000)
    asked = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    with nullcontext(None) if store is None else open_store(store) as opened:
        evaluation = asked.evaluation(opened)
        late = [] if opened is None else read_late(opened)
    wanted = None if school is None else find_school(asked.registry, school)
    found = [one for one in inputs_of(evaluation, asked.registry, late) if wanted in {None, one.school}]
    strangers = [] if wanted else strangers_of(evaluation, asked.registry)
    show(
        output,
        table=lambda: inputs_table(found, asked.registry, strangers),
        json=lambda: json.dumps(inputs_dicts(found, strangers), ensure_ascii=False, indent=2),
    )
