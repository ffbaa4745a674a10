"""Reading a TOML file that a user wrote: what is wrong with it is said with file and line."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from runtime.errors import ConfigError, UserError, os_reason
from runtime.language import Text
from runtime.shown import shortened, shown

_PLACE = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)")
# The largest that people write are scenarios, of some hundred kilobytes.
_MOST_BYTES = 16 * 1024 * 1024
_DEEPEST = 50
_TOO_DEEP = Text("列表或表嵌套过深", "tables or lists are nested too deeply")
_TOO_MANY_DIGITS = Text("有一个数字的位数过多", "a number has too many digits")
_NO_NAME = Text("文件名不能含有此字符", "no file can be called so")


class TomlFile(NamedTuple):
    """A file as it was read: its text, for the lines in messages, and its values."""

    text: str
    values: dict[str, Any]


def read_toml(path: Path, what: Text, *, refuse: type[UserError] = ConfigError) -> TomlFile:
    """Read a file that holds `what`; raises `refuse` with the file's name and one reason."""
    text = _text_of(path, what, refuse)
    return TomlFile(text, toml_values(text, str(path), refuse=refuse))


def toml_values(text: str, place: str, *, refuse: type[UserError] = ConfigError) -> dict[str, Any]:
    """The values of a text that stands at `place`; raises `refuse` with one reason."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"{place}: {toml_problem(error)}") from error
    except RecursionError as error:
        raise refuse(f"{place}: {_TOO_DEEP}") from error
    except ValueError as error:  # Python refuses numbers of more than 4,300 digits
        raise refuse(f"{place}: {_TOO_MANY_DIGITS}") from error
    if _depth(values) > _DEEPEST:
        raise refuse(f"{place}: {_TOO_DEEP}")
    return values


def _text_of(path: Path, what: Text, refuse: type[UserError]) -> str:
    try:
        with path.open("rb") as file:
            held = file.read(_MOST_BYTES + 1)
    except OSError as error:
        why = os_reason(error)
        wrong = Text(f"无法读取{what.zh}：{why.zh}", f"cannot read {what.en}: {why.en}")
        raise refuse(f"{shortened(str(path))}: {wrong}") from error
    except ValueError as error:  # a name that no file can have
        raise refuse(f"{shown(str(path))}: {_NO_NAME}") from error
    if len(held) > _MOST_BYTES:
        wrong = Text(f"{what.zh}大于 {_MOST_BYTES} 字节", f"{what.en} has more than {_MOST_BYTES} bytes")
        raise refuse(f"{path}: {wrong}")
    try:
        # A mark at the beginning is what Notepad leaves there; line breaks as open() reads them.
        return held.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        wrong = Text(f"{what.zh}不是 UTF-8 文本，请另存为 UTF-8", f"{what.en} is not UTF-8 text")
        raise refuse(f"{path}: {wrong}") from error


def _depth(value: Any) -> int:
    """How many tables and lists stand in one another; without recursion, which has a limit of its own."""
    depth, level = 0, [value]
    while level:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth


def toml_problem(error: tomllib.TOMLDecodeError) -> Text:
    """Where a text is no TOML; what is wrong there only tomllib's English says."""
    place = _PLACE.search(str(error))
    where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
    return Text(f"{where}不符合 TOML 写法", f"not valid TOML: {error}")
