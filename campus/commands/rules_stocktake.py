"""`campus rules stocktake`: read the filled sheets of a stock-take (盘点), and keep what they say."""

import getpass
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import argument, day_option, option
from campus.commands.rules_inputs import SchoolOption
from runtime.errors import UserError
from runtime.language import Text

if TYPE_CHECKING:
    from registry import Registry
    from rules.stocktake.importing import Import
    from store import Store


class Cross(StrEnum):
    """What an x stands for."""

    THERE = "there"
    ABSENT = "absent"


class Take(StrEnum):
    """How much of files that are not understood in every cell is kept."""

    ALL = "all"
    REST = "rest"


Files = Annotated[list[Path], argument(Text("填好的盘点表（XLSX、CSV…）", "filled sheets (XLSX, CSV …)"))]
DateOption = Annotated[
    date | None,
    day_option(
        "--date",
        Text("盘点日期；表中没有写明时用", "day of the stock-take, where the sheets do not name one"),
    ),
]
CrossOption = Annotated[
    Cross | None,
    option(
        "--cross",
        Text("盘点列中的 x 表示在（there）还是不在（absent）", "whether an x means there or absent"),
    ),
]
TakeOption = Annotated[
    Take,
    option(
        "--take",
        Text(
            "有不明白的单元格时：all 全部不读入（缺省），rest 读入其余各行",
            "where cells are not understood: all or nothing (default), or the rest of the lines",
        ),
    ),
]
TryOption = Annotated[bool, option("--dry-run", Text("只检查，不保存", "check only, keep nothing"))]


def stocktake(
    files: Files,
    registry: options.Registry,
    store: options.Store,
    school: SchoolOption = None,
    day: DateOption = None,
    cross: CrossOption = None,
    take: TakeOption = Take.ALL,
    dry_run: TryOption = False,
) -> None:
    """Read filled sheets of a stock-take; exit code 2 where a cell is not understood."""
    from registry import read_registry
    from registry.problems import lines
    from rules.explain.finding import find_school
    from rules.stocktake.importing import Asked, prepare
    from store import open_store

    known = read_registry(registry)
    wanted = None if school is None else find_school(known, school)
    asked = Asked(
        paths=files,
        now_ms=round(time.time() * 1000),
        who=getpass.getuser(),
        school=None if wanted is None else wanted.school_code,
        day=day,
        cross=None if cross is None else cross.value,
    )
    with open_store(store) as opened:
        found = prepare(opened, known, asked)
        kept = bool(found.lines) and not dry_run and (take is Take.REST or not found.problems)
        if kept:
            _keep(opened, found, asked.now_ms)
    for line in lines(found.notes):
        typer.echo(f"· {line}")
    _tell(found, known)
    if found.problems:
        rest = Text("其余各行已保存", "the other lines are kept") if kept else _NOTHING
        raise UserError("\n".join((*lines(found.problems), str(rest))))
    if not found.lines:
        raise UserError(Text("表中没有任何盘点结果", "nothing is marked in these sheets"))
    typer.echo(
        str(Text("✓ 已保存", "✓ kept") if kept else Text("只检查，未保存", "checked only, nothing kept"))
    )


_NOTHING = Text(
    "什么都没有保存；改正后再读，或用 --take rest 读入其余各行",
    "nothing is kept; mend it and read again, or keep the other lines with --take rest",
)


def _keep(store: "Store", found: "Import", now_ms: int) -> None:
    from rules.stocktake.importing import keep
    from rules.stored.audit import AuditLine, audit_point

    keep(store, found)
    lines = [
        AuditLine(
            time_ms=now_ms + number,  # a file about several days is several changes
            action="stocktake",
            who=getpass.getuser(),
            role="local",
            address="-",
            district=take.district,
            school=take.school,
            subject=take.file_name,
            detail=f"{take.day} {take.file} {take.lines}",
        )
        for number, take in enumerate(found.takes)
    ]
    if refused := store.write([audit_point(line) for line in lines]):
        raise UserError(Text(f"未能记录：{refused[0].reason}", f"not noted: {refused[0].reason}"))


def _tell(found: "Import", known: "Registry") -> None:
    for name in found.again:
        typer.echo(str(Text(f"· {name} 以前读过，不会重复计入", f"· {name} was read before; it counts once")))
    for take in found.takes:
        name, counts = known.schools[take.school].name, found.counts_of(take)
        typer.echo(
            str(
                Text(
                    f"{name} {take.day} {take.file_name}：在 {counts['seen']}（移位 {counts['moved']}，"
                    f"损坏 {counts['broken']}），不在 {counts['absent']}，盘点发现 {counts['found']}，"
                    f"未盘 {take.unmarked}",
                    f"{name} {take.day} {take.file_name}: there {counts['seen']} (moved {counts['moved']}, "
                    f"broken {counts['broken']}), absent {counts['absent']}, found {counts['found']}, "
                    f"not marked {take.unmarked}",
                )
            )
        )
