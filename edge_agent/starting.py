"""A gateway started: its configuration read, and run until a signal."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from edge_agent.one_round import Outcome
from runtime import ConfigError, configure_logging, load
from runtime.language import Text

T = TypeVar("T")


def start_once(config: Path | None, log_level: str = "INFO", *, within_s: float) -> Outcome:
    """One round, sent and confirmed. Raises ConfigError."""
    gateway = _gateway(config, log_level)
    return asyncio.run(_until_signal(lambda stop: gateway.run_once(stop, within_s=within_s)))


def start(config: Path | None, log_level: str = "INFO") -> None:
    """Raises ConfigError."""
    gateway = _gateway(config, log_level)
    asyncio.run(_until_signal(gateway.run))


def _gateway(config: Path | None, log_level: str) -> Gateway:
    if config is None:
        raise ConfigError(
            Text(
                "必须给出 --config；用法见 campus edge --help",
                "--config must be given; see campus edge --help",
            )
        )
    configure_logging(log_level)
    return Gateway(load(EdgeSettings, config))


async def _until_signal(run: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return await run(stop)
