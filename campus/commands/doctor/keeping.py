"""What a store is made of, and whether what has been kept long enough leaves it."""

import time

from campus.commands.doctor.finding import Finding
from contract import Retention
from ingest.expiry import expire
from runtime.errors import UserError
from runtime.language import Text
from store import Store, open_store

_FILES = Text("数据库的文件", "files of the store")
_EXPIRY = Text("保留期", "retention")


def store_keeps(url: str) -> list[Finding]:
    """Missing files by name, how large what is there is, and what should have expired; nothing is dropped."""
    try:
        with open_store(url) as opened:
            return [*_files(opened), _expiry(opened)]
    except UserError:
        # Whether it answers at all is told by itself.
        return []


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
