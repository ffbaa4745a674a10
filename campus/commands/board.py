"""`campus board`: the built-in board."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer


def board(config: Annotated[Path, typer.Option("--config", help="配置文件 / TOML file")]) -> None:
    """看板：区级总览与逐校页面 / Serve the board until told to stop."""
    from dashboards.board import BoardSettings, serve
    from runtime import configure_logging, load

    settings = load(BoardSettings, config)
    configure_logging(settings.log_level)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(settings, stop)

    asyncio.run(run())
