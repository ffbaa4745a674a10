"""`campus edge`: run a school's gateway."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer


def edge(
    config: Annotated[
        Path, typer.Option("--config", help="网关配置文件 · The gateway's configuration (TOML).")
    ],
    log_level: Annotated[str, typer.Option(help="日志级别 · DEBUG, INFO, WARNING or ERROR.")] = "INFO",
) -> None:
    """运行学校网关：采集、缓存、上送 · Run a school's gateway: collect, keep, publish."""
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.main import Gateway
    from runtime import configure_logging, load

    configure_logging(log_level.upper())
    gateway = Gateway(load(EdgeSettings, config))
    asyncio.run(_until_signalled(gateway.run))


async def _until_signalled(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """SIGTERM or Ctrl-C: finish what is in hand, then end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)
