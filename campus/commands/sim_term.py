"""`campus sim term`: the history of a simulated district, through the same pipeline as the present."""

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.options import day_option, option
from runtime.language import Text

if TYPE_CHECKING:
    from firmware_sim.history import Span
    from runtime import BrokerSettings

_TELL_S = 5.0

ScenarioName = Annotated[
    str, option("--scenario", Text("场景名或 TOML 文件", "a scenario's name, or a TOML file"))
]
Broker = Annotated[str, option("--broker", Text("消息代理：mqtt://主机:端口", "mqtt://host:port"))]
First = Annotated[
    dt.date | None,
    day_option("--from", Text("第一天，缺省为学期第一天", "the first day; default: of the term")),
]
Last = Annotated[
    dt.date | None, day_option("--to", Text("最后一天，缺省今天到此刻", "the last day; default: up to now"))
]
Interval = Annotated[
    int, option("--interval", Text("采集间隔（秒）", "seconds between two rounds"), min=60, max=86_400)
]
Seed = Annotated[int | None, option("--seed", Text("随机种子", "another seed"), min=0)]
Folder = Annotated[
    Path, option("--folder", Text("写入登记表", "where the registry is written; addresses.csv is read there"))
]
Username = Annotated[str | None, option("--username", Text("代理用户名", "the broker's user"))]
Password = Annotated[
    str | None, option("--password", Text("代理口令：env:变量 或 file:文件", "env:NAME or file:/path"))
]
CaFile = Annotated[Path | None, option("--ca-file", Text("代理的 CA 证书", "the broker's CA"))]
Protocol = Annotated[str, option("--protocol", Text("MQTT 版本：5 或 3.1.1", "MQTT 5 or 3.1.1"))]


def term(
    broker: Broker,
    scenario: ScenarioName = "demo",
    first: First = None,
    last: Last = None,
    interval: Interval = 300,
    seed: Seed = None,
    folder: Folder = Path("sim"),
    username: Username = None,
    password: Password = None,
    ca_file: CaFile = None,
    protocol: Protocol = "5",
) -> None:
    """Send what the gateways would have sent, as fast as it is acknowledged."""
    from campus.commands.stopping import stop_thread_on_signals
    from campus.term.sending import Stopped, sender
    from campus.term.span import span_of
    from campus.term.telling import tell
    from firmware_sim import load_scenario, write_registry
    from firmware_sim.files import read_addresses

    now = time.time()
    loaded = load_scenario(scenario, seed=seed)
    told, span = span_of(loaded, first, last, now=now, interval_s=interval)
    write_registry(told, folder / "registry")
    settings = _broker(broker, username, password, ca_file, protocol)
    progress = _Progress(span)
    stop = stop_thread_on_signals()
    try:
        with sender(settings, told.district, stop) as out:
            listing = folder / "addresses.csv"
            addresses = read_addresses(listing, told) if listing.is_file() else None
            tell(told, span, out, addresses=addresses, told=progress.say)
            stored = out.stored
    except Stopped as error:
        typer.echo(
            Text(
                "已中断；确认过的读数已入库，重新运行即从头再送，不会重复入库",
                "broken off; what was acknowledged is stored, and run again it sends all anew, stored once",
            ),
            err=True,
        )
        raise typer.Exit(1) from error
    done = Text(f"全部确认入库：{stored} 条读数", f"all stored and acknowledged: {stored} readings")
    typer.echo(str(done))


class _Progress:
    """A line now and then."""

    def __init__(self, span: "Span") -> None:
        self._span = span
        self._told = time.monotonic()

    def say(self, moment: float) -> None:
        if time.monotonic() - self._told < _TELL_S:
            return
        self._told = time.monotonic()
        share = (moment - self._span.begin) / (self._span.end - self._span.begin)
        day = dt.datetime.fromtimestamp(moment, dt.UTC)
        typer.echo(f"{share:4.0%} · {day:%Y-%m-%d}")


def _broker(
    url: str, username: str | None, password: str | None, ca_file: Path | None, protocol: str
) -> "BrokerSettings":
    from pydantic import ValidationError

    from runtime import BrokerSettings, ConfigError
    from runtime.problems import problem_with_value

    secrets = {"username": username, "password": password, "ca_file": ca_file}
    try:
        return BrokerSettings.model_validate({"url": url, "protocol": protocol, **secrets})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option_name = "--broker" if first["loc"] == ("url",) else f"--{first['loc'][0]}"
        raise ConfigError(f"{option_name.replace('_', '-')}: {problem_with_value(first)}") from error
