"""`campus verify-loss`: every reading of every gateway accounted for.

produced = stored + expired + quarantined + pending + dropped + untaken
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.moments import utc_time
from campus.commands.options import ShortFormat, option, print_table
from runtime.language import Text

if TYPE_CHECKING:
    from ingest.accounts import Balance

_MOST_RANGES = 20

Quarantines = Annotated[
    list[Path] | None,
    option("--quarantine", Text("隔离区文件，可多次", "quarantine file, may be repeated")),
]


def verify_loss(
    store: options.Store,
    quarantine: Quarantines = None,
    output: options.ShortFormatOption = ShortFormat.TABLE,
) -> None:
    """Account for every reading of every gateway; exit code 1 where one is lost, or nobody can say so."""
    from ingest.accounts import absent_batches, balances, without_account
    from ingest.quarantine import Quarantine
    from runtime import ConfigError
    from store import open_store

    with ExitStack() as stack:
        opened = stack.enter_context(open_store(store))
        files = []
        for path in quarantine or []:
            if not path.exists():
                text = Text(f"没有文件 {path}", f"there is no file {path}")
                raise ConfigError(f"--quarantine: {text}")
            files.append(Quarantine(path))
            stack.callback(files[-1].close)
        untold = without_account(opened)
        found = balances(opened, files)
        absent = [absent_batches(opened, files, balance) if balance.lost else [] for balance in found]
    if output is ShortFormat.JSON:
        typer.echo(json.dumps([_as_json(*told) for told in zip(found, absent, strict=True)], indent=2))
    else:
        _print_table(found)
        for balance, ranges in zip(found, absent, strict=True):
            if balance.lost:
                typer.echo(_absent(balance, ranges))
    for _, school, gateway, epoch in untold:
        typer.echo(_untold(school, gateway, epoch), err=True)
    if untold or not found or not all(balance.agrees for balance in found):
        raise typer.Exit(1)


def _as_json(balance: "Balance", absent: list[tuple[int, int]]) -> dict[str, object]:
    values = asdict(balance)
    return {
        **values.pop("address"),
        **values,
        "missing": balance.missing,
        "lost": balance.lost,
        "surplus": balance.surplus,
        "agrees": balance.agrees,
        "absent_batches": absent,
    }


def _untold(school: str, gateway: str, epoch: str) -> Text:
    return Text(
        f"{school} {gateway}（{epoch}）：有读数入库，但从未收到它的账目，无从核对。网关刚启动时请稍后再试",
        f"{school} {gateway} ({epoch}): readings of it are stored, no account of it ever came: nobody can "
        "say whether any are missing. Where it has just started, try again in a minute",
    )


def _absent(balance: "Balance", ranges: list[tuple[int, int]]) -> Text:
    """Which batches the loss is in: those dropped on purpose are among them, and those still on their way."""
    shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges[:_MOST_RANGES])
    more = len(ranges) - _MOST_RANGES
    who = f"{balance.address.school} {balance.address.gateway} ({balance.epoch})"
    return Text(
        f"{who}：既未入库也未隔离的批次 {shown or '无'}" + (f"，另有 {more} 段" if more > 0 else ""),
        f"{who}: batches neither stored nor quarantined: {shown or 'none'}"
        + (f", and {more} more ranges" if more > 0 else ""),
    )


# What stands in the table: a heading, how a balance says it, and whether it is a number.
_COLUMNS: tuple[tuple[Text, "Callable[[Balance], object]", bool], ...] = (
    (Text("学校", "school"), lambda balance: balance.address.school, False),
    (Text("网关", "gateway"), lambda balance: balance.address.gateway, False),
    (Text("账目时间（UTC）", "as of (UTC)"), lambda balance: utc_time(balance.account_ms), False),
    (Text("产生", "produced"), lambda balance: balance.produced, True),
    (Text("入库", "stored"), lambda balance: balance.stored, True),
    (Text("隔离", "quarantined"), lambda balance: balance.quarantined, True),
    (Text("待传", "pending"), lambda balance: balance.pending, True),
    (Text("已到期", "expired"), lambda balance: balance.expired, True),
    (Text("丢弃", "dropped"), lambda balance: balance.dropped, True),
    (Text("未收", "untaken"), lambda balance: balance.untaken, True),
    (Text("结论", "verdict"), lambda balance: _verdict(balance), False),
)


def _print_table(found: list["Balance"]) -> None:
    from rich.table import Table

    if not found:
        typer.echo(Text("没有网关向此数据库报告过。", "No gateway has reported to this store yet."))
        return
    table = Table(title=str(Text("读数核对", "Account of readings")))
    for heading, _, number in _COLUMNS:
        table.add_column(str(heading), justify="right" if number else "left")
    for balance in found:
        table.add_row(*(str(say(balance)) for _, say, _ in _COLUMNS))
    print_table(table, width=160)


def _verdict(balance: "Balance") -> Text:
    if balance.lost:
        return Text(f"✗ 丢失 {balance.lost}", f"✗ {balance.lost} lost")
    if balance.surplus:
        return Text(f"✗ 多出 {balance.surplus}", f"✗ {balance.surplus} surplus")
    coming = balance.missing - balance.dropped - balance.untaken
    if coming > 0:
        return Text(f"✓ 相符，{coming} 在途", f"✓ agrees, {coming} on the way")
    return Text("✓ 相符", "✓ agrees")
