"""Secrets: a setting says where one is, in the environment or in a file, and never what it is."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from runtime.log import plain
from runtime.paths import in_folder
from runtime.problems import BARE_SECRET
from runtime.shown import shown

PLACEHOLDER = "change-me"
# A secret is a line; what is larger is another file.
_MOST_BYTES = 64 * 1024
_NO_REFERENCE = Text(
    "请写 env:变量名 或 file:/路径，不要写密码本身", "write env:NAME or file:/path, not the secret itself"
)


def secret(reference: str, *, key: str) -> str:
    """The secret that `env:NAME` or `file:/path` points at; `key` names the setting in errors.

    Secrets are never written in the configuration itself.
    """
    try:
        return _secret(reference)
    except ConfigError as error:
        raise ConfigError(f"{key}: {error}") from error


def bare_secret(why: Text) -> PydanticCustomError:
    """An error about a value that must not be shown."""
    return PydanticCustomError(BARE_SECRET, "{why}", {"why": str(why)})


def _secret(reference: str) -> str:
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest:
        value = os.environ.get(rest)
        if value is None:
            raise ConfigError(Text(f"未设置环境变量 {rest}", f"the environment variable {rest} is not set"))
    elif scheme == "file" and rest:
        value = _of_file(Path(rest))
    else:
        raise ConfigError(_NO_REFERENCE)
    if not value:
        raise ConfigError(Text(f"{reference} 处的密码为空", f"the secret at {reference} is empty"))
    if PLACEHOLDER in value:
        raise ConfigError(
            Text(
                f"{reference} 仍是 {PLACEHOLDER!r}，请设置自己的密码",
                f"{reference} still holds {PLACEHOLDER!r}; set a secret of your own",
            )
        )
    if plain(value) != value:
        raise ConfigError(
            Text(
                f"{reference} 应只有一行文字，其中有换行或控制字符",
                f"the secret at {reference} has line breaks or control characters; it must be one line",
            )
        )
    return value


def _of_file(path: Path) -> str:
    """What the file holds, without the line break at its end."""
    try:
        # A pipe or a device would be waited for, or read for ever.
        if not path.is_file() and path.exists():
            raise ConfigError(Text(f"{path} 不是文件", f"{path} is no file"))
        with path.open("rb") as file:
            held = file.read(_MOST_BYTES + 1)
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法读取 {path}：{why.zh}", f"cannot read {path}: {why.en}")) from error
    except ValueError as error:  # a name that no file can have
        wrong = Text("文件名不能含有此字符", "no file can be called so")
        raise ConfigError(f"{shown(str(path))}: {wrong}") from error
    if len(held) > _MOST_BYTES:
        raise ConfigError(Text(f"{path} 太大，不是密码", f"{path} is too large to be a secret"))
    try:
        # A mark at the beginning is what Notepad leaves there.
        return held.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigError(Text(f"{path} 不是 UTF-8 文本", f"{path} is not UTF-8 text")) from error


def _reference(reference: str) -> str:
    if reference.partition(":")[0] not in {"env", "file"}:
        raise bare_secret(_NO_REFERENCE)
    return reference


def beside_the_file(reference: str, info: ValidationInfo) -> str:
    scheme, _, rest = reference.partition(":")
    return f"file:{in_folder(Path(rest), info)}" if scheme == "file" and rest else reference


SecretReference = Annotated[str, AfterValidator(_reference), AfterValidator(beside_the_file)]
