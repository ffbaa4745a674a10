"""`campus broker`: the broker's rules, made from register and registry."""

from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import option
from campus.commands.trusting import TRUST_TOML, TrustConfig, office_of
from runtime.language import Text

if TYPE_CHECKING:
    from trust.broker.rules import Plan

app = typer.Typer(
    help=str(Text("消息代理的规则：谁可收发什么。", "The broker's rules: who may say and hear what.")),
    no_args_is_help=True,
)

Force = Annotated[
    bool,
    option("--force", Text("即使许多学校会失去权限", "even where many schools lose their gateways' rights")),
]


@app.callback()
def broker() -> None:
    """What stands before a subcommand."""


@app.command(
    "rules",
    help=str(Text("显示将要改动什么，不作改动。", "Say what would change at the broker; change nothing.")),
)
def rules(config: TrustConfig = TRUST_TOML) -> None:
    from trust.broker.syncing import sync

    with office_of(config) as (settings, office):
        _say(sync(settings, office, force=True, dry_run=True), Text("无须改动", "nothing would change"))


@app.command(
    "sync",
    help=str(
        Text(
            "使消息代理的规则与登记册、登记表一致；可反复运行。",
            "Give the broker the rules of register and registry; as often as you like.",
        )
    ),
)
def sync_rules(force: Force = False, config: TrustConfig = TRUST_TOML) -> None:
    from trust.broker.syncing import sync

    with office_of(config) as (settings, office):
        _say(sync(settings, office, force=force), Text("规则已一致", "the rules are as they should be"))


def _say(plan: "Plan", nothing: Text) -> None:
    for line in plan.lines or (() if plan.commands else (nothing,)):
        typer.echo(str(line))
    for problem in plan.problems:
        typer.echo(f"! {problem}")
