"""`campus demo`: the whole district on this machine."""

from pathlib import Path
from typing import Annotated

import typer


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
        float, typer.Option(min=5, max=3600, help="--once 最长等待秒数 / longest wait of --once")
    ] = 110,
) -> None:
    """演示:全部程序在本机运行 / Simulated devices, gateways, ingest, rules and board at work."""
    from campus.demo import run

    raise typer.Exit(run(scenario, once=once, port=port, folder=folder, seconds=seconds))
