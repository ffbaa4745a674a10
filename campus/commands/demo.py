"""`campus demo`: the whole district on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from campus.commands.options import option
from runtime.language import Text

_WAIT_S = 400.0

Once = Annotated[
    bool,
    option("--once", Text("学期送入、每校都有结论后打印并退出", "end when the term is in and judged")),
]
Port = Annotated[int, option("--port", Text("看板端口", "port of the board"), min=1, max=65535)]
ScenarioName = Annotated[
    str,
    option(
        "--scenario",
        Text(
            "场景：名称或 TOML 文件；binhai-2021 为 2021 年全区，逐项与方案公布值对照",
            "a name or a TOML file; binhai-2021: the district of 2021 beside the published plan",
        ),
    ),
]
Folder = Annotated[
    Path | None,
    option("--folder", Text("数据留在此处；缺省用后即删", "keep the data here; default: thrown away")),
]
Seconds = Annotated[
    float,
    option("--seconds", Text("--once 最长等待秒数", "longest wait of --once"), min=5, max=3600),
]


def demo(
    once: Once = False,
    port: Port = 8080,
    scenario: ScenarioName = "demo",
    folder: Folder = None,
    seconds: Seconds = _WAIT_S,
) -> None:
    """Simulated devices, gateways, ingest, rules and board at work."""
    from campus.demo.published import read_published

    published = read_published()
    if scenario == published.scenario:
        from campus.demo.baseline import run as run_baseline

        raise typer.Exit(run_baseline(published, once=once, port=port, folder=folder, seconds=seconds))
    from campus.demo.running import run

    raise typer.Exit(run(scenario, once=once, port=port, folder=folder, seconds=seconds))
