"""`campus rules replay`: what alert rules would have sent over past data."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from campus.commands import options
from campus.commands.options import ShortFormat, option, show
from runtime.errors import ConfigError
from runtime.language import Text


def moment_option(name: str, words: Text) -> Any:
    """An option that takes a moment, without a zone where it names none; else a ConfigError."""

    def read(text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError as error:
            wrong = Text("应写成 YYYY-MM-DD 或 YYYY-MM-DDTHH:MM", "write YYYY-MM-DD or YYYY-MM-DDTHH:MM")
            raise ConfigError(f"{name} {text!r}: {wrong}") from error

    return option(name, words, parser=read, metavar="YYYY-MM-DD[THH:MM]")


Begin = Annotated[datetime, moment_option("--from", Text("起始，当地时间", "the first moment, local time"))]
End = Annotated[datetime, moment_option("--to", Text("截止（不含）", "the end, not included"))]
RulesFile = Annotated[
    Path | None,
    option("--rules", Text("告警规则；缺省为随附规则", "the alert rules; default: the shipped ones")),
]
Every = Annotated[
    int,
    option(
        "--every",
        Text("无实况记录时的间隔秒数", "seconds between looks, where none was live"),
        min=1,
        max=3600,
    ),
]


def replay(
    registry: options.Registry,
    store: options.Store,
    begin: Begin,
    end: End,
    rules: RulesFile = None,
    every_s: Every = 60,
    output: options.ShortFormatOption = ShortFormat.TABLE,
) -> None:
    """What draft rules would have sent over past data."""
    from registry import read_registry
    from rules.alerts.replay import replay as run
    from rules.alerts.replay_output import to_json, to_table
    from rules.alerts.rules_file import SHIPPED, load_alert_rules
    from store import open_store

    wanted = load_alert_rules(rules or SHIPPED)
    known = read_registry(registry)
    since, until = (_ms(told, known.calendar.zone) for told in (begin, end))
    if until <= since:
        raise ConfigError(
            Text(f"--to {end} 应晚于 --from {begin}", f"--to {end} must lie after --from {begin}")
        )
    with open_store(store) as opened:
        found = run(opened, known, wanted, since_ms=since, until_ms=until, every_ms=every_s * 1000)
    show(output, table=lambda: to_table(found, known), json=lambda: to_json(found))


def _ms(told: datetime, zone: ZoneInfo) -> int:
    local = told if told.tzinfo else told.replace(tzinfo=zone)
    return int(local.timestamp()) * 1000
