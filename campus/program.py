"""The `campus` command. Programs are imported only when they are run: a gateway installs only its own."""

from typing import Annotated, Literal

import typer

from campus.commands.backup import backup, restore
from campus.commands.bench import app as bench_app
from campus.commands.board import app as board_app
from campus.commands.broker import app as broker_app
from campus.commands.ca import app as ca_app
from campus.commands.contract import contract
from campus.commands.dashboards import app as dashboards_app
from campus.commands.demo import demo
from campus.commands.doctor import doctor
from campus.commands.edge import app as edge_app
from campus.commands.enrol import enrol
from campus.commands.fleet import app as fleet_app
from campus.commands.ingest import app as ingest_app
from campus.commands.options import option
from campus.commands.registry import app as registry_app
from campus.commands.rules import app as rules_app
from campus.commands.sim import app as sim_app
from campus.commands.store import app as store_app
from campus.commands.verify_loss import verify_loss
from campus.usage import HELP
from campus.version import program_version
from runtime.language import VARIABLE, Text

_WHAT = Text("校园设施监测平台。", "Campus facility monitoring.")

app = typer.Typer(
    help=str(_WHAT),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": list(HELP)},
)
_COMMANDS = (
    (
        "demo",
        demo,
        Text(
            "演示：全部程序在本机运行。",
            "Simulated devices, gateways, ingest, rules and board at work on this machine.",
        ),
    ),
    (
        "doctor",
        doctor,
        Text(
            "检查本机环境与连接；不合格时退出码为 1。",
            "Look at this machine and what it must reach; exit code 1 on failure.",
        ),
    ),
    (
        "enrol",
        enrol,
        Text(
            "注册本网关：用教育局发的一次性注册码换取证书。",
            "Enrol this gateway: a certificate for the bureau's one-time code.",
        ),
    ),
    (
        "backup",
        backup,
        Text(
            "备份：数据库、隔离区、登记表、配置与密钥存入一个文件。",
            "Save store, quarantine, registry, settings and keys in one file.",
        ),
    ),
    (
        "restore",
        restore,
        Text(
            "恢复备份，或查看其内容；不覆盖任何文件。",
            "Put a backup back, or say what is in it; nothing is overwritten.",
        ),
    ),
    (
        "verify-loss",
        verify_loss,
        Text(
            "逐个网关核对读数；有丢失时退出码为 1。",
            "Account for every reading of every gateway; exit code 1 where one is lost.",
        ),
    ),
    (
        "contract",
        contract,
        Text(
            "输出接口约定：Markdown 表格或 AsyncAPI 3 文档。",
            "Print the contract: Markdown tables, or the AsyncAPI 3 document.",
        ),
    ),
)
for _name, _run, _words in _COMMANDS:
    app.command(_name, help=str(_words))(_run)
app.add_typer(board_app, name="board")
app.add_typer(edge_app, name="edge")
app.add_typer(ingest_app, name="ingest")
app.add_typer(registry_app, name="registry")
app.add_typer(rules_app, name="rules")
app.add_typer(dashboards_app, name="dashboards")
app.add_typer(sim_app, name="sim")
app.add_typer(store_app, name="store")
app.add_typer(ca_app, name="ca")
app.add_typer(broker_app, name="broker")
app.add_typer(fleet_app, name="fleet")
app.add_typer(bench_app, name="bench")


@app.callback(invoke_without_command=True, help=str(_WHAT))
def campus(
    context: typer.Context,
    show_version: Annotated[bool, option("--version", Text("版本", "the version"), is_eager=True)] = False,
    # Read before the commands are imported, whose words it chooses; here it is checked and listed.
    lang: Annotated[
        Literal["zh", "en"] | None,
        option(
            "--lang",
            Text(
                f"语言；缺省取 {VARIABLE}，再取系统区域设置",
                f"the language; default: {VARIABLE}, then the locale",
            ),
        ),
    ] = None,
) -> None:
    """What stands before a subcommand."""
    if show_version:
        typer.echo(program_version())
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
