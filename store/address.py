"""What is wrong with a store's address; a password in it is never shown."""

from urllib.parse import urlsplit

from runtime.language import Text
from runtime.shown import shown
from store.base import StoreError


def unreadable(url: str, wrong: Text) -> StoreError:
    """An error that shows the address without what stands before its @."""
    return StoreError(Text(f"数据库地址 {shown(url)}：{wrong.zh}", f"store {shown(url)}: {wrong.en}"))


def port_of(url: str) -> int | None:
    """The port, None where none is written; raises StoreError where it is none."""
    wrong = Text("端口应为 1 至 65535 的整数", "a port is a number from 1 to 65535")
    try:
        port = urlsplit(url).port
    except ValueError as error:
        raise unreadable(url, wrong) from error
    if port == 0:
        raise unreadable(url, wrong)
    return port
