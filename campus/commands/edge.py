"""`campus edge`: run a school's gateway; look at the files that it will read."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from campus.commands.edge_ledger import app as ledger_app
from campus.commands.edge_survey import app as survey_app
from campus.commands.options import option
from runtime.language import Text

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    option("--log-level", Text("日志级别", "how much is logged"), case_sensitive=False),
]
GatewayConfig = Annotated[
    Path | None, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))
]

app = typer.Typer()
app.add_typer(survey_app, name="survey")
app.add_typer(ledger_app, name="ledger")


@app.callback(
    invoke_without_command=True,
    help=str(Text("运行学校网关：采集、缓存、上送。", "Run a school's gateway: collect, keep, publish.")),
)
def edge(context: typer.Context, config: GatewayConfig = None, log_level: LogLevel = "INFO") -> None:
    """Run a school's gateway: collect, keep, publish."""
    if context.invoked_subcommand:
        return
    from campus.commands.stopping import stop_on_signals
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.main import Gateway
    from runtime import ConfigError, configure_logging, load

    if config is None:
        raise ConfigError(
            Text(
                "必须给出 --config；用法见 campus edge --help",
                "--config must be given; see campus edge --help",
            )
        )
    configure_logging(log_level)
    gateway = Gateway(load(EdgeSettings, config))

    async def run() -> None:
        await gateway.run(stop_on_signals())

    asyncio.run(run())
