"""`campus doctor`: what this machine has and what it lacks, before something is missed at night."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

_EXTRAS = {
    "edge": ("aiomqtt", "gufo.snmp"),
    "server": ("paho.mqtt", "influxdb_client", "starlette", "uvicorn", "jinja2", "plotly", "openpyxl"),
    "demo": ("iotcore",),
}
# A spool or a store that cannot grow loses readings; this is a week of a large school.
_FREE_BYTES = 1 << 30

State = Literal["ok", "missing", "failed"]


class Finding(NamedTuple):
    """One thing that was looked at; `remedy` says how to mend it."""

    what: str
    state: State
    detail: str
    remedy: str = ""


def doctor(
    store: Annotated[str | None, typer.Option("--store", help="数据库地址 / address of the store")] = None,
    broker: Annotated[str | None, typer.Option("--broker", help="mqtt://host:1883")] = None,
    registry: Annotated[Path | None, typer.Option("--registry", help="登记表 / registry")] = None,
    folder: Annotated[Path, typer.Option("--folder", help="数据目录 / where data is kept")] = Path(),
) -> None:
    """检查本机环境与连接 / Look at this machine and what it must reach; exit code 1 on failure."""
    findings = [*_python(), *_extras(), _disk(folder)]
    if broker:
        findings.append(_broker(broker))
    if store:
        findings.append(_store(store))
    if registry:
        findings.append(_registry(registry))
    _print(findings)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


def _python() -> Iterator[Finding]:
    from campus.version import program_version

    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("校园监测 campus", "ok", program_version())
    yield Finding("Python", "ok", version)


def _extras() -> Iterator[Finding]:
    for extra, modules in _EXTRAS.items():
        lacking = [name for name in modules if not _importable(name)]
        if lacking:
            remedy = f"pip install '.[{extra}]' if this machine is to run that part"
            yield Finding(f"组件 {extra}", "missing", ", ".join(lacking), remedy)
        else:
            yield Finding(f"组件 {extra}", "ok", "已安装 installed")


def _importable(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _disk(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("磁盘 disk", "failed", f"{folder}: {error.strerror}", "name a folder that exists")
    text = f"{folder.resolve()}: {free / 1e9:.1f} GB 可用 free"
    if free < _FREE_BYTES:
        return Finding("磁盘 disk", "failed", text, "make room: readings are kept on disk until confirmed")
    return Finding("磁盘 disk", "ok", text)


def _broker(url: str) -> Finding:
    import socket

    from pydantic import ValidationError

    from runtime import BrokerSettings

    try:
        settings = BrokerSettings(url=url)
        with socket.create_connection((settings.host, settings.port), timeout=5):
            return Finding("消息代理 broker", "ok", f"{url} 可连接 answers")
    except ValidationError as error:
        return Finding("消息代理 broker", "failed", f"{url}: {error.errors()[0]['msg']}", "mqtt://host:1883")
    except OSError as error:
        return Finding(
            "消息代理 broker", "failed", f"{url}: {error}", "is it running, and is the port right?"
        )


def _store(url: str) -> Finding:
    from contract import STATUS
    from store import Query, Select, StoreError, open_store

    question = Query(measurement=STATUS, select=(Select("online"),), group_by=STATUS.tag_names, newest=1)
    try:
        with open_store(url) as opened:
            gateways = len(opened.query(question))
    except StoreError as error:
        return Finding("数据库 store", "failed", str(error), "see docs/operations.md")
    return Finding("数据库 store", "ok", f"{url}: {gateways} 个网关 gateways")


def _registry(path: Path) -> Finding:
    from registry import RegistryError, read_registry

    try:
        known = read_registry(path)
    except RegistryError as error:
        problems = str(error).splitlines()
        return Finding("登记表 registry", "failed", problems[0], f"{len(problems)} 个问题 problems in all")
    return Finding(
        "登记表 registry", "ok", f"{len(known.schools)} 所学校 schools, {len(known.rooms)} 间 rooms"
    )


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    marks = {"ok": "[green]✓[/green]", "missing": "[yellow]–[/yellow]", "failed": "[red]✗[/red]"}
    table = Table("", "项目 item", "情况 finding", "处理 remedy")
    for finding in findings:
        table.add_row(marks[finding.state], finding.what, finding.detail, finding.remedy)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
