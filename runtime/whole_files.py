"""Small files that are read and written whole: no reader, and no power cut, finds half of one."""

import os
from pathlib import Path

from runtime.errors import ConfigError, os_reason
from runtime.language import Text

OWNER_ONLY, EVERYBODY = 0o600, 0o644


def read_whole(path: Path) -> bytes:
    """A file's content. Raises ConfigError."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法读取 {path}：{why.zh}", f"cannot read {path}: {why.en}")) from error


def write_whole(path: Path, content: bytes, *, mode: int = OWNER_ONLY, folder_mode: int = 0o777) -> None:
    """Beside it first, with its mode from the first byte on, then in its place. Raises ConfigError.

    mode: whose it is, whatever the process masks. folder_mode: of folders that are made for it.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=folder_mode)
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法写入 {path}：{why.zh}", f"cannot write {path}: {why.en}")) from error
