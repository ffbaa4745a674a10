"""The `campus` command. Programs are imported only when they are run: a gateway installs only its own."""

from typing import Annotated, Literal

import typer

from campus.commands.bench import app as bench_app
from campus.commands.board import board
from campus.commands.contract import contract
from campus.commands.demo import demo
from campus.commands.doctor import doctor
from campus.commands.edge import edge
from campus.commands.ingest import app as ingest_app
from campus.commands.rules import app as rules_app
from campus.commands.sim import sim
from campus.commands.verify_loss import verify_loss
from campus.version import program_version
from runtime.language import VARIABLE, Text

_WHAT = Text("校园设施监测平台。", "Campus facility monitoring.")

app = typer.Typer(
    help=str(_WHAT),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(ingest_app, name="ingest")
app.add_typer(rules_app, name="rules")
app.add_typer(bench_app, name="bench")
app.command("board")(board)
app.command("edge")(edge)
app.command("sim")(sim)
app.command("demo")(demo)
app.command("doctor")(doctor)
app.command("verify-loss")(verify_loss)
app.command("contract")(contract)


@app.callback(invoke_without_command=True, help=str(_WHAT))
def campus(
    show_version: Annotated[
        bool, typer.Option("--version", help=str(Text("版本", "the version")), is_eager=True)
    ] = False,
    # Read before the commands are imported, whose words it chooses; here it is checked and listed.
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option(
            "--lang",
            help=str(
                Text(
                    f"语言；缺省取 {VARIABLE}，再取系统区域设置",
                    f"the language; default: {VARIABLE}, then the locale",
                )
            ),
        ),
    ] = None,
) -> None:
    """What stands before a subcommand."""
    if show_version:
        typer.echo(program_version())
        raise typer.Exit
