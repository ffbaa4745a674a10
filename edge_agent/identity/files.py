"""The files of an identity. Key and certificate stand in one, so that no power cut parts them."""

import os
from pathlib import Path

from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text

IDENTITY = "identity.pem"
AUTHORITY = "ca.pem"
SERVER = "server"
# A key whose certificate was asked for: the same again until it comes.
NEXT = "next-key.pem"


def enrolled_in(folder: Path | None) -> Path | None:
    """The folder where it holds an identity at all, be it a damaged one."""
    return folder if folder is not None and (folder / IDENTITY).exists() else None


def read_file(path: Path) -> bytes:
    """Raises ConfigError."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法读取 {path}：{why.zh}", f"cannot read {path}: {why.en}")) from error


def write_file(path: Path, content: bytes) -> None:
    """For the owner alone; a reader finds the old content or the new. Raises ConfigError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法写入 {path}：{why.zh}", f"cannot write {path}: {why.en}")) from error
