"""The base of every error that a user can mend; what the system and SQLite say, in both languages."""

import errno
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.language import Text


class UserError(Exception):
    """Something that a user can mend. The text says what is wrong, where, and how to mend it.

    Give a `Text` and the error speaks the program's language. The `campus` command ends with it as one
    line and exit code 2.
    """

    def __init__(self, text: Text | str = "") -> None:
        super().__init__(text)


class ConfigError(UserError):
    """A setting is wrong; the text names the file, the key and what to write instead."""


_OS_REASONS = {
    errno.ENOENT: "没有此文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EEXIST: "已存在",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOSPC: "磁盘空间已满",
    errno.EROFS: "磁盘只读",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "打开的文件过多",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EBUSY: "正被占用",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "本机没有此地址",
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被对方断开",
    errno.EPIPE: "连接已断开",
    errno.ETIMEDOUT: "连接超时",
    errno.EHOSTUNREACH: "主机不可达",
    errno.ENETUNREACH: "网络不可达",
}


def os_reason(error: OSError) -> Text:
    """Why the operating system refused; a rare reason stays in its own words, with its number."""
    english = error.strerror or str(error) or type(error).__name__
    if isinstance(error, socket.gaierror):
        return Text("无法解析主机名", english)
    if isinstance(error, TimeoutError):
        return Text("连接超时", english)
    fallback = english if error.errno is None else f"系统错误 {error.errno}"
    return Text(_OS_REASONS.get(error.errno or 0, fallback), english)


_SQLITE_REASONS = {
    sqlite3.SQLITE_CANTOPEN: "无法打开文件",
    sqlite3.SQLITE_BUSY: "正被其他程序占用",
    sqlite3.SQLITE_LOCKED: "正被其他程序占用",
    sqlite3.SQLITE_READONLY: "文件只读",
    sqlite3.SQLITE_FULL: "磁盘空间已满",
    sqlite3.SQLITE_IOERR: "磁盘读写出错",
    sqlite3.SQLITE_CORRUPT: "文件已损坏",
    sqlite3.SQLITE_NOTADB: "不是数据库文件",
}


def sqlite_reason(error: sqlite3.Error) -> Text:
    """Why SQLite refused; a rare reason stays in its own words."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return Text(_SQLITE_REASONS.get(code, f"SQLite：{error}"), str(error))


@contextmanager
def told_as(kind: type[UserError], what: Text, path: Path) -> Iterator[None]:
    """What goes wrong with a file, or with the database in it, as an error of this kind that names it."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        why = os_reason(error) if isinstance(error, OSError) else sqlite_reason(error)
        raise kind(Text(f"{what.zh} {path}：{why.zh}", f"{what.en} {path}: {why.en}")) from error
