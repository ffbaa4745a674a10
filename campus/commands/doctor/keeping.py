"""What a store is made of, and whether what has been kept long enough leaves it."""

import time

from campus.commands.doctor.finding import Finding
from contract import Retention
from ingest.expiry import expire
from rules.stored.late import read_late
from runtime.errors import UserError
from runtime.language import Text
from store import Store, open_store

_FILES = Text("数据库的文件", "files of the store")
_EXPIRY = Text("保留期", "retention")
_LATE = Text("迟到的读数", "late readings")


def store_keeps(url: str) -> list[Finding]:
    """Missing files by name, how large what is there is, and what should have expired; nothing is dropped."""
    try:
        with open_store(url) as opened:
            return [*_files(opened), _expiry(opened), *_late(opened)]
    except UserError:
        # Whether it answers at all is told by itself.
        return []


def _late(opened: Store) -> list[Finding]:
    """Days that readings came to when others of them had expired."""
    found = read_late(opened)
    if not found:
        return []
    newest = found[0]
    number = sum(late.readings for late in found)
    schools = len({late.school for late in found})
    text = Text(
        f"{schools} 所学校的 {len(found)} 天有 {number} 条读数未计入，最近一天：{newest.school} {newest.day} "
        f"{newest.readings} 条",
        f"{number} readings of {len(found)} days of {schools} schools are not counted, the latest: "
        f"{newest.school} {newest.day}: {newest.readings}",
    )
    remedy = Text(
        "到得太晚，当日其余读数已到期。逐校查看：campus rules inputs",
        "they came when others of the day had expired. School by school: campus rules inputs",
    )
    return [Finding(_LATE, "missing", text, remedy)]


def _files(opened: Store) -> list[Finding]:
    if missing := opened.missing():
        names = "、".join(path.name for path in missing)
        return [
            Finding(
                _FILES,
                "failed",
                Text(f"缺少 {names}", f"gone: {names}"),
                Text(
                    "放回文件；确实没有时：campus store expire --gone",
                    "put them back; where there are none any more: campus store expire --gone",
                ),
            )
        ]
    files = opened.files()
    if not files:
        return []
    size = f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB"
    text = Text(f"{len(files)} 个文件，{size}", f"{len(files)} files, {size}")
    return [Finding(_FILES, "ok", text)]


def _expiry(opened: Store) -> Finding:
    if not opened.can_drop:
        text = Text(
            "此数据库不能按时段删除，数据不会自行到期",
            "this database cannot delete a span: nothing expires by itself",
        )
        return Finding(_EXPIRY, "ok", text)
    ended = expire(opened, Retention(), now_ms=int(time.time() * 1000), dry_run=True)
    if not ended:
        return Finding(_EXPIRY, "ok", Text("没有到期的数据", "nothing has expired"))
    told = "；".join(map(str, ended))
    remedy = Text(
        "接收服务会自动删除；手动：campus store expire",
        "the ingest service drops it by itself; by hand: campus store expire",
    )
    return Finding(_EXPIRY, "ok", told, remedy)
