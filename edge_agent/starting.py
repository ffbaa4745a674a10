"""A gateway started: its configuration read, and run until a signal."""

import asyncio
import signal
from pathlib import Path

from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from runtime import ConfigError, configure_logging, load
from runtime.language import Text


def start(config: Path | None, log_level: str = "INFO") -> None:
    """Raises ConfigError."""
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
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await gateway.run(stop)

    asyncio.run(run())
