"""`campus sim`: the simulated district, for gateways and SNMP tools of your own."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from firmware_sim import Scenario, SchoolEndpoints

# A gateway keeps up to 16 projectors' connections open at a time.
_SPARE_FILES = 500


def sim(
    scenario: Annotated[str, typer.Option(help="场景名或 .toml 文件 / scenario, or a TOML file")] = "demo",
    folder: Annotated[Path, typer.Option(help="写入名册与设备清单 / registry and device lists")] = Path(
        "sim"
    ),
    seed: Annotated[int | None, typer.Option(min=0, help="随机种子 / another seed")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="运行秒数 / stop after so long")] = None,
) -> None:
    """模拟全区设备:无线控制器、投影机与手持测试仪 / Serve a simulated district until told to stop."""
    from campus.open_files import allow_open_files
    from firmware_sim import load_scenario, run
    from runtime import ConfigError

    loaded = load_scenario(scenario, seed=seed)
    allow_open_files(loaded, beside=_SPARE_FILES)

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if seconds is not None:
            loop.call_later(seconds, stop.set)
        await run(loaded, folder, stop, ready=lambda addresses: _print(loaded, folder, addresses))

    try:
        asyncio.run(serve())
    except OSError as error:
        raise ConfigError(f"campus sim: {error}") from error


def _print(scenario: "Scenario", folder: Path, addresses: "Mapping[str, SchoolEndpoints]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "学校 School",
        "学校标识码 Code",
        "无线控制器 Controller (SNMP v2c)",
        "投影机 Projectors (PJLink)",
        title=f"模拟场景 {scenario.name} · {scenario.district_name}",
        caption=f"团体名 community: {scenario.community} · 清单 lists: {folder.resolve()}",
    )
    for school in scenario.schools:
        endpoints = addresses[school.code]
        table.add_row(school.name, school.code, str(endpoints.controller), _range(endpoints))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _range(endpoints: "SchoolEndpoints") -> str:
    places = [str(place) for place in endpoints.projectors.values()]
    if not places:
        return "—"
    return f"{len(places)}: {places[0]}" + (f" … {places[-1]}" if len(places) > 1 else "")
