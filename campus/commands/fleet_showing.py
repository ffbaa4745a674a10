"""How gateways stand to what is wanted of them, on the terminal."""

from collections.abc import Sequence

import typer

from campus.commands.moments import local_time
from campus.commands.options import print_table
from contract import NotTaken, utc_ms
from fleet.book import Version
from fleet.rollout import Stage
from fleet.standing import Standing
from rules.words import Reason, name, worded
from runtime.language import Text, language


def show_all(found: Sequence[Standing]) -> None:
    """A line a gateway."""
    from rich.markup import escape
    from rich.table import Table

    heads = (
        Text("学校", "school"),
        Text("网关", "gateway"),
        Text("应为", "wanted"),
        Text("现为", "runs"),
        Text("自", "since"),
        Text("情况", "state"),
        Text("程序", "program"),
        Text("应为程序", "wanted program"),
        Text("原因", "why"),
    )
    table = Table(*map(str, heads), box=None)
    for line in found:
        cells = (
            line.address.school,
            line.address.gateway,
            str(line.version.number)
            + (f" {Text('（自己的）', '(own)')}" if line.version.settings is None else ""),
            "" if line.running is None else str(line.running or Text("自己的", "own")),
            local_time(utc_ms(line.since)) if line.since else "",
            name("settings_states", line.state),
            line.software or "",
            line.version.software or "",
            why_of(line.why)
            + _unproven(line)
            + (f" {Text('（自己的文件改过）', '(own file edited)')}" if line.changed_here else ""),
        )
        table.add_row(*map(escape, cells))
    if found:
        print_table(table, width=160)
    else:
        typer.echo(str(Text("账册中还没有网关", "the book has no gateway yet")))


def _unproven(line: Standing) -> str:
    names = "、".join(line.unproven) if language() == "zh" else ", ".join(line.unproven)
    return str(Text(f"等 {names} 读到一次", f"until {names} were read once")) if names else ""


def show_versions(versions: Sequence[Version]) -> None:
    """Every version that a school was to run."""
    from rich.markup import escape
    from rich.table import Table

    heads = (
        Text("网关", "gateway"),
        Text("版本", "version"),
        Text("编写", "made"),
        Text("何人", "by"),
        Text("下发", "sent"),
        Text("批次", "release"),
        Text("内容", "content"),
    )
    table = Table(*map(str, heads), box=None)
    for row in versions:
        content = (
            ", ".join(row.files) if row.settings is not None else str(Text("学校自己的文件", "its own file"))
        )
        cells = (
            row.address.gateway,
            str(row.number),
            local_time(row.made_ms),
            row.who,
            local_time(row.sent_ms) if row.sent_ms is not None else "",
            str(row.release),
            f"{row.sha256[:8]} {content}",
        )
        table.add_row(*map(escape, cells))
    if versions:
        print_table(table, width=120)


def say_stage(stage: Stage, *, anyway: bool) -> None:
    """Who is sent it, and what stands against it."""
    for line in (*stage.failed, *stage.undecided, *stage.unable):
        where, state = f"{line.address.school} {line.address.gateway}", name("settings_states", line.state)
        typer.echo(": ".join(part for part in (f"{where} {state}", why_of(line.why)) if part))
    if stage.paused and not anyway:
        typer.echo(
            str(
                Text(
                    "已暂停，没有下发：请先处理以上网关，或加 --anyway",
                    "paused, nothing was sent: see to these gateways first, or add --anyway",
                )
            )
        )
    elif not stage.chosen:
        typer.echo(str(Text("没有可下发的草稿", "there is no draft to send")))


def why_of(left: NotTaken | None) -> str:
    """In words."""
    return worded(Reason(left.code, tuple(left.args.items()))) if left else ""
