"""`campus ingest`: the service, and its quarantine."""

import gc
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import Config, argument, option, print_table
from runtime.language import Text

if TYPE_CHECKING:
    from ingest.quarantine import Quarantine
    from ingest.settings import IngestSettings

_QUARANTINE = Text("隔离区：无法读取或入库的数据。", "What could not be read or stored.")

app = typer.Typer()
quarantine_app = typer.Typer(help=str(_QUARANTINE), no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")

ServiceConfig = Annotated[
    Path | None, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))
]
Ids = Annotated[list[str] | None, argument(Text("编号或其开头", "ids or their beginnings"))]
Id = Annotated[str, argument(Text("编号或其开头", "an id or its beginning"), metavar="ID")]


@app.callback(
    invoke_without_command=True,
    help=str(
        Text(
            "收集：接收读数、写入数据库，并对已入库者作应答。",
            "Receive readings from the broker, store them, and acknowledge what is stored.",
        )
    ),
)
def ingest(context: typer.Context, config: ServiceConfig = None) -> None:
    """Serve until told to stop."""
    if context.invoked_subcommand:
        return
    from campus.commands.stopping import stop_thread_on_signals
    from ingest.main import run
    from ingest.settings import IngestSettings
    from runtime import ConfigError, configure_logging, load

    if config is None:
        text = Text(
            "请指定配置文件（示例见 ingest/sample.toml）",
            "name the configuration file (ingest/sample.toml is an example)",
        )
        raise ConfigError(f"--config: {text}")
    settings = load(IngestSettings, config)
    configure_logging(settings.log_level)
    stop = stop_thread_on_signals()
    # Readings live for one batch and form no cycles: looking for cycles among them took half of the time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    run(settings, stop)


@quarantine_app.command(
    "list",
    help=str(Text("列出隔离的数据及原因，最早的在前。", "What was set aside, oldest first, and why.")),
)
def list_entries(config: Config) -> None:
    """One line an entry."""
    from rich.table import Table

    entries = _open(config)[1].entries()
    if not entries:
        typer.echo(Text("隔离区为空。", "The quarantine is empty."))
        return
    headings = (
        Text("编号", "id"),
        Text("收到（UTC）", "received (UTC)"),
        Text("主题", "topic"),
        Text("读数", "readings"),
        Text("原因", "reason"),
    )
    table = Table(*map(str, headings))
    for entry in entries:
        received = datetime.fromtimestamp(entry.received_ms / 1000, UTC)
        table.add_row(
            entry.id,
            f"{received:%Y-%m-%d %H:%M:%S}",
            entry.topic,
            str(entry.readings or "?"),
            entry.reason,
        )
    print_table(table, width=200)


@quarantine_app.command(
    "show", help=str(Text("原样输出一项。", "Write one entry to standard output exactly as it came."))
)
def show_entry(config: Config, number: Id) -> None:
    """The payload, byte for byte."""
    for entry in _open(config)[1].entries(ids=[number]):
        sys.stdout.buffer.write(entry.payload + b"\n")
        return
    typer.echo(Text(f"没有以 {number} 开头的编号", f"no entry begins with {number}"), err=True)
    raise typer.Exit(1)


@quarantine_app.command(
    "replay",
    help=str(
        Text(
            "再次入库；已入库者移出隔离区。",
            "Try again to store what was set aside; what the store takes leaves the quarantine.",
        )
    ),
)
def replay_entries(config: Config, ids: Ids = None) -> None:
    """Exit code 1 where something stays."""
    from ingest.replay import replay
    from store import open_store

    settings, quarantine = _open(config)
    with open_store(settings.store) as store:
        store.prepare()
        stored, left = replay(quarantine, store, ids=ids or (), now_ms=int(time.time() * 1000))
    typer.echo(
        Text(f"已补录 {stored} 条读数，仍隔离 {left} 项。", f"Stored {stored} readings, {left} entries stay.")
    )
    if left:
        raise typer.Exit(1)


def _open(config: Path) -> "tuple[IngestSettings, Quarantine]":
    from ingest.quarantine import Quarantine
    from ingest.settings import IngestSettings
    from runtime import load

    settings = load(IngestSettings, config)
    return settings, Quarantine(settings.quarantine, max_bytes=settings.quarantine_max_bytes)
