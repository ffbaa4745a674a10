"""`campus edge`: run a school's gateway."""

import asyncio
from typing import Annotated, Literal

from campus.commands.options import Config, option
from runtime.language import Text

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    option("--log-level", Text("日志级别", "how much is logged"), case_sensitive=False),
]


def edge(config: Config, log_level: LogLevel = "INFO") -> None:
    """Run a school's gateway: collect, keep, publish."""
    from campus.commands.stopping import stop_on_signals
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.main import Gateway
    from runtime import configure_logging, load

    configure_logging(log_level)
    gateway = Gateway(load(EdgeSettings, config))

    async def run() -> None:
        await gateway.run(stop_on_signals())

    asyncio.run(run())
