"""`campus dashboards`: build Grafana's pages and files, check them, push the pages to a running Grafana."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import option
from runtime.errors import ConfigError
from runtime.language import Text
from runtime.shown import shown

if TYPE_CHECKING:
    from dashboards.grafana.contacts import Contacts
    from dashboards.grafana.setting import Setting
    from rules.alerts.rules_file import AlertRules
    from rules.watch.settings import RulesSettings

# The standard that the committed files show; another is named by --standard or by the rules' settings.
SHIPPED_STANDARD = "national-2017"
FOLDER = Path("deploy/grafana/provisioning")

app = typer.Typer(
    help=str(Text("Grafana：生成、检查和推送面板。", "Grafana: build, check and push its pages.")),
    no_args_is_help=True,
)
Out = Annotated[
    Path, option("--out", Text("Grafana 的 provisioning 文件夹", "Grafana's provisioning folder"))
]
Standard = Annotated[
    str | None,
    option(
        "--standard",
        Text("名称和限值取自这个标准", f"whose names and limits are shown; default: {SHIPPED_STANDARD}"),
    ),
]
Config = Annotated[
    Path | None,
    option(
        "--config",
        Text(
            "rules 的配置文件：标准、告警规则和通知地址取自其中",
            "settings of rules: standard, alert rules and addresses are taken from there",
        ),
    ),
]
Zone = Annotated[str | None, option("--timezone", Text("时区", "time zone, default Asia/Shanghai"))]
Board = Annotated[
    str | None, option("--board", Text("看板地址，用于链接", "address of the built-in board, for the links"))
]
Folder = Annotated[Path, option("--folder", Text("要检查的文件夹", "the folder to check"))]
Url = Annotated[str, option("--url", Text("Grafana 的地址", "address of Grafana"), metavar="URL")]
Token = Annotated[
    str,
    option(
        "--token",
        Text("服务账号令牌所在：env:名称 或 file:/路径", "where the token is: env:NAME or file:/path"),
    ),
]


@app.command(
    "build",
    help=str(
        Text(
            "生成面板、数据源和告警规则的文件；没有变化的文件不动。",
            "Write pages, data source and alert rules; files that do not change stay as they are.",
        )
    ),
)
def build(
    out: Out = FOLDER,
    standard: Standard = None,
    config: Config = None,
    timezone: Zone = None,
    board: Board = None,
) -> None:
    from dashboards.grafana.building import files, write

    settings = _settings(config)
    contacts = _contacts(settings)
    for number, why in contacts.refused if contacts else ():
        typer.echo(f"alerts.notify[{number}]: {why}", err=True)
    named = standard or (settings.standard if settings else None)
    setting = _setting(named, timezone, board, judged=settings is not None)
    receivers = contacts.receivers if contacts else ()
    changed = write(out, files(setting, _alert_rules(settings), receivers))
    for name in changed:
        typer.echo(name)
    count = len(changed)
    typer.echo(str(Text(f"{out}：{count} 个文件有变化", f"{out}: {count} files changed")))


@app.command(
    "check",
    help=str(
        Text("检查一个 provisioning 文件夹；有问题时退出码为 1。", "Check a folder; exit code 1 on problems.")
    ),
)
def check(folder: Folder = FOLDER) -> None:
    from dashboards.grafana.checking_files import check as look

    problems = look(folder)
    for problem in problems:
        typer.echo(f"{problem.file}: {problem.text}")
    count = len(problems)
    typer.echo(str(Text(f"{folder}：{count} 个问题", f"{folder}: {count} problems")))
    if problems:
        raise typer.Exit(1)


@app.command(
    "push",
    help=str(
        Text(
            "把面板推送到运行中的 Grafana；已相同的不动，不允许的说明原因（退出码 1）。",
            "Push the pages to a running Grafana; what is the same stays; exit code 1 where one is refused.",
        )
    ),
)
def push(
    url: Url,
    token: Token = "env:CAMPUS_GRAFANA_TOKEN",  # noqa: S107 where the token is, not the token
    standard: Standard = None,
    timezone: Zone = None,
    board: Board = None,
) -> None:
    from dashboards.grafana.building import pages
    from dashboards.grafana.pushing import connect
    from dashboards.grafana.pushing import push as send
    from runtime import secret

    grafana = connect(url, secret(token, key="--token"))
    refused = 0
    for pushed in send(grafana, pages(_setting(standard, timezone, board))):
        refused += pushed.done == "refused"
        typer.echo(f"{pushed.what}: {_DONE[pushed.done]}" + (f" ({pushed.why})" if pushed.why else ""))
    if refused:
        raise typer.Exit(1)


_DONE = {
    "created": Text("已新建", "created"),
    "updated": Text("已更新", "updated"),
    "unchanged": Text("没有变化", "unchanged"),
    "refused": Text("未推送", "refused"),
}


def _settings(config: Path | None) -> "RulesSettings | None":
    from rules.watch.settings import RulesSettings
    from runtime import load

    return None if config is None else load(RulesSettings, config)


def _setting(
    standard: str | None, timezone: str | None, board: str | None, *, judged: bool = False
) -> "Setting":
    from dashboards.grafana.setting import Setting
    from rules.standards.reading import standard_for

    if timezone is not None:
        _known_zone(timezone)
    if board is not None and not board.startswith(("http://", "https://", "/")):
        wrong = Text("应形如 http://主机:8080", "must look like http://host:8080")
        raise ConfigError(f"--board {shown(board)}: {wrong}")
    # With a program's settings the one that it judges by; else always the same, so that a build is, too.
    wanted = standard or (None if judged else SHIPPED_STANDARD)
    chosen = standard_for(wanted, as_of=datetime.now(UTC).date())
    given = {key: value for key, value in (("zone", timezone), ("board", board)) if value is not None}
    return Setting(chosen, **given)


def _known_zone(name: str) -> None:
    from runtime.zones import known_zone

    try:
        known_zone(name)
    except ValueError as error:
        raise ConfigError(f"--timezone {shown(name)}: {error}") from error


def _alert_rules(settings: "RulesSettings | None") -> "AlertRules":
    from rules.alerts.rules_file import load_alert_rules
    from rules.watch.settings import SHIPPED_ALERTS

    named = settings.alerts.rules if settings else SHIPPED_ALERTS
    return load_alert_rules() if named == SHIPPED_ALERTS else load_alert_rules(Path(named))


def _contacts(settings: "RulesSettings | None") -> "Contacts | None":
    from dashboards.grafana.contacts import contacts_of
    from runtime import secret

    if settings is None:
        return None
    references = enumerate(settings.alerts.notify, 1)
    return contacts_of([secret(one, key=f"alerts.notify[{number}]") for number, one in references])
