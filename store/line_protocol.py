"""Line protocol: a point as InfluxDB and its relatives take it, with times in milliseconds."""

import re
from collections.abc import Callable
from functools import lru_cache

from contract import ColumnType, Measurement, Point, Value

_LIMIT = 2**63
_SHORT = 256
_IN_MEASUREMENT = re.compile(r"([, ])")
_IN_KEY = re.compile(r"([,= ])")
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
    parts = []
    for (prefix, kind), value in zip(_prefixes(measurement), fields, strict=True):
        if value is None:
            continue
        # The two kinds that nearly every field has, without a call: this is on the path of every reading.
        if kind == "integer" and type(value) is int and -_LIMIT <= value < _LIMIT:
            parts.append(f"{prefix}{value}i")
        elif kind == "text" and type(value) is str and len(value) < _SHORT and value.isalnum():
            parts.append(f'{prefix}"{value}"')
        else:
            try:
                parts.append(prefix + _BY_TYPE[kind](value))
            except (TypeError, ValueError) as error:
                raise Unwritable(f"field {prefix[:-1]}: {error}") from error
    if not parts:
        raise Unwritable("no field has a value")
    return f"{_series_key(measurement, tags)} {','.join(parts)} {time}"


# The same devices report again and again: their keys are encoded once.
@lru_cache(maxsize=100_000)
def _series_key(measurement: Measurement, tags: tuple[str, ...]) -> str:
    if len(tags) != len(measurement.tags):
        raise Unwritable(f"{measurement.name} has {len(measurement.tags)} tags, got {len(tags)}")
    parts = [_IN_MEASUREMENT.sub(r"\\\1", measurement.name)]
    for name, value in zip(measurement.tag_names, tags, strict=True):
        if not value:
            continue
        if _LINE_BREAK.search(value) or value.endswith("\\"):
            raise Unwritable(f"tag {name}: {value!r} has a line break or ends in a backslash")
        parts.append(f"{_escape_key(name)}={_escape_key(value)}")
    return ",".join(parts)


@lru_cache(maxsize=1_000)
def _prefixes(measurement: Measurement) -> tuple[tuple[str, ColumnType], ...]:
    return tuple((f"{_escape_key(column.name)}=", column.type) for column in measurement.fields)


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


_BY_TYPE: dict[ColumnType, Callable[[Value], str]] = {
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "text": _text,
}
