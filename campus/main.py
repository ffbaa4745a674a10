"""The `campus` command. Programs are imported only when they are run: a gateway installs only its own."""

import sys
from typing import Annotated

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

app = typer.Typer(
    help="校园设施监测平台 / Campus facility monitoring.",
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


@app.callback(invoke_without_command=True)
def campus(
    show_version: Annotated[bool, typer.Option("--version", help="版本 / version", is_eager=True)] = False,
) -> None:
    """校园设施监测平台 / Campus facility monitoring."""
    if show_version:
        typer.echo(program_version())
        raise typer.Exit


def run() -> None:
    """Entry point: what a user can get wrong ends in one line and exit code 2, never in a traceback."""
    try:
        app()
    except Exception as error:
        if not _is_users(error):
            raise
        print(f"campus: {error}", file=sys.stderr)  # noqa: T201 the one line that the user reads
        sys.exit(2)


def _is_users(error: Exception) -> bool:
    """Errors that say what to mend. Named, because importing them would import every program."""
    names = {"ConfigError", "StoreError", "Unavailable", "QuarantineError", "RegistryError", "StandardError"}
    if isinstance(error, ModuleNotFoundError) and error.name and "." not in error.name:
        error.args = (f"{error.name} is not installed; install the extra that has it (see README)",)
        return True
    return any(kind.__name__ in names for kind in type(error).__mro__)


if __name__ == "__main__":
    run()
