"""Each program's set-up, tried as the program itself would: settings, files, devices, broker, store."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from campus.commands.doctor.broker import Rights, login
from campus.commands.doctor.finding import DISK, REGISTRY, SETTINGS, Finding, failing_as
from campus.commands.doctor.senders import SENDER, of_authority, of_gateway, of_ingest
from campus.commands.doctor.stores import allowed, store_of
from runtime.language import Text
from runtime.settings import Settings, load
from runtime.toml_files import read_toml

if TYPE_CHECKING:
    from edge_agent.collectors.base import Collector
    from edge_agent.gateway_settings import EdgeSettings
    from ingest.settings import IngestSettings

_ROUND_S = 90.0
# What only the authority's settings have; `campus ca init` writes its name.
_AUTHORITY = {"folder", "hosts", "code_days", "certificate_days", "listen_host", "listen_port", "sync_s"}

_EDITED = Text(
    "本文件或其所列的表在采用教育局设置之后又改过，改动不起作用",
    "this file or its lists were edited after the bureau's settings were taken: that counts for nothing",
)
_MASTER = Text(
    '请教育局下发新版，或写 [fleet] master = "school"',
    'ask the bureau for a new version, or write [fleet] master = "school"',
)
_BROKEN = Text(
    "教育局设置在磁盘上的副本已损坏，现用本文件",
    "the copy of the bureau's settings is damaged: this file runs",
)
_COMES_AGAIN = Text("网关连上消息代理后会重新取得", "a gateway that reaches its broker has it again")


class Examined(NamedTuple):
    """What was found of one program, and what it has in common with others: its store, its time zones."""

    name: str
    findings: list[Finding]
    store: str | None = None
    zones: tuple[tuple[str, str], ...] = ()


def examine(path: Path) -> Examined:
    """Whose configuration this is, and how it fares. Raises ConfigError where it is nobody's or wrong."""
    keys = read_toml(path, Text("配置文件", "the configuration")).values.keys()
    return _examination(keys)(path)


def _examination(keys: Iterable[str]) -> Callable[[Path], Examined]:
    """A gateway says which it is, ingest where its quarantine is; the others look alike in part."""
    known = set(keys)
    if {"gateway", "school"} & known:
        return _edge
    if "quarantine" in known:
        return _ingest
    if _AUTHORITY & known or ("name" in known and "store" not in known):
        return _trust
    if {"port", "title", "title_en", "timezone", "access", "host"} & known:
        return _board
    return _rules


def _taken(settings: Settings, path: Path) -> Finding:
    return Finding(SETTINGS, "ok", f"{path} ({type(settings).__name__.removesuffix('Settings')})")


def _edge(path: Path) -> Examined:
    from edge_agent.settings import SurveySettings
    from edge_agent.wanted.effective import effective, say_running

    running = effective(path)
    settings = running.settings
    found = [_taken(settings, path), _room(settings.spool, settings.spool_max_bytes)]
    if text := say_running(running):
        found.append(Finding(SETTINGS, "ok", text))
    if running.changed_here:
        found.append(Finding(SETTINGS, "failed", _EDITED, _MASTER))
    if running.broken is not None:
        found.append(Finding(SETTINGS, "failed", _BROKEN, _COMES_AGAIN))
    with failing_as(SENDER, found):
        found.append(of_gateway(settings))
    with failing_as(SETTINGS, found):
        found += login(settings.broker, _rights_of_gateway(settings))
    with failing_as(SETTINGS, found):
        found += asyncio.run(_rounds([build(lambda _: None) for build in settings.prepare()]))
    surveys: tuple[SurveySettings, ...] = getattr(settings, "survey", ())
    zones = tuple((f"survey {survey.id}", survey.timezone) for survey in surveys)
    return Examined(f"edge {settings.school}/{settings.gateway}", found, zones=zones)


def _rights_of_gateway(settings: "EdgeSettings") -> Rights:
    from edge_agent.identity.files import enrolled_in

    address, tls = settings.address, settings.broker.read_certificates()
    hears = [address.topic("ack")]
    if settings.broker.tls and (folder := enrolled_in(settings.identity)):
        from edge_agent.identity.identity import load_identity

        tls = load_identity(folder, address).tls()
        hears.append(address.topic("wanted"))
    return Rights(
        # The gateway's own: rules bind its user to it. One that is at work comes back within seconds.
        client_id=f"campus-{address.district}-{address.school}-{address.gateway}",
        hears=hears,
        speaks=[address.topic("status"), address.topic("readings")],
        tls=tls,
    )


async def _rounds(collectors: list["Collector"]) -> list[Finding]:
    """One round of each, which is given to nobody."""
    return [finding for collector in collectors for finding in await _round(collector)]


