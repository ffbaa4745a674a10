"""`campus rules`: evaluate once and print, or watch and keep the answers."""

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import Format, option, show
from campus.commands.rules_explain import explain
from campus.commands.rules_fold import fold
from campus.commands.rules_inputs import inputs
from campus.commands.rules_inventory import inventory
from campus.commands.rules_plan import plan
from campus.commands.rules_registry import check, template
from campus.commands.rules_replay import replay
from campus.commands.rules_report import report
from campus.commands.rules_retire import retire
from campus.commands.rules_shortfalls import shortfalls
from campus.commands.rules_stocktake import stocktake
from runtime.language import Text

if TYPE_CHECKING:
    from rules.judging.evaluate import Evaluation


class Keep(StrEnum):
    """What becomes of an evaluation beside being printed."""

    NOTHING = "nothing"
    RESULTS = "results"


KeepOption = Annotated[
    Keep | None,
    option(
        "--keep",
        Text(
            "结果是否写回数据库；缺省：有 --store 且未给 --as-of 时写回",
            "store the results; default: with --store, unless --as-of asks about another day",
        ),
    ),
]


def evaluate(
    registry: options.Registry,
    standard: options.Standard = None,
    store: options.AnyStore = None,
    as_of: options.AsOf = None,
    output: options.FormatOption = Format.TABLE,
    keep: KeepOption = None,
) -> None:
    """Evaluate once and print."""
    from campus.collector import no_collector
    from registry import read_registry
    from rules.answers.inquiry import inquire
    from rules.answers.keeping import keep as keep_answers
    from runtime import ConfigError
    from store import open_store

    if keep is Keep.RESULTS and store is None:
        text = Text("请用 --store 指定数据库", "name the store with --store")
        raise ConfigError(f"--keep results: {text}")
    now_ms = round(time.time() * 1000)
    inquiry = inquire(read_registry(registry), standard, now_ms=now_ms, as_of=as_of)
    if store is None:
        with no_collector():
            _print(inquiry.judge(None), output)
        return
    with open_store(store) as opened:
        # What the figures were on another day is a question, not news: it must not become the newest verdict.
        kept = keep is Keep.RESULTS or (keep is None and as_of is None)
        with no_collector():
            facts = inquiry.facts(opened, revise=kept and standard is None)
            evaluation = inquiry.judge(facts)
        if kept:
            keep_answers(opened, inquiry.registry, evaluation, now_ms)
    _print(evaluation, output)


def watch(config: options.Config, share: options.Share = None) -> None:
    """Evaluate again and again, and store every answer."""
    from campus.commands.stopping import stop_thread_on_signals
    from rules.watch.settings import RulesSettings
    from rules.watch.watching import watch as run
    from runtime import configure_logging, load

    settings = load(RulesSettings, config)
    if share is not None:
        settings = settings.model_copy(update={"share": options.share_of(share)})
    configure_logging(settings.log_level)
    run(settings, stop_thread_on_signals())


def _print(evaluation: "Evaluation", output: Format) -> None:
    from rules.answers.csv_output import to_csv
    from rules.answers.output import to_json
    from rules.answers.table import to_table

    show(
        output,
        table=lambda: to_table(evaluation),
        json=lambda: to_json(evaluation),
        csv=lambda: to_csv(evaluation),
    )


_COMMANDS = (
    (evaluate, Text("评估一次并输出。", "Evaluate once and print.")),
    (
        watch,
        Text("持续评估并写回数据库。", "Evaluate again and again, and store every answer."),
    ),
    (
        fold,
        Text(
            "汇总日账：每天一次，只重做有变化的。",
            "Count days into the day book, as far as that is not done.",
        ),
    ),
    (
        template,
        Text("生成空白登记表（Excel）。", "Write an empty registry (Excel) to fill in."),
    ),
    (
        check,
        Text(
            "检查登记表，列出全部问题；有问题时退出码为 2。",
            "Read a registry and list every problem; exit code 2 where there are any.",
        ),
    ),
    (
        explain,
        Text("说明一所学校一项指标的结论，直至依据。", "Open one verdict down to its evidence."),
    ),
    (
        replay,
        Text(
            "回放：告警规则草案在历史数据上会发送什么。",
            "What draft alert rules would have sent over past data.",
        ),
    ),
    (
        inventory,
        Text(
            "设备清单：见到的设备与资产台账对照；可另写成盘点表。",
            "Devices seen beside the asset ledgers; as a workbook for a stock-take, too.",
        ),
    ),
    (
        stocktake,
        Text(
            "读入填好的盘点表（勾选、扫码）；结果列在设备清单旁，不改变任何结论。",
            "Read filled sheets of a stock-take; shown beside the devices, it turns no verdict.",
        ),
    ),
    (
        inputs,
        Text(
            "列出评估依据：房间、设备、台账，以及未计入的内容和原因。",
            "List what counts: rooms, devices, ledgers, and what was left out and why.",
        ),
    ),
    (
        retire,
        Text(
            "停用设备、AP、房间或网关：历史保留，此后不再计入。",
            "Take a device, access point, room or gateway out of service; its history stays.",
        ),
    ),
    (
        shortfalls,
        Text(
            "销号台账：逐校逐项，由评估历史得出。",
            "The shortfall register, from the evaluations in the store.",
        ),
    ),
    (
        report,
        Text(
            "生成季报；--verify 发现改动时退出码为 1。",
            "Write the quarterly report; exit code 1 where --verify finds a change.",
        ),
    ),
    (
        plan,
        Text(
            "至少需要购置什么，各学段才能达标且均衡。",
            "The least to buy so that sections meet the standard and stages are balanced.",
        ),
    ),
)

app = typer.Typer(
    help=str(Text("规则：按标准评估学校。", "Judge schools by the standard.")), no_args_is_help=True
)
for _run, _words in _COMMANDS:
    app.command(_run.__name__, help=str(_words))(_run)
