"""What is wrong with a command line, in the program's language, and the frame of a help page in Chinese."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, get_args

import typer
from pydantic import ValidationError
from typer import rich_utils

from runtime.language import Text, language
from runtime.problems import problem_with_value

HELP = ("-h", "--help")
# The base of what a command line can get wrong; typer keeps it in another module from version to version.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
Abort = typer.Abort

# What typer and its parser write around our own words: a module's constant, and what it says in Chinese.
_PANELS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "错误",
    "ABORTED_TEXT": "已中止。",
    "DEFAULT_STRING": "[缺省：{}]",
    "ENVVAR_STRING": "[环境变量：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
}


# What its parser finds of a path, by a part of its words.
_PATHS = {
    "is not readable": "没有读取权限",
    "is not writable": "没有写入权限",
    "does not exist": "没有此文件或文件夹",
}

# The options that typer adds to every command.
_OPTIONS = {
    "help": "显示此说明。",
    "install_completion": "为当前 shell 安装命令补全。",
    "show_completion": "显示当前 shell 的命令补全脚本。",
}


def in_our_words(app: typer.Typer) -> Any:
    """The command of an app; where the program speaks Chinese, its help pages do so, too."""
    command = typer.main.get_command(app)
    if language() == "zh":
        for name, words in _PANELS.items():
            setattr(rich_utils, name, words)
        for inner in _all(command):
            for parameter in (
                *inner.params,
                inner.get_help_option(typer.Context(inner, help_option_names=list(HELP))),
            ):
                if parameter is not None and parameter.name in _OPTIONS:
                    parameter.help = _OPTIONS[parameter.name]
    return command


def _all(command: Any) -> Iterator[Any]:
    """A command and everything below it."""
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _all(inner)


def usage_text(error: Any) -> str:
    """One line: what is wrong, and how to see what may be written."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(Text("请写出子命令", "name a subcommand"))
    command = getattr(error.ctx, "command_path", "campus") if error.ctx else "campus"
    help_hint = Text(f"用法见 {command} --help", f"see {command} --help")
    return f"{_wrong(error)}{Text('；', '; ')}{help_hint}"


def _wrong(error: Any) -> str:
    kind = type(error).__name__
    if kind == "MissingParameter":
        return str(Text(f"必须给出 {_name(error)}", f"{_name(error)} must be given"))
    if kind == "NoSuchOption":
        return str(_no_option(error.option_name, *error.possibilities or ()))
    if kind == "BadOptionUsage":
        name = error.option_name
        return str(Text(f"选项 {name} 须有取值", f"the option {name} needs a value"))
    if kind == "BadParameter":
        return f"{_name(error)}: {_misfit(error)}"
    commands = getattr(error.ctx.command, "commands", None) if error.ctx else None
    if commands:
        listed = _listed(commands)
        return str(Text(f"没有此子命令，可用：{listed}", f"there is no such subcommand; there are {listed}"))
    return str(Text("有多余的参数", f"too much is given: {error.message}"))


def _no_option(name: str, meant: str = "", *_: str) -> Text:
    if not meant:
        return Text(f"没有选项 {name}", f"there is no option {name}")
    return Text(f"没有选项 {name}，是否应为 {meant}？", f"there is no option {name}; did you mean {meant}?")


def _name(error: Any) -> str:
    """`--port`, or the name of an argument."""
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "")
    return str(parameter.opts[-1]) if parameter.opts else str(parameter.name)


def _misfit(error: Any) -> str:
    choices = _choices(error.param)
    if choices:
        return str(Text(f"应为其中之一：{_listed(choices)}", f"must be one of {_listed(choices)}"))
    if isinstance(error.__cause__, ValidationError):
        return problem_with_value(error.__cause__.errors(include_url=False)[0])
    wrong = next((chinese for english, chinese in _PATHS.items() if english in error.message), "取值不正确")
    return str(Text(wrong, error.message))


def _choices(parameter: Any) -> list[str]:
    asked = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    if isinstance(asked, type) and issubclass(asked, Enum):
        return [str(member.value) for member in asked]
    return [choice for choice in get_args(asked) if isinstance(choice, str)]


def _listed(names: Iterable[str]) -> str:
    return str(Text("、", ", ")).join(names)
