"""`campus rules replay`: what alert rules would have sent over past data."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer


class Format(StrEnum):
    """How a replay is printed."""

    TABLE = "table"
    JSON = "json"


def replay(
    registry: Annotated[
        Path, typer.Option("--registry", help="登记表:CSV 文件夹或 XLSX / folder of CSV files or XLSX file")
    ],
    store: Annotated[str, typer.Option("--store", help="数据库地址 / the store with the readings")],
    begin: Annotated[
        str, typer.Option("--from", help="起始,当地时间 YYYY-MM-DD[THH:MM] / first moment, local time")
    ],
    end: Annotated[str, typer.Option("--to", help="截止(不含) / end, not included")],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="告警规则,缺省为随附规则 / default: the shipped rules")
    ] = None,
    every_s: Annotated[
        int,
        typer.Option(
            "--every", min=1, max=3600, help="无实况记录时的间隔秒数 / seconds, where none was live"
        ),
    ] = 60,
    output: Annotated[Format, typer.Option("--format", help="输出格式 / output format")] = Format.TABLE,
) -> None:
    """回放:规则草案在历史数据上会发送什么 / What draft rules would have sent over past data."""
    from registry import read_registry
    from rules.alerts.replay import replay as run
    from rules.alerts.replay_output import to_json, to_table
    from rules.alerts.rules_file import SHIPPED, load_alert_rules
    from runtime import ConfigError
    from store import open_store

    wanted = load_alert_rules(rules or SHIPPED)
    known = read_registry(registry)
    since, until = (
        _moment(key, text, known.calendar.zone) for key, text in (("--from", begin), ("--to", end))
    )
    if until <= since:
        raise ConfigError(f"--to {end!r}: must lie after --from {begin!r}")
    with open_store(store) as opened:
        found = run(opened, known, wanted, since_ms=since, until_ms=until, every_ms=every_s * 1000)
    if output is Format.JSON:
        typer.echo(to_json(found))
        return
    from rich.console import Console

    Console().print(to_table(found, known))


def _moment(key: str, text: str, zone: ZoneInfo) -> int:
    from runtime import ConfigError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{key} {text!r}: write YYYY-MM-DD or YYYY-MM-DDTHH:MM") from error
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return int(local.timestamp()) * 1000
