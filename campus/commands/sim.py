"""`campus sim`: the simulated district, for gateways and SNMP tools of your own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import option, print_table
from campus.commands.sim_term import term
from runtime.language import Text

if TYPE_CHECKING:
    from firmware_sim import Scenario, SchoolEndpoints

# A gateway keeps up to 16 projectors' connections open at a time.
_SPARE_FILES = 500


ScenarioName = Annotated[
    str, option("--scenario", Text("场景名或 TOML 文件", "a scenario's name, or a TOML file"))
]
Folder = Annotated[
    Path, option("--folder", Text("写入登记表与设备清单", "where registry and device lists are written"))
]
Seed = Annotated[int | None, option("--seed", Text("随机种子", "another seed"), min=0)]
Seconds = Annotated[float | None, option("--seconds", Text("运行秒数", "stop after so long"), min=0)]
School = Annotated[str, typer.Argument(help=str(Text("学校标识码", "school code")))]
Device = Annotated[
    str, typer.Argument(help=str(Text("设备：AC、SW、PJ-101 等", "AC, SW, PJ-101 and the like")))
]
FaultName = Annotated[str, typer.Argument(help=str(Text("故障；none 为恢复", "fault; none mends it")))]
PlugBroker = Annotated[
    str | None,
    option(
        "--plug-broker",
        Text(
            "插座所连的消息代理，如 mqtt://127.0.0.1:1883", "the plugs' broker, such as mqtt://127.0.0.1:1883"
        ),
    ),
]


app = typer.Typer()


@app.callback(
    invoke_without_command=True,
    help=str(
        Text(
            "模拟全区设备：无线控制器、投影机与手持测试仪。",
            "Serve a simulated district's devices until told to stop.",
        )
    ),
)
def sim(
    context: typer.Context,
    scenario: ScenarioName = "demo",
    folder: Folder = Path("sim"),
    seed: Seed = None,
    seconds: Seconds = None,
    plug_broker: PlugBroker = None,
) -> None:
    """Serve a simulated district until told to stop."""
    if context.invoked_subcommand:
        return
    from campus.commands.stopping import stop_on_signals
    from campus.open_files import allow_open_files
    from firmware_sim import load_scenario, run
    from runtime import ConfigError

    loaded = load_scenario(scenario, seed=seed)
    broker = _broker(plug_broker) if plug_broker is not None else None
    allow_open_files(loaded, beside=_SPARE_FILES)

    async def serve() -> None:
        stop = stop_on_signals()
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, stop.set)
        await run(
            loaded,
            folder,
            stop,
            ready=lambda addresses: _print(loaded, folder, addresses),
            plug_broker=broker,
        )

    try:
        asyncio.run(serve())
    except OSError as error:
        raise ConfigError(str(error)) from error
    typer.echo(Text("模拟已结束", "the simulation has ended"))


@app.command(
    "fault",
    help=str(
        Text(
            "让运行中的模拟设备出故障，或恢复。", "Give a device of a running simulation a fault, or mend it."
        )
    ),
)
def fault(school: School, device: Device, name: FaultName, folder: Folder = Path("sim")) -> None:
    """Give a device of a running simulation a fault, or mend it."""
    from firmware_sim.steering import FILE, Fault, write_fault

    write_fault(folder, Fault(school, device, name))
    file = folder / FILE
    typer.echo(
        Text(
            f"{school} {device}：{name}，已写入 {file}，运行中的模拟一秒内读取",
            f"{school} {device}: {name}, written to {file}; a running simulation reads it within a second",
        )
    )


def _broker(url: str) -> tuple[str, int]:
    from pydantic import ValidationError

    from runtime import BrokerSettings, ConfigError
    from runtime.problems import problem_text

    try:
        found = BrokerSettings(url=url)
    except ValidationError as error:
        raise ConfigError(f"--plug-broker: {problem_text(error.errors(include_url=False)[0])}") from error
    return found.host, found.port


def _print(scenario: "Scenario", folder: Path, addresses: "Mapping[str, SchoolEndpoints]") -> None:
    from rich.table import Table

    headings = (
        Text("学校", "School"),
        Text("学校标识码", "Code"),
        Text("无线控制器（SNMP v2c）", "Controller (SNMP v2c)"),
        Text("投影机（PJLink）", "Projectors (PJLink)"),
    )
    lists = folder.resolve()
    table = Table(
        *map(str, headings),
        title=f"{Text('模拟场景', 'Scenario')} {scenario.name} · {scenario.district_name}",
        caption=str(
            Text(
                f"团体名：{scenario.community} · 清单：{lists}",
                f"community: {scenario.community} · lists: {lists}",
            )
        ),
    )
    for school in scenario.schools:
        endpoints = addresses[school.code]
        table.add_row(school.name, school.code, str(endpoints.controller), _range(endpoints))
    print_table(table, width=160)


def _range(endpoints: "SchoolEndpoints") -> str:
    places = [str(place) for place in endpoints.projectors.values()]
    if not places:
        return "—"
    return f"{len(places)}: {places[0]}" + (f" … {places[-1]}" if len(places) > 1 else "")


app.command(
    "term",
    help=str(
        Text(
            "把一个学期（或一天）的历史经消息代理送入收集服务，直到全部确认入库。",
            "Send the history of a term, or of a day, through broker and ingest until all of it is stored.",
        )
    ),
)(term)
