"""`campus ingest`: the service."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from campus.commands.options import option
from campus.commands.quarantine import app as quarantine_app
from runtime.language import Text

app = typer.Typer()
app.add_typer(quarantine_app, name="quarantine")

ServiceConfig = Annotated[
    Path | None, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))
]


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
