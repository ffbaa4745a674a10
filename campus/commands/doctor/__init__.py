"""`campus doctor`: what this machine has and what it lacks, before something is missed at night."""

import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from campus.commands import options
from campus.commands.doctor.finding import BROKER, DISK, MATCH, REGISTRY, SETTINGS, STORE, Finding, failing_as
from campus.commands.options import option, print_table
from runtime.errors import UserError, os_reason
from runtime.language import Text

# A spool or a store that cannot grow loses readings; this is a week of a large school.
_FREE_BYTES = 1 << 30

Broker = Annotated[
    str | None, option("--broker", Text("消息代理地址", "address of the broker"), metavar="URL")
]
Folder = Annotated[Path, option("--folder", Text("数据目录", "where data is kept"))]
Configs = Annotated[
    list[Path] | None,
    option(
        "--config",
        Text(
            "某程序的配置文件，可多次：按该程序的方式逐项试用",
            "a program's configuration, may be repeated: all of it is tried as the program would",
        ),
    ),
]


def doctor(
    store: options.NamedStore = None,
    broker: Broker = None,
    registry: options.AnyRegistry = None,
    folder: Folder = Path(),
    config: Configs = None,
) -> None:
    """Look at this machine and what it must reach; exit code 1 on failure."""
    findings = [*_versions(), *_extras(), disk(folder), *_programs(config or [])]
    if broker:
        findings.append(broker_answers(broker))
    if store:
        from campus.commands.doctor.keeping import store_keeps

        findings += [store_answers(store), *store_keeps(store)]
    if registry:
        findings.append(registry_reads(registry))
    if (
        store
        and registry
        and all(finding.state == "ok" for finding in findings if finding.what in (STORE, REGISTRY))
    ):
        findings.append(readings_match(registry, store, now_ms=round(time.time() * 1000)))
    _print(findings)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


def _programs(configs: list[Path]) -> list[Finding]:
    from campus.commands.doctor.programs import Examined, examine
    from campus.commands.doctor.together import together

    examined: list[Examined] = []
    found: list[Finding] = []
    for path in configs:
        with failing_as(SETTINGS, found):
            program = examine(path)
            examined.append(program)
            found += [one._replace(what=f"{program.name} · {one.what}") for one in program.findings]
    return found + together(examined)


def _versions() -> Iterator[Finding]:
    from campus.version import program_version

    yield Finding("campus", "ok", program_version())
    yield Finding("Python", "ok", ".".join(str(part) for part in sys.version_info[:3]))


def _extras() -> Iterator[Finding]:
    from campus.installed import extras

    found = extras()
    if not found:
        what = Text("组件", "extras")
        lacking = Text("未作为软件包安装，无法核对组件", "not installed as a package: cannot be looked at")
        yield Finding(what, "missing", lacking, "pip install '.[edge]'")
    for extra, lacking_names in found.items():
        yield extra_finding(extra, lacking_names)


def extra_finding(extra: str, lacking: list[str]) -> Finding:
    """Whether a part of the platform could run here."""
    what = Text(f"组件 {extra}", f"extra {extra}")
    if not lacking:
        return Finding(what, "ok", Text("已安装", "installed"))
    command = f"pip install '.[{extra}]'"
    remedy = Text(f"若本机要运行该部分：{command}", f"if this machine is to run that part: {command}")
    return Finding(what, "missing", Text(f"缺少 {'、'.join(lacking)}", f"lacks {', '.join(lacking)}"), remedy)


def disk(folder: Path) -> Finding:
    """Whether there is room for what must be kept."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        why = os_reason(error)
        remedy = Text("请指定已有的文件夹", "name a folder that exists")
        return Finding(DISK, "failed", f"{folder}: {why}", remedy)
    space = f"{free / 1e9:.1f} GB"
    text = Text(f"{folder.resolve()}：可用 {space}", f"{folder.resolve()}: {space} free")
    if free < _FREE_BYTES:
        remedy = Text(
            "请腾出空间：读数确认之前须留在磁盘上",
            "make room: readings are kept on disk until they are confirmed",
        )
        return Finding(DISK, "failed", text, remedy)
    return Finding(DISK, "ok", text)


def broker_answers(url: str) -> Finding:
    """Whether the broker's port answers; who may log in is not tried."""
    from pydantic import ValidationError

    from runtime import BrokerSettings
    from runtime.problems import problem_text

    try:
        settings = BrokerSettings(url=url)
        with socket.create_connection((settings.host, settings.port), timeout=5):
            return Finding(BROKER, "ok", Text(f"{url} 可连接", f"{url} answers"))
    except ValidationError as error:
        detail = problem_text(error.errors(include_url=False)[0])
        return Finding(BROKER, "failed", detail, "mqtt://127.0.0.1:1883")
    except OSError as error:
        remedy = Text("它在运行吗？端口对吗？", "is it running, and is the port right?")
        return Finding(BROKER, "failed", f"{url}: {os_reason(error)}", remedy)


def store_answers(url: str) -> Finding:
    """Whether the store can be asked, and how many gateways it knows."""
    from campus.commands.doctor.stores import know_the_organisation
    from contract import STATUS
    from store import Query, Select, open_store

    question = Query(measurement=STATUS, select=(Select("online"),), group_by=STATUS.tag_names, newest=1)
    try:
        with open_store(url) as opened:
            know_the_organisation(opened)
            gateways = len(opened.query(question))
    except UserError as error:
        remedy = Text("见 docs/zh/operations.md", "see docs/operations.md")
        return Finding(STORE, "failed", str(error), remedy)
    return Finding(STORE, "ok", Text(f"{url}：{gateways} 个网关", f"{url}: {gateways} gateways"))


def registry_reads(path: Path) -> Finding:
    """Whether the registry can be used; else its first problem and how many there are."""
    from registry import RegistryError, read_registry

    try:
        known = read_registry(path)
    except RegistryError as error:
        count = len(error.problems)
        remedy = Text(
            f"共 {count} 个问题：campus rules check", f"{count} problems in all: campus rules check"
        )
        return Finding(REGISTRY, "failed", str(error.problems[0]), remedy)
    schools, rooms = len(known.schools), len(known.rooms)
    return Finding(
        REGISTRY, "ok", Text(f"{schools} 所学校，{rooms} 个房间", f"{schools} schools, {rooms} rooms")
    )


def readings_match(path: Path, url: str, *, now_ms: int) -> Finding:
    """Whether registry, readings and room maps name the same; what they do not is not in any figure."""
    from registry import read_registry
    from rules.mapping.telling import disagreements
    from store import open_store

    known = read_registry(path)
    try:
        with open_store(url) as opened:
            lines = disagreements(known, opened, now_ms=now_ms)
    except UserError as error:
        return Finding(MATCH, "failed", str(error))
    if not lines:
        return Finding(MATCH, "ok", Text("读数与登记表一致", "readings and registry agree"))
    remedy = Text(
        f"共 {len(lines)} 处：campus rules check --store", f"{len(lines)} in all: campus rules check --store"
    )
    return Finding(MATCH, "missing", lines[0], remedy)


def _print(findings: list[Finding]) -> None:
    from rich.table import Table

    marks = {"ok": "[green]✓[/green]", "missing": "[yellow]–[/yellow]", "failed": "[red]✗[/red]"}
    headings = (Text("项目", "item"), Text("情况", "finding"), Text("处理", "remedy"))
    table = Table("", *map(str, headings))
    for finding in findings:
        table.add_row(marks[finding.state], str(finding.what), str(finding.detail), str(finding.remedy))
    print_table(table, width=140)
