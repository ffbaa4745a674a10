"""`campus rules`: evaluate once and print, or watch and keep the answers."""

import signal
import threading
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.rules_explain import explain
from campus.commands.rules_plan import plan
from campus.commands.rules_registry import check, template
from campus.commands.rules_replay import replay
from campus.commands.rules_report import report
from campus.commands.rules_shortfalls import shortfalls

if TYPE_CHECKING:
    from rules.judging.evaluate import Evaluation

app = typer.Typer(help="规则:按标准评估学校 / Judge schools by the standard.", no_args_is_help=True)
app.command("template")(template)
app.command("check")(check)
app.command("explain")(explain)
app.command("replay")(replay)
app.command("shortfalls")(shortfalls)
app.command("report")(report)
app.command("plan")(plan)


class Format(StrEnum):
    """How an evaluation is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Keep(StrEnum):
    """What becomes of an evaluation beside being printed."""

    NOTHING = "nothing"
    RESULTS = "results"


RegistryOption = Annotated[
    Path, typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file")
]
StandardOption = Annotated[
    str | None, typer.Option("--standard", help="标准,缺省为当日有效者 / default: the one in force")
]
StoreOption = Annotated[
    str | None, typer.Option("--store", help="数据库地址,缺省仅按申报数 / without it: declared figures only")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="评估日期 YYYY-MM-DD,缺省今天 / default: today")
]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式 / output format")]
KeepOption = Annotated[
    Keep | None,
    typer.Option(
        "--keep",
        help="结果是否写回数据库,缺省:有 --store 且未给 --as-of 时写回 / "
        "store the results; default: with --store unless --as-of asks about another day",
    ),
]


@app.callback()
def rules() -> None:
    """规则:按标准评估学校 / Judge schools by the standard."""


@app.command()
def evaluate(
    registry: RegistryOption,
    standard: StandardOption = None,
    store: StoreOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    keep: KeepOption = None,
) -> None:
    """评估一次并输出 / Evaluate once and print."""
    from campus.collector import no_collector
    from registry import read_registry
    from rules.answers.keeping import keep as keep_answers
    from rules.facts.observed import observe
    from rules.judging.evaluate import evaluate as judge
    from rules.standards.standard import standard_for
    from runtime import ConfigError
    from store import open_store

    if keep is Keep.RESULTS and store is None:
        raise ConfigError("--keep results: name the store with --store")
    now_ms = round(time.time() * 1000)
    asked = None if as_of is None else _date(as_of)
    known = read_registry(registry)
    day = asked or known.calendar.day_of(now_ms)
    rule = standard_for(standard, as_of=day)
    if store is None:
        with no_collector():
            _print(judge(known, rule, None, day), output)
        return
    with open_store(store) as opened:
        facts = observe(opened, known, rule, as_of=day, now_ms=now_ms)
        with no_collector():
            evaluation = judge(known, rule, facts, day)
        # What the figures were on another day is a question, not news: it must not become the newest verdict.
        if keep is Keep.RESULTS or (keep is None and asked is None):
            keep_answers(opened, known, evaluation, now_ms)
    _print(evaluation, output)


@app.command()
def watch(
    config: Annotated[
        Path, typer.Option("--config", help="rules 的配置文件 / TOML file, see rules/sample.toml")
    ],
) -> None:
    """持续评估并写回数据库 / Evaluate again and again, and store every answer."""
    from rules.watch.settings import RulesSettings
    from rules.watch.watching import watch as run
    from runtime import configure_logging, load

    settings = load(RulesSettings, config)
    configure_logging(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(settings, stop)


def _date(text: str) -> date:
    from runtime import ConfigError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of {text!r}: write the date as YYYY-MM-DD") from error


def _print(evaluation: "Evaluation", output: Format) -> None:
    if output is Format.TABLE:
        from rich.console import Console

        from rules.answers.table import to_table

        Console().print(to_table(evaluation))
        return
    from rules.answers.output import to_csv, to_json

    typer.echo(to_json(evaluation) if output is Format.JSON else to_csv(evaluation), nl=output is Format.JSON)