async def _round(collector: "Collector") -> list[Finding]:
    from edge_agent.collectors.base import Closing
    from edge_agent.main import wall_clock

    try:
        async with asyncio.timeout(_ROUND_S):
            result = await collector.collect(wall_clock)
    except TimeoutError:
        return [Finding(collector.id, "failed", Text("一轮未完成", "a round does not end"))]
    finally:
        if isinstance(collector, Closing):
            await collector.close()
    readings = len(result.readings)
    found = []
    for run in result.runs:
        rows = Text(f"读到 {run.rows} 行", f"{run.rows} rows")
        detail = str(rows) if run.status == "ok" else f"{run.status}: {result.reason_of(run) or rows}"
        found.append(
            Finding(f"{collector.id} {run.target}", "ok" if run.status == "ok" else "failed", detail)
        )
    nothing = Text(f"{readings} 条读数", f"{readings} readings")
    return found or [Finding(collector.id, "ok", nothing)]


def _ingest(path: Path) -> Examined:
    from ingest.settings import IngestSettings

    settings = load(IngestSettings, path)
    found = [_taken(settings, path), _room(settings.quarantine, settings.quarantine_max_bytes)]
    found += allowed(settings.store, "write")
    with failing_as(SETTINGS, found):
        found += login(settings.broker, _rights_of_ingest(settings))
    with failing_as(SENDER, found):
        found.append(of_ingest(settings))
    return Examined("ingest", found, store=store_of(settings.store))


def _rights_of_ingest(settings: "IngestSettings") -> Rights:
    from contract import Address, subscription

    nobody = Address("000000", "0000000000", "doctor")
    return Rights(
        # Where the settings name one, rules may bind the user to it.
        client_id=settings.name or "campus-ingest-doctor",
        # What is given to us meanwhile is not acknowledged: the broker gives it to another.
        hears=[
            subscription("readings", share=settings.read_share()),
            subscription("status"),
            subscription("wanted"),
        ],
        speaks=[nobody.topic("ack")],
        tls=settings.broker.read_certificates(),
    )


def _rules(path: Path) -> Examined:
    from registry import read_registry
    from rules.watch.alerting import AlertService
    from rules.watch.settings import RulesSettings

    settings = load(RulesSettings, path)
    found = [_taken(settings, path), *allowed(settings.store, "write", "read")]
    zones: tuple[tuple[str, str], ...] = ()
    with failing_as(REGISTRY, found):
        registry = read_registry(settings.registry)
        found.append(_schools(registry))
        zones = (("registry", str(registry.calendar.zone)),)
        _judge_by(settings.standard)
        AlertService(settings.alerts, lambda: registry, lambda: 0.0)
    return Examined("rules", found, store=store_of(settings.store), zones=zones)


def _judge_by(standard: str | None) -> None:
    from datetime import UTC, datetime

    from rules.standards.reading import standard_for

    standard_for(standard, as_of=datetime.now(UTC).date())


def _board(path: Path) -> Examined:
    from dashboards.board.settings import BoardSettings
    from registry import read_registry

    settings = load(BoardSettings, path)
    found = [_taken(settings, path), *allowed(settings.store, "read")]
    zones = [("board", settings.timezone)]
    with failing_as(REGISTRY, found):
        registry = read_registry(settings.registry)
        found.append(_schools(registry))
        zones.append(("registry", str(registry.calendar.zone)))
    return Examined("board", found, store=store_of(settings.store), zones=tuple(zones))


def _trust(path: Path) -> Examined:
    from trust.settings import TrustSettings

    settings = load(TrustSettings, path)
    return Examined("trust", [_taken(settings, path), *of_authority(settings)])


def _schools(registry: Any) -> Finding:
    schools, rooms = len(registry.schools), len(registry.rooms)
    return Finding(
        REGISTRY, "ok", Text(f"{schools} 所学校，{rooms} 个房间", f"{schools} schools, {rooms} rooms")
    )


def _room(file: Path, wanted: int) -> Finding:
    """Whether a file that may grow to so many bytes has a folder, and the folder the room."""
    folder = next((parent for parent in file.resolve().parents if parent.exists()), Path("/"))
    held = 0
    with contextlib.suppress(OSError):
        held = file.stat().st_size
    free = shutil.disk_usage(folder).free + held
    detail = Text(
        f"{file}：可用 {free / 1e9:.1f} GB，至多需要 {wanted / 1e9:.1f} GB",
        f"{file}: {free / 1e9:.1f} GB free, {wanted / 1e9:.1f} GB at most",
    )
    remedy = Text("请腾出空间，或减小上限", "make room, or lower the limit")
    return Finding(DISK, "ok", detail) if free >= wanted else Finding(DISK, "failed", detail, remedy)
