"""`campus demo`: the whole district on this machine."""

from pathlib import Path
from typing import Annotated

import typer

_THREE_SCHOOLS_S = 110.0
_WHOLE_DISTRICT_S = 300.0


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="每校都有结论后打印并退出 / end when every school has a verdict")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="看板端口 / port of the board")] = 8080,
    scenario: Annotated[str, typer.Option(help="场景 / scenario: a name or a TOML file")] = "demo",
    folder: Annotated[
        Path | None, typer.Option(help="数据留在此处,缺省用后即删 / keep the data here; default: thrown away")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=5, max=3600, help="--once 最长等待秒数 / longest wait of --once")
    ] = None,
) -> None:
    """演示:全部程序在本机运行 / Simulated devices, gateways, ingest, rules and board at work.

    --scenario binhai-2021:2021 年全区,逐项与方案公布值对照 / the district of 2021 beside the published plan.
    """
    from campus.demo.published import read_published

    published = read_published()
    if scenario == published.scenario:
        from campus.demo.baseline import run as run_baseline

        wait = _WHOLE_DISTRICT_S if seconds is None else seconds
        raise typer.Exit(run_baseline(published, once=once, port=port, folder=folder, seconds=wait))
    from campus.demo.running import run

    wait = _THREE_SCHOOLS_S if seconds is None else seconds
    raise typer.Exit(run(scenario, once=once, port=port, folder=folder, seconds=wait))
