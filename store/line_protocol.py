"""Line protocol: a point as InfluxDB and its relatives take it, with times in milliseconds."""

import re
from collections.abc import Callable

from contract import ColumnType, Measurement, Point, Value
from store.quick_lines import Recipes, Texts

_LIMIT = 2**63
_MOST_KEYS = 100_000
_IN_MEASUREMENT = re.compile(r"([, ])")
_IN_KEY = re.compile(r"([,= ])")
# What a tag may have that is not written as it is, or not at all.
_ODD = re.compile(r"[,= \n\r\\]")
_IN_TEXT = re.compile(r'(["\\])')
_LINE_BREAK = re.compile(r"[\n\r]")
# InfluxDB's limit for one text field.
_LONGEST_TEXT = 64 * 1024


class Unwritable(ValueError):
    """The point cannot be written as line protocol; the text names the tag or field."""


def encode_line(point: Point) -> str:
    """One line without its line break; raises Unwritable.

    Tags that are "" and fields that are None are left out.
    """
    measurement, tags, time, fields = point
    table = _tables.get(measurement.name)
    if table is None or table.measurement is not measurement:
        table = _tables[measurement.name] = _Table(measurement)
    recipe = table.recipes[tuple(map(type, fields))]
    try:
        text = recipe(fields) if recipe else None
    except ValueError:
        text = None
    key = table.keys.get(tags) or table.key(tags)
    return f"{key} {text or plain_fields(measurement, fields)} {time}"


def plain_fields(measurement: Measurement, fields: tuple[Value | None, ...]) -> str:
    """The fields of a line, each looked at by itself; raises Unwritable."""
    parts = []
    for column, value in zip(measurement.fields, fields, strict=True):
        if value is None:
            continue
        try:
            parts.append(f"{_escape_key(column.name)}={_BY_TYPE[column.type](value)}")
        except (TypeError, ValueError, OverflowError) as error:
            raise Unwritable(f"field {column.name}: {error}") from error
    if not parts:
        raise Unwritable("no field has a value")
    return ",".join(parts)


class _Table:
    """What is remembered of a table: how its lines are put together, and the keys of its series."""

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self.recipes = Recipes(measurement, _KNOWN)
        self.keys: dict[tuple[str, ...], str] = {}

    def key(self, tags: tuple[str, ...]) -> str:
        """A series seen for the first time: the same devices report again and again. Raises Unwritable."""
        if len(self.keys) >= _MOST_KEYS:
            self.keys.clear()
        found = self.keys[tags] = _series_key(self.measurement, tags)
        return found


_tables: dict[str, _Table] = {}


def _series_key(measurement: Measurement, tags: tuple[str, ...]) -> str:
    if len(tags) != len(measurement.tags):
        raise Unwritable(f"{measurement.name} has {len(measurement.tags)} tags, got {len(tags)}")
    parts = [_IN_MEASUREMENT.sub(r"\\\1", measurement.name)]
    named = zip(measurement.tag_names, tags, strict=True)
    if not _ODD.search("".join((*measurement.tag_names, *tags))):
        return ",".join([*parts, *[f"{name}={value}" for name, value in named if value]])
    for name, value in named:
        if not value:
            continue
        if _LINE_BREAK.search(value) or value.endswith("\\"):
            raise Unwritable(f"tag {name}: {value!r} has a line break or ends in a backslash")
        parts.append(f"{_escape_key(name)}={_escape_key(value)}")
    return ",".join(parts)


def _escape_key(text: str) -> str:
    return _IN_KEY.sub(r"\\\1", text)


def _integer(value: Value) -> str:
    if type(value) is not int or not -_LIMIT <= value < _LIMIT:
        raise TypeError(f"is an integer of 64 bits, got {value!r}")
    return f"{value}i"


def _float(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"is a number, got {value!r}")
    if value - value != 0:
        raise ValueError(f"must be finite, got {value!r}")
    return repr(float(value))


def _boolean(value: Value) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"is true or false, got {value!r}")
    return "true" if value else "false"


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError(f"is text, got {value!r}")
    if len(value.encode()) > _LONGEST_TEXT:
        raise ValueError(f"has more than {_LONGEST_TEXT} bytes")
    return '"' + _IN_TEXT.sub(r"\\\1", value) + '"'


def _bounded(value: Value) -> str:
    try:
        return _integer(value)
    except TypeError as error:
        raise ValueError(error) from error


_KNOWN = {"integers": Texts(_bounded), "texts": Texts(_text)}
_BY_TYPE: dict[ColumnType, Callable[[Value], str]] = {
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "text": _text,
}
