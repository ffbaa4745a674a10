"""`campus ingest`: the service, and its quarantine."""

import gc
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="收集:从消息代理写入数据库 / Receive readings and store them.", no_args_is_help=False)
quarantine_app = typer.Typer(help="隔离区 / What could not be read or stored.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")

ConfigOption = Annotated[Path, typer.Option("--config", help="ingest 的配置文件 / ingest's TOML file")]
IdsArgument = Annotated[list[str] | None, typer.Argument(help="编号或其开头 / ids or their beginnings")]


@app.callback(invoke_without_command=True)
def ingest(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", help="配置文件 / TOML file")] = None,
) -> None:
    """Receive readings from the broker, store them, and acknowledge what is stored."""
    if context.invoked_subcommand:
        return
    from ingest.main import run
    from ingest.settings import IngestSettings
    from runtime import ConfigError, configure_logging, load

    if config is None:
        raise ConfigError("--config: name the configuration file (ingest/sample.toml is an example)")
    settings = load(IngestSettings, config)
    configure_logging(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Readings live for one batch and form no cycles: looking for cycles among them took half of the time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    run(settings, stop)


@quarantine_app.command("list")
def list_entries(config: ConfigOption) -> None:
    """List what was set aside, oldest first, with its reason."""
    from rich.console import Console
    from rich.table import Table

    entries = _open(config)[1].entries()
    if not entries:
        typer.echo("隔离区为空 / The quarantine is empty.")
        return
    table = Table("编号 id", "收到 received (UTC)", "主题 topic", "条数 readings", "原因 reason")
    for entry in entries:
        received = datetime.fromtimestamp(entry.received_ms / 1000, UTC)
        table.add_row(
            entry.id,
            f"{received:%Y-%m-%d %H:%M:%S}",
            entry.topic,
            str(entry.readings or "?"),
            entry.reason,
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@quarantine_app.command("show")
def show_entry(config: ConfigOption, number: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Write one entry to standard output exactly as it came."""
    for entry in _open(config)[1].entries(ids=[number]):
        sys.stdout.buffer.write(entry.payload + b"\n")
        return
    typer.echo(f"no entry begins with {number}", err=True)
    raise typer.Exit(1)


@quarantine_app.command("replay")
def replay_entries(config: ConfigOption, ids: IdsArgument = None) -> None:
    """Try again to store what was set aside; what the store takes leaves the quarantine."""
    from ingest.replay import replay
    from store import open_store

    settings, quarantine = _open(config)
    with open_store(settings.store) as store:
        store.prepare()
        stored, left = replay(quarantine, store, ids=ids or (), now_ms=int(time.time() * 1000))
    typer.echo(f"已补录 {stored} 条读数,仍隔离 {left} 项 / Stored {stored} readings, {left} entries stay.")
    if left:
        raise typer.Exit(1)


def _open(config: Path):  # type: ignore[no-untyped-def]  # its types would import what the gateway lacks
    from ingest.quarantine import Quarantine
    from ingest.settings import IngestSettings
    from runtime import load

    settings = load(IngestSettings, config)
    return settings, Quarantine(settings.quarantine, max_bytes=settings.quarantine_max_bytes)
