"""`campus rules retire`: take a device, access point, room or gateway out of service, with a reason."""

import time
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import day_option, option
from runtime.errors import UserError
from runtime.language import Text

if TYPE_CHECKING:
    from registry import Registry
    from store import Store


class Kind(StrEnum):
    """What can be taken out of service."""

    DEVICE = "device"
    ACCESS_POINT = "access_point"
    ROOM = "room"
    GATEWAY = "gateway"


# By kind, the tag under which readings name it.
_TAGS = {Kind.DEVICE: "device", Kind.ACCESS_POINT: "ap", Kind.GATEWAY: "gateway"}

SchoolOption = Annotated[str, option("--school", Text("学校标识码", "school code"))]
KindOption = Annotated[Kind, option("--kind", Text("停用的是什么", "what is taken out of service"))]
NameOption = Annotated[
    str,
    option(
        "--name",
        Text("设备、AP、房间或网关的编号", "the device, access point, room or gateway, as readings name it"),
    ),
]
ReasonOption = Annotated[str, option("--reason", Text("停用原因，保存在数据库中", "why; kept in the store"))]
SinceOption = Annotated[
    date | None,
    day_option(
        "--since", Text("从这一天起不再计入，缺省今天", "the first day it counts no more; default: today")
    ),
]
UndoOption = Annotated[bool, option("--undo", Text("恢复使用", "put it back into service"))]


def retire(
    registry: options.Registry,
    store: options.Store,
    school: SchoolOption,
    kind: KindOption,
    name: NameOption,
    reason: ReasonOption,
    since: SinceOption = None,
    undo: UndoOption = False,
) -> None:
    """Take something out of service from a day on; its history stays, its alerts end."""
    from registry import read_registry
    from rules.stored.retirements import Retirement, retirement_point
    from store import open_store

    known = read_registry(registry)
    if school not in known.schools:
        raise UserError(Text(f"登记表中没有学校 {school}", f"no school {school} in the registry"))
    if not reason.strip():
        raise UserError(Text("--reason：请写明原因", "--reason: say why"))
    now_ms = round(time.time() * 1000)
    day = since or known.calendar.day_of(now_ms)
    decided = Retirement(
        district=known.schools[school].district,
        school=school,
        kind=kind.value,
        subject=name,
        since=day,
        reason=reason.strip(),
        retired=not undo,
    )
    with open_store(store) as opened:
        opened.prepare()
        heard = undo or _is_known(opened, known, school, kind, name)
        refused = opened.write([retirement_point(decided, now_ms)])
    if refused:
        raise UserError(Text(f"未能保存：{refused[0].reason}", f"not kept: {refused[0].reason}"))
    typer.echo(
        Text(f"✓ {name} 已恢复使用", f"✓ {name} is in service again")
        if undo
        else Text(f"✓ {name} 自 {day} 起不再计入", f"✓ {name} counts no more from {day} on")
    )
    if not heard:
        text = Text(
            f"请核对：从未收到过 {name} 的数据，登记表和网关清单中也没有（campus rules inputs 列出设备）",
            f"check it: nothing ever told of {name}, no list has it (campus rules inputs shows what has)",
        )
        typer.echo(text, err=True)


def _is_known(store: "Store", registry: "Registry", school: str, kind: Kind, name: str) -> bool:
    """Whether anything is called so: after a slip what was meant would go on counting without a word."""
    from contract import MEASUREMENTS
    from contract.daybook import DAY_FACTS
    from store import Condition, Query, Select

    if kind is Kind.ROOM:
        return any(room.room == name for room in registry.rooms_of[school])
    tag = _TAGS[kind]
    where = Condition("school", "=", school), Condition(tag, "=", name)
    tables = [table for table in (*MEASUREMENTS.values(), *DAY_FACTS.values()) if tag in table.tag_names]
    return any(
        store.query(Query(measurement=table, select=(Select(table.field_names[0]),), where=where, newest=1))
        for table in tables
    )
