"""A gateway started: its configuration read, and run until a signal; made anew for other settings."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from edge_agent.main import Gateway, program_version, wall_clock
from edge_agent.one_round import Outcome
from edge_agent.tasks import end
from edge_agent.wanted.effective import Effective, effective, open_shelf, say_running
from edge_agent.wanted.why import because
from runtime import ConfigError, configure_logging
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.wanted.desk import Desk

log = logging.getLogger(__name__)

T = TypeVar("T")


def start_once(config: Path | None, log_level: str = "INFO", *, within_s: float) -> Outcome:
    """One round, sent and confirmed. Raises ConfigError."""
    path = _begun(config, log_level)
    gateway = Gateway(_said(effective(path)).settings)
    return asyncio.run(_until_signal(lambda stop: gateway.run_once(stop, within_s=within_s)))


def start(config: Path | None, log_level: str = "INFO") -> None:
    """Raises ConfigError."""
    path = _begun(config, log_level)
    desk = _desk(path)
    # Before any loop: a wrong configuration is told, and nothing was begun.
    gateway = _gateway(path, desk)
    asyncio.run(_until_signal(lambda stop: _run(path, desk, gateway, stop)))
    log.info("stopped")


def _begun(config: Path | None, log_level: str) -> Path:
    if config is None:
        raise ConfigError(
            Text(
                "必须给出 --config；用法见 campus edge --help",
                "--config must be given; see campus edge --help",
            )
        )
    configure_logging(log_level)
    return config


def _desk(config: Path) -> "Desk | None":
    """None where nothing can come from the bureau."""
    found = open_shelf(config)
    if found is None:
        return None
    # Only an enrolled gateway needs what proves and tries settings.
    from edge_agent.identity.identity import load_identity
    from edge_agent.wanted.desk import Desk

    authority_pem = load_identity(found.identity, found.address).authority_pem
    desk = Desk(
        found.shelf,
        config=config,
        address=found.address,
        authority_pem=authority_pem,
        fleet=found.fleet,
        clock=wall_clock,
        program=program_version(),
    )
    desk.started()
    return desk


def _gateway(config: Path, desk: "Desk | None") -> Gateway:
    """With the settings that are to run; those on trial that cannot begin are taken back. ConfigError."""
    try:
        return _made(config, desk)
    except ConfigError as error:
        if desk is None or not desk.on_trial:
            raise
        desk.roll_back(desk.unusable(error))
        return _made(config, desk)


def _made(config: Path, desk: "Desk | None") -> Gateway:
    found = effective(config, desk.shelf if desk else None)
    if desk is None:
        return Gateway(found.settings)
    if found.broken is not None:
        desk.damaged(found.broken)
    gateway = Gateway(_said(found).settings, desk=desk)
    desk.begin(found, gateway.intervals, gateway.settings_changed)
    return gateway


def _said(found: Effective) -> Effective:
    if text := say_running(found):
        log.info("%s", text)
    if found.changed_here:
        log.warning(
            "this file or its lists were edited since, which counts for nothing while the bureau's settings "
            'run ([fleet] master = "school" makes it count)'
        )
    return found


async def _run(config: Path, desk: "Desk | None", gateway: Gateway, stop: asyncio.Event) -> None:
    """One gateway after another, each with its settings, until `stop`."""
    if desk is None:
        await gateway.run(stop)
        return
    watching = asyncio.create_task(desk.keep_watch(), name="watch over new settings")
    try:
        await _one_after_another(config, desk, gateway, stop)
    finally:
        await end(watching)
        desk.end_watch()


async def _one_after_another(config: Path, desk: "Desk", gateway: Gateway, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await _until(gateway, desk, stop)
        except Exception as error:
            if not desk.on_trial:
                raise
            log.exception("the program has failed with settings that are on trial")
            desk.roll_back(because("fleet.failed", error=type(error).__name__))
        if stop.is_set():
            return
        await _unless(stop, desk.turn())
        if not stop.is_set():
            gateway = _gateway(config, desk)


async def _until(gateway: Gateway, desk: "Desk", stop: asyncio.Event) -> None:
    """Until the program is to end, or other settings are to run."""
    ending = asyncio.Event()

    async def watch() -> None:
        waiting = {asyncio.create_task(event.wait()) for event in (stop, desk.switch)}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            ending.set()
        finally:
            await end(*waiting)

    watching = asyncio.create_task(watch(), name="stop or switch")
    try:
        await gateway.run(ending)
    finally:
        await end(watching)


async def _unless(stop: asyncio.Event, work: Awaitable[None]) -> None:
    """Do it, unless the program is to end first."""
    task, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        await end(stopping)
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _until_signal(run: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return await run(stop)
