"""The options that several commands share, each written once. Their help is in the language of the import."""

import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.errors import ConfigError
from runtime.language import Text


def option(name: str, words: Text, **rest: Any) -> Any:
    """An option of typer's whose help is in the program's language."""
    return typer.Option(name, help=str(words), **rest)


def argument(words: Text, **rest: Any) -> Any:
    """The same for what is given without a name."""
    return typer.Argument(help=str(words), **rest)


def day_option(name: str, words: Text) -> Any:
    """An option that takes a day, or ends with a ConfigError that names it."""

    def read(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            wrong = Text("日期应写成 YYYY-MM-DD", "write the date as YYYY-MM-DD")
            raise ConfigError(f"{name} {text!r}: {wrong}") from error

    return option(name, words, parser=read, metavar="YYYY-MM-DD")


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ShortFormat(StrEnum):
    """The same where there are no lines to put into a CSV file."""

    TABLE = "table"
    JSON = "json"


_REGISTRY = option("--registry", Text("登记表：CSV 文件夹或 XLSX", "folder of CSV files, or XLSX file"))
_STORE = Text("数据库地址", "address of the store")

Registry = Annotated[Path, _REGISTRY]
AnyRegistry = Annotated[Path | None, _REGISTRY]
Standard = Annotated[
    str | None,
    option("--standard", Text("标准；缺省为当日有效者", "the standard; default: the one in force")),
]
Store = Annotated[str, option("--store", _STORE)]
AnyStore = Annotated[
    str | None,
    option(
        "--store",
        Text("数据库地址；缺省仅按申报数", "address of the store; without it: declared figures only"),
    ),
]
NamedStore = Annotated[str | None, option("--store", _STORE)]
AsOf = Annotated[
    date | None,
    day_option("--as-of", Text("评估日期，缺省今天", "the day that is judged; default: today")),
]
Share = Annotated[
    str | None,
    option(
        "--share",
        Text("与其他进程分担：如 2/4，四份中的第二份", "shared with others: 2/4 is the second share of four"),
        metavar="N/M",
    ),
]
_FORMAT = option("--format", Text("输出格式", "how the answer is printed"))
FormatOption = Annotated[Format, _FORMAT]
ShortFormatOption = Annotated[ShortFormat, _FORMAT]
Config = Annotated[Path, option("--config", Text("配置文件（TOML）", "the configuration (TOML)"))]


def share_of(text: str) -> str:
    """What was given with --share; ends with a ConfigError where it is no share."""
    from rules.daybook.share import Share as ShareOfWork

    try:
        ShareOfWork.read(text)
    except ValueError as error:
        raise ConfigError(f"--share {error.args[0]}") from error
    return text


def show(
    output: Format | ShortFormat,
    *,
    table: Callable[[], Any],
    json: Callable[[], str],
    csv: Callable[[], str] = str,
) -> None:
    """Print an answer as it was asked for; only that form is made."""
    if output.value == "table":
        print_table(table())
    elif output.value == "json":
        typer.echo(json())
    else:
        typer.echo(csv(), nl=False)


def print_table(table: Any, *, width: int | None = None) -> None:
    """On a terminal as wide as it is; elsewhere `width` columns, or rich's own."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else width).print(table)
