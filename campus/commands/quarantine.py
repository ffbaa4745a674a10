"""`campus ingest quarantine`: what could not be read or stored, seen, stored again, or thrown away."""

import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.moments import utc_time
from campus.commands.options import Config, argument, day_option, option, print_table
from runtime.errors import ConfigError
from runtime.language import Text
from runtime.log import plain

if TYPE_CHECKING:
    from ingest.quarantine import Entry, Quarantine
    from ingest.selection import Selection
    from ingest.settings import IngestSettings

_WHAT = Text("隔离区：无法读取或入库的数据。", "What could not be read or stored.")
_LIST = Text("列出隔离的数据及原因，最早的在前。", "What was set aside, oldest first, and why.")
_SHOW = Text("原样输出一项。", "Write one entry to standard output exactly as it came.")
app = typer.Typer(help=str(_WHAT), no_args_is_help=True)

Ids = Annotated[list[str] | None, argument(Text("编号或其开头", "ids or their beginnings"))]
Id = Annotated[str, argument(Text("编号或其开头", "an id or its beginning"), metavar="ID")]
School = Annotated[
    str | None, option("--school", Text("只看该学校标识码", "only what this school sent (its code)"))
]
Gateway = Annotated[
    str | None, option("--gateway", Text("只看该网关", "only what this gateway sent (its name)"))
]
Reason = Annotated[
    str | None, option("--reason", Text("原因中含此文字", "only where the reason holds this text"))
]
Since = Annotated[date | None, day_option("--since", Text("自该日起收到（UTC）", "received since (UTC)"))]
Until = Annotated[date | None, day_option("--until", Text("于该日之前收到（UTC）", "received before (UTC)"))]
Grouped = Annotated[
    bool, option("--group", Text("按学校与原因归并", "together by school and kind of reason"))
]
Gone = Annotated[
    bool, option("--discarded", Text("列出已作废者及理由", "what was discarded, and why, instead"))
]
Why = Annotated[str, option("--why", Text("作废的理由，会留存", "why; it is kept"))]
All = Annotated[bool, option("--all", Text("全部", "everything"))]

_HEADINGS = (
    Text("编号", "id"),
    Text("收到（UTC）", "received (UTC)"),
    Text("主题", "topic"),
    Text("读数", "readings"),
    Text("原因", "reason"),
)
_GROUP_HEADINGS = (
    Text("学校", "school"),
    Text("项", "entries"),
    Text("读数", "readings"),
    Text("最早（UTC）", "first (UTC)"),
    Text("最近（UTC）", "last (UTC)"),
    Text("原因，例", "reason, for example"),
)
_DISCARDED_HEADINGS = (
    Text("编号", "id"),
    Text("作废（UTC）", "discarded (UTC)"),
    Text("主题", "topic"),
    Text("读数", "readings"),
    Text("理由", "why"),
    Text("隔离原因", "reason of the quarantine"),
)


@app.command("list", help=str(_LIST))
def list_entries(
    config: Config,
    ids: Ids = None,
    school: School = None,
    gateway: Gateway = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    group: Grouped = False,
    discarded: Gone = False,
) -> None:
    """One line an entry, a group or a decision."""
    from ingest.selection import grouped

    quarantine = _open(config)[1]
    if discarded:
        gone = quarantine.discarded()
        _table(
            _DISCARDED_HEADINGS,
            [
                (item.id, utc_time(item.discarded_ms), item.topic, str(item.readings), item.why, item.reason)
                for item in gone
            ],
        )
        return
    entries = _selected(quarantine, _selection(ids, school, gateway, reason, since, until))
    if group:
        _table(
            _GROUP_HEADINGS,
            [
                (
                    group.school or "?",
                    str(group.entries),
                    str(group.readings),
                    utc_time(group.first_ms),
                    utc_time(group.last_ms),
                    group.example,
                )
                for group in grouped(entries)
            ],
        )
        return
    _table(
        _HEADINGS,
        [
            (entry.id, utc_time(entry.received_ms), entry.topic, str(entry.readings or "?"), entry.reason)
            for entry in entries
        ],
    )


