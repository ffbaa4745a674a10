"""`campus board`: the built-in board."""

from campus.commands.options import Config


def board(config: Config) -> None:
    """Serve the board until told to stop."""
    import asyncio

    from campus.commands.stopping import stop_on_signals
    from dashboards.board import BoardSettings, serve
    from runtime import configure_logging, load

    settings = load(BoardSettings, config)
    configure_logging(settings.log_level)

    async def run() -> None:
        await serve(settings, stop_on_signals())

    asyncio.run(run())
