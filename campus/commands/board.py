"""`campus board`: the built-in board; its accounts and tokens below it."""

from pathlib import Path
from typing import Annotated

import typer

from campus.commands.board_accounts import token_app, user_app
from campus.commands.options import option
from runtime.language import Text

app = typer.Typer()
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")

ServiceConfig = Annotated[
    Path | None, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))
]


@app.callback(
    invoke_without_command=True,
    help=str(Text("看板：区级总览与逐校页面。", "Serve the board until told to stop.")),
)
def board(context: typer.Context, config: ServiceConfig = None) -> None:
    """Serve the board until told to stop."""
    if context.invoked_subcommand:
        return
    import asyncio

    from campus.commands.stopping import stop_on_signals
    from dashboards.board import BoardSettings, serve
    from runtime import ConfigError, configure_logging, load

    if config is None:
        text = Text(
            "请指定配置文件（示例见 dashboards/sample.toml）",
            "name the configuration file (dashboards/sample.toml is an example)",
        )
        raise ConfigError(f"--config: {text}")
    settings = load(BoardSettings, config)
    configure_logging(settings.log_level)

    async def run() -> None:
        await serve(settings, stop_on_signals(), warm=True)

    asyncio.run(run())
