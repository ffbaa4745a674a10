"""Reading a TOML file that a user wrote: what is wrong with it is said with file and line."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from runtime.errors import ConfigError, UserError, os_reason
from runtime.language import Text

_PLACE = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)")


class TomlFile(NamedTuple):
    """A file as it was read: its text, for the lines in messages, and its values."""

    text: str
    values: dict[str, Any]


def read_toml(path: Path, what: Text, *, refuse: type[UserError] = ConfigError) -> TomlFile:
    """Read a file that holds `what`; raises `refuse` with the file's name and one reason."""
    try:
        # A mark at the beginning is what Notepad leaves there.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = os_reason(error)
        wrong = Text(f"无法读取{what.zh}：{why.zh}", f"cannot read {what.en}: {why.en}")
        raise refuse(f"{path}: {wrong}") from error
    except UnicodeDecodeError as error:
        wrong = Text(f"{what.zh}不是 UTF-8 文本，请另存为 UTF-8", f"{what.en} is not UTF-8 text")
        raise refuse(f"{path}: {wrong}") from error
    try:
        return TomlFile(text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"{path}: {toml_problem(error)}") from error


def toml_problem(error: tomllib.TOMLDecodeError) -> Text:
    """Where a text is no TOML; what is wrong there only tomllib's English says."""
    place = _PLACE.search(str(error))
    where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
    return Text(f"{where}不符合 TOML 写法", f"not valid TOML: {error}")
