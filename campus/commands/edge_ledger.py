"""`campus edge ledger check`: what the gateway will make of a school's asset ledger, on the screen alone."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campus.commands.options import argument, option
from runtime.errors import UserError
from runtime.language import Text

if TYPE_CHECKING:
    from edge_agent.ledger.folder import PartTold
    from edge_agent.ledger.titles import Field
    from edge_agent.settings import LedgerSettings

app = typer.Typer(
    help=str(Text("资产台账。", "Asset ledgers.")),
    no_args_is_help=True,
)

Paths = Annotated[list[Path], argument(Text("台账文件或文件夹", "files of a ledger, or its folder"))]
OwnConfig = Annotated[
    Path | None,
    option(
        "--config",
        Text("网关配置，取其 [ledger.columns]", "the gateway's configuration, for its [ledger.columns]"),
    ),
]
# More cells than these are for the next time.
_SHOWN = 200


@app.callback()
def ledger() -> None:
    """Asset ledgers."""


@app.command(
    "check",
    help=str(
        Text(
            "逐表列出计入、未读和不计的行，以及原因；有未读或存疑时退出码为 1。",
            "List by sheet what counts, what is unread or left out, and why; exit code 1 where anything is.",
        )
    ),
)
def check(paths: Paths, config: OwnConfig = None) -> None:
    """Read the ledger as the gateway would, and say everything that it would not send."""
    from edge_agent.ledger.reading import read_into
    from edge_agent.ledger.result import read_assets, read_summary
    from tables.opening import TYPES

    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UserError(Text(f"{path}：没有这个文件", f"{path}: there is no such file"))
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        files += [
            file for file in inside if file.suffix.lower() in TYPES and not file.name.startswith((".", "~$"))
        ]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "ledger"
        asyncio.run(read_into(result, files, own=_own(config)))
        with result.open(encoding="utf-8") as file:
            summary = read_summary(file)
            assets = list(read_assets(file, summary.rows))
    for part in summary.parts:
        _say(part, files)
    _sum(assets, unread=summary.unread)
    if any(part.problems for part in summary.parts) or not summary.parts:
        raise typer.Exit(1)


def _own(config: Path | None) -> "Mapping[str, Field]":
    if config is None:
        return {}
    from edge_agent.wanted.effective import effective

    # The kinds of collector are fields of the settings by their table.
    ledgers: tuple[LedgerSettings, ...] = getattr(effective(config).settings, "ledger", ())
    return ledgers[0].headings if ledgers else {}


def _say(part: "PartTold", files: Sequence[Path]) -> None:
    from edge_agent.ledger.problems import KINDS

    name = files[part.file - 1].name + (f" / {part.sheet_name}" if part.sheet_name else "")
    typer.echo(
        Text(
            f"{name}：计入 {part.rows} 行，未读 {part.unread}，不计 {part.left_out}",
            f"{name}: {part.rows} lines count, {part.unread} unread, {part.left_out} left out",
        )
    )
    if part.why:
        typer.echo(f"  {part.why}")
    for problem in part.problems[:_SHOWN]:
        if part.why and problem.kind == "file":
            continue
        times = f" ×{problem.number}" if problem.number > 1 else ""
        seen = f"  [{problem.seen}]" if problem.seen else ""
        typer.echo(f"  {problem.cell or '-'}  {KINDS[problem.kind].text}{times}{seen}")
    if part.heading_seen:
        typer.echo(Text(f"  看到的表头：{part.heading_seen}", f"  headings seen: {part.heading_seen}"))


def _sum(assets: "Sequence[Mapping[str, Any]]", *, unread: int) -> None:
    sure = sum(asset["value_fen"] for asset in assets if asset["doubt"] is None)
    most = sum(asset["value_fen"] for asset in assets)
    least, upto = f"{sure / 100:,.2f}", f"{most / 100:,.2f}"
    zh, en = f"合计 {least} 元", f"{least} CNY in all"
    if most != sure:
        zh, en = f"合计 {least} 至 {upto} 元", f"{least} to {upto} CNY in all"
    if unread:
        zh, en = f"{zh}，另有未读的行", f"{en}, and unread lines beside"
    typer.echo(Text(zh, en))
