"""The store as a program needs it: which file or server it is, and whether it may write and read there."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from campus.commands.doctor.finding import STORE, Finding
from runtime.errors import UserError
from runtime.language import Text

if TYPE_CHECKING:
    from store import Store

Need = Literal["write", "read"]

_PAGES = Text("见 docs/zh/operations.md", "see docs/operations.md")
_WHOSE = Text("令牌或用户的权限不够？", "does the token or the user have too few rights?")


def store_of(url: str) -> str:
    """What an address means on this machine: two programs have one store where these are equal."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return str(Path(parts.path.removeprefix("/")).resolve())
    return f"{parts.hostname}:{parts.port or 8086}{parts.path.rstrip('/')}"


def allowed(url: str, *needs: Need) -> list[Finding]:
    """Whether this store can be opened, written and read, as far as `needs` goes."""
    from store import open_store

    try:
        with open_store(url) as opened:
            return [_of_need(opened, url, need) for need in needs]
    except UserError as error:
        return [Finding(STORE, "failed", str(error), _PAGES)]


def _of_need(store: "Store", url: str, need: Need) -> Finding:
    what = Text(f"{STORE.zh}：{'写入' if need == 'write' else '读取'}", f"{STORE.en}: {need}")
    try:
        detail = _writes(store, url) if need == "write" else _reads(store, url)
    except UserError as error:
        return Finding(what, "failed", str(error), _WHOSE)
    return detail._replace(what=what)


def _writes(store: "Store", url: str) -> Finding:
    """SQLite: by the rights of its file, since opening would make one that belongs to whoever looks."""
    from store.sqlite import SqliteStore

    if not isinstance(store, SqliteStore):
        store.prepare()
        return Finding("", "ok", Text(f"{url} 可写入", f"{url} may be written"))
    path = store.path.resolve()
    folder = next(parent for parent in path.parents if parent.exists())
    for place in (path, folder) if path.exists() else (folder,):
        if not os.access(place, os.W_OK):
            return Finding("", "failed", Text(f"{place} 不可写", f"{place} may not be written"))
    return Finding("", "ok", str(path))


def _reads(store: "Store", url: str) -> Finding:
    from contract import STATUS
    from store import Query, Select
    from store.sqlite import SqliteStore

    if isinstance(store, SqliteStore) and not store.path.exists():
        none = Text(f"{store.path} 还没有；收集服务会建立", f"{store.path} is not there yet; ingest makes it")
        return Finding("", "missing", none)
    know_the_organisation(store)
    question = Query(measurement=STATUS, select=(Select("online"),), group_by=STATUS.tag_names, newest=1)
    gateways = len(store.query(question))
    return Finding("", "ok", Text(f"{url}：{gateways} 个网关", f"{url}: {gateways} gateways"))


def know_the_organisation(store: "Store") -> None:
    """InfluxQL does not ask by organisation, so a wrong one would show only when writing."""
    from store.influx import InfluxStore

    if isinstance(store, InfluxStore):
        store.check_organisation()
