"""`campus edge`: run a school's gateway; look at what it will read: files, and what a controller says."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from campus.commands.edge_check import check
from campus.commands.edge_init import init
from campus.commands.edge_ledger import app as ledger_app
from campus.commands.edge_once import say_outcome
from campus.commands.edge_survey import app as survey_app
from campus.commands.edge_walks import record, snmprec
from campus.commands.options import option
from runtime.language import Text

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    option("--log-level", Text("日志级别", "how much is logged"), case_sensitive=False),
]
GatewayConfig = Annotated[
    Path | None, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))
]
Once = Annotated[
    bool,
    option(
        "--once", Text("各采集项做一轮，全部确认后结束", "one round of all, and end once it is confirmed")
    ),
]
Within = Annotated[
    float,
    option("--within", Text("--once 等待确认的秒数", "how long --once waits for it, s"), min=1, max=3600),
]

app = typer.Typer()
app.add_typer(survey_app, name="survey")
app.add_typer(ledger_app, name="ledger")


@app.callback(
    invoke_without_command=True,
    help=str(Text("运行学校网关：采集、缓存、上送。", "Run a school's gateway: collect, keep, publish.")),
)
def edge(
    context: typer.Context,
    config: GatewayConfig = None,
    log_level: LogLevel = "INFO",
    once: Once = False,
    within: Within = 60,
) -> None:
    """Run a school's gateway: collect, keep, publish."""
    if context.invoked_subcommand:
        return
    if once:
        from edge_agent.starting import start_once

        say_outcome(start_once(config, log_level, within_s=within), within)
        return
    from edge_agent.starting import start

    start(config, log_level)


app.command(
    "check",
    help=str(
        Text(
            "各对象各问一次：读到什么、每台设备计入哪个房间；不保存、不上送。有异常时退出码为 1。",
            "Ask every target once: what is read, and for which room each device counts; nothing is sent.",
        )
    ),
)(check)
app.command(
    "init",
    help=str(
        Text(
            "只在给出的网段和地址中寻找设备，写出网关的配置与表；对不上房间的留作未定。",
            "Look for devices where told, write configuration and tables; unsure rooms stay open.",
        )
    ),
)(init)
app.command(
    "snmprec",
    help=str(
        Text(
            "读取录下的控制器应答（.snmprec，或 snmpwalk -On 的输出），显示网关会读出什么。",
            "Read a recorded walk (.snmprec, or the output of snmpwalk -On) as a gateway would.",
        )
    ),
)(snmprec)
app.command(
    "record",
    help=str(
        Text(
            "录下控制器的应答；序列号、MAC、名称与地址一律换成假的，可放心外发。",
            "Record what a controller says, with serial numbers, MACs, names and addresses replaced.",
        )
    ),
)(record)
