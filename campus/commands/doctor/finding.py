"""What was found of one thing, and how to mend it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from runtime.errors import UserError
from runtime.language import Text

State = Literal["ok", "missing", "failed"]

BROKER, STORE, REGISTRY = Text("消息代理", "broker"), Text("数据库", "store"), Text("登记表", "registry")
DISK, MATCH = Text("磁盘", "disk"), Text("对照", "matching")
SETTINGS = Text("配置", "settings")


class Finding(NamedTuple):
    """One thing that was looked at; `remedy` says how to mend it."""

    what: Text | str
    state: State
    detail: Text | str
    remedy: Text | str = ""


@contextmanager
def failing_as(what: Text | str, found: list[Finding], remedy: Text | str = "") -> Iterator[None]:
    """What a user can mend becomes a finding, and the examination goes on."""
    try:
        yield
    except UserError as error:
        found.append(Finding(what, "failed", str(error), remedy))
