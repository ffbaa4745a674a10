"""`campus verify-loss`: produced = stored + quarantined + pending + dropped, gateway by gateway."""

import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from ingest.accounts import Balance

StoreOption = Annotated[str, typer.Option("--store", help="数据库地址 / address of the store")]
QuarantineOption = Annotated[
    list[Path] | None,
    typer.Option("--quarantine", help="隔离区文件,可多次 / quarantine file, may be repeated"),
]
FormatOption = Annotated[Literal["table", "json"], typer.Option("--format", help="输出格式 / output format")]


def verify_loss(
    store: StoreOption, quarantine: QuarantineOption = None, output: FormatOption = "table"
) -> None:
    """逐个网关核对读数 / Account for every reading of every gateway; exit code 1 where one is lost."""
    from ingest.accounts import balances
    from ingest.quarantine import Quarantine
    from runtime import ConfigError
    from store import open_store

    with ExitStack() as stack:
        opened = stack.enter_context(open_store(store))
        files = []
        for path in quarantine or []:
            if not path.exists():
                raise ConfigError(f"--quarantine: there is no file {path}")
            files.append(Quarantine(path))
            stack.callback(files[-1].close)
        found = balances(opened, files)
    if output == "json":
        typer.echo(json.dumps([_as_json(balance) for balance in found], indent=2))
    else:
        _print_table(found)
    if not found or not all(balance.agrees for balance in found):
        raise typer.Exit(1)


def _as_json(balance: "Balance") -> dict[str, object]:
    values = asdict(balance)
    return {
        **values.pop("address"),
        **values,
        "missing": balance.missing,
        "lost": balance.lost,
        "surplus": balance.surplus,
        "agrees": balance.agrees,
    }


def _print_table(found: list["Balance"]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not found:
        typer.echo("没有网关报告过 / No gateway has reported to this store yet.")
        return
    table = Table(title="读数核对 / Account of readings")
    for heading in (
        "学校 school",
        "网关 gateway",
        "账目时间 as of (UTC)",
        "产生 produced",
        "入库 stored",
        "隔离 quarantined",
        "待传 pending",
        "丢弃 dropped",
        "结论 verdict",
    ):
        table.add_column(heading, justify="left" if heading[0] in "学网账结" else "right")
    for balance in found:
        table.add_row(
            balance.address.school,
            balance.address.gateway,
            f"{datetime.fromtimestamp(balance.account_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}",
            *(
                str(number)
                for number in (
                    balance.produced,
                    balance.stored,
                    balance.quarantined,
                    balance.pending,
                    balance.dropped,
                )
            ),
            _verdict(balance),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _verdict(balance: "Balance") -> str:
    if balance.lost:
        return f"✗ 丢失 {balance.lost} lost"
    if balance.surplus:
        return f"✗ 多出 {balance.surplus} surplus"
    if balance.missing > balance.dropped:
        return f"✓ 相符,{balance.missing - balance.dropped} 在途 on the way"
    return "✓ 相符 agrees"