@app.command("show", help=str(_SHOW))
def show_entry(config: Config, number: Id) -> None:
    """The payload, byte for byte."""
    for entry in _open(config)[1].entries(ids=[number]):
        sys.stdout.buffer.write(entry.payload + b"\n")
        return
    raise _none_begins_with(number)


@app.command(
    "replay",
    help=str(
        Text(
            "再次入库；已入库者移出隔离区。",
            "Try again to store what was set aside; what the store takes leaves the quarantine.",
        )
    ),
)
def replay_entries(
    config: Config,
    ids: Ids = None,
    school: School = None,
    gateway: Gateway = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Exit code 1 where something stays."""
    from ingest.main import open_senders
    from ingest.replay import replay
    from store import open_store

    settings, quarantine = _open(config)
    entries = _selected(quarantine, _selection(ids, school, gateway, reason, since, until))
    with open_store(settings.store) as store:
        store.prepare()
        senders, now_ms = open_senders(settings.trust), int(time.time() * 1000)
        stored, left = replay(quarantine, store, entries, now_ms=now_ms, senders=senders)
    typer.echo(
        Text(f"已补录 {stored} 条读数，仍隔离 {left} 项。", f"Stored {stored} readings, {left} entries stay.")
    )
    if left:
        raise typer.Exit(1)


@app.command(
    "discard",
    help=str(
        Text(
            "作废：不再保留内容，但记下理由，核对读数时仍计为隔离。",
            "Throw away what is of no use; the reason is kept, and its readings stay counted as quarantined.",
        )
    ),
)
def discard_entries(
    config: Config,
    why: Why,
    ids: Ids = None,
    school: School = None,
    gateway: Gateway = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    everything: All = False,
) -> None:
    """Only what was chosen, or all of it where that is said."""
    selection = _selection(ids, school, gateway, reason, since, until)
    if selection.everything and not everything:
        text = Text(
            "请写明要作废哪些（编号、--school、--reason 等），或写 --all",
            "say which are meant (ids, --school, --reason and the like), or --all",
        )
        raise ConfigError(text)
    if not why.strip():
        raise ConfigError(Text("--why：请写明理由", "--why: give a reason"))
    quarantine = _open(config)[1]
    entries = _selected(quarantine, selection)
    quarantine.discard(entries, why=why, now_ms=int(time.time() * 1000))
    readings = sum(entry.readings for entry in entries)
    typer.echo(
        Text(
            f"已作废 {len(entries)} 项，共 {readings} 条读数。",
            f"Discarded {len(entries)} entries with {readings} readings.",
        )
    )


def _selection(
    ids: list[str] | None,
    school: str | None,
    gateway: str | None,
    reason: str | None,
    since: date | None,
    until: date | None,
) -> "Selection":
    from ingest.selection import Selection

    return Selection(
        ids=tuple(ids or ()),
        school=school,
        gateway=gateway,
        reason=reason,
        since_ms=_midnight(since),
        until_ms=_midnight(until),
    )


def _selected(quarantine: "Quarantine", selection: "Selection") -> "list[Entry]":
    """Raises ConfigError for an id that nothing has: a slip of it would look like nothing to do."""
    listed = quarantine.listed()
    for given in selection.ids:
        if not any(entry.id.startswith(given) for entry in listed):
            raise _none_begins_with(given)
    return [entry for entry in listed if selection.holds(entry)]


def _none_begins_with(given: str) -> ConfigError:
    return ConfigError(Text(f"没有以 {given} 开头的编号", f"no entry begins with {given}"))


def _midnight(day: date | None) -> int | None:
    return None if day is None else int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _table(headings: tuple[Text, ...], rows: list[tuple[str, ...]]) -> None:
    """What stands in the cells came from anywhere: it neither steers the terminal nor marks itself up."""
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        typer.echo(Text("没有。", "There is nothing."))
        return
    table = Table(*map(str, headings))
    for row in rows:
        table.add_row(*(escape(plain(cell)) for cell in row))
    print_table(table, width=200)


def _open(config: Path) -> "tuple[IngestSettings, Quarantine]":
    from ingest.quarantine import Quarantine
    from ingest.settings import IngestSettings
    from runtime import load

    settings = load(IngestSettings, config)
    return settings, Quarantine(settings.quarantine, max_bytes=settings.quarantine_max_bytes)
