"""What pydantic finds wrong with a value, in the words of whoever wrote the file."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from runtime.language import Text
from runtime.shown import shown

# The type of an error about a value that must not be shown, not even in part.
BARE_SECRET = "bare_secret"  # noqa: S105 the name of an error

_WHOLE_NUMBER = Text("应为整数", "must be a whole number")
_NUMBER = Text("应为数字", "must be a number")
_TEXT = Text("应为文本（加引号）", "must be text, in quotes")
_YES_NO = Text("应为 true 或 false", "must be true or false")
_LIST = Text("应为列表", "must be a list")
_TABLE = Text("应为一组设置", "must be a table of settings")
_DAY = Text("应为日期，如 2026-09-01", "must be a date such as 2026-09-01")
_TIME = Text("应为时间，如 08:00:00", "must be a time such as 08:00:00")
_CHOICE = Text("应为其中之一：{expected}", "must be one of {expected}")

# By pydantic's name of the error; in braces what pydantic tells beside it.
WORDS: Mapping[str, Text] = {
    "missing": Text("必须填写", "must be set"),
    "extra_forbidden": Text("没有此设置项", "no such setting"),
    "int_parsing": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _YES_NO,
    "bool_type": _YES_NO,
    "string_type": _TEXT,
    "path_type": _TEXT,
    "string_too_short": Text("至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "string_too_long": Text("至多 {max_length} 个字符", "must have at most {max_length} characters"),
    "string_pattern_mismatch": Text("应符合 {pattern}", "must match {pattern}"),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "greater_than": Text("应大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": Text("应不小于 {ge}", "must be at least {ge}"),
    "less_than": Text("应小于 {lt}", "must be less than {lt}"),
    "less_than_equal": Text("应不大于 {le}", "must be at most {le}"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": Text("至少 {min_length} 项", "must have at least {min_length} items"),
    "too_long": Text("至多 {max_length} 项", "must have at most {max_length} items"),
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "time_type": _TIME,
    "time_parsing": _TIME,
}
_EMPTY = Text("不能为空", "must not be empty")
_OTHERWISE = "取值不正确"


def problem_text(detail: ErrorDetails) -> str:
    """What is wrong, without the key and without the value."""
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    if detail["input"] == "":
        return str(_EMPTY)
    if detail["type"] == BARE_SECRET:
        return detail["msg"]
    if (words := WORDS.get(detail["type"])) is None:
        return str(Text(_OTHERWISE, detail["msg"]))
    return str(words).format_map({name: _listed(name, value) for name, value in context.items()})


def problem_with_value(detail: ErrorDetails) -> str:
    """The same with the value that was found, where there is one to show."""
    text, given = problem_text(detail), detail["input"]
    if (
        detail["type"] in {"missing", "extra_forbidden", BARE_SECRET}
        or given == ""
        or isinstance(given, dict | list)
    ):
        return text
    return text + str(Text(f"（现为 {shown(given)}）", f" (got {shown(given)})"))


def _listed(name: str, value: Any) -> Any:
    """pydantic joins choices with an English "or"."""
    return str(value).replace(" or ", ", ") if name == "expected" else value
