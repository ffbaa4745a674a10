"""Tables: one row a column says what it is called, its unit, and how a cell looks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dashboards.grafana.influxql import recent as how_recent
from dashboards.grafana.looks import NOTHING, PLAIN
from dashboards.grafana.model import Panel, Target
from runtime.language import Text

JSON = dict[str, Any]
Cell = Literal["text", "colour", "word", "gauge"]

_STRING = "string"
# Grafana 9.4 knows displayMode, from 9.5 on cellOptions: both are written, each reads its own.
_CELLS: dict[Cell, tuple[str, JSON]] = {
    "text": ("auto", {"type": "auto"}),
    "colour": ("color-background-solid", {"type": "color-background", "mode": "basic"}),
    "word": ("color-text", {"type": "color-text"}),
    "gauge": ("gradient-gauge", {"type": "gauge", "mode": "gradient"}),
}
_DEFAULTS: JSON = {
    "unit": "none",
    "color": {"mode": "thresholds"},
    "custom": {
        "align": "auto",
        "displayMode": "auto",
        "cellOptions": {"type": "auto"},
        "filterable": True,
        "inspect": False,
    },
    "thresholds": PLAIN,
    "mappings": [],
    "noValue": NOTHING,
}
# One result path names the column so, the other so.
_TIMES = ("Time", "time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table. Whatever is text has the unit `string`: else 0112000001 turns into 112000001."""

    field: str
    title: str
    unit: str = _STRING
    cell: Cell = "text"
    words: list[JSON] | None = None
    colours: JSON | None = None
    width: int | None = None
    decimals: int | None = None
    span: tuple[float, float] | None = None
    link: str = ""
    link_title: str = ""


def shown_time(title: str) -> tuple[JSON, ...]:
    """The time column as a moment, for tables in which it says something."""
    return tuple(
        _override(
            field, [_set("displayName", title), _set("unit", "dateTimeAsSystem"), _set("custom.width", 180)]
        )
        for field in _TIMES
    )


def table(
    title: str,
    says: Text,
    query: str,
    columns: Iterable[Column],
    *,
    hidden: Iterable[str] = (),
    sort: str = "",
    descending: bool = True,
    width: int = 24,
    height: int = 10,
    empty: Text | None = None,
    recent: str | None = None,
    time: str = "",
) -> Panel:
    """`hidden`: tags that are there for links only. `sort`: title of a column. `time`: its title."""
    shown, unseen = tuple(columns), tuple(hidden)
    return Panel(
        type="table",
        title=title,
        says=says,
        targets=(Target(query, table=True),),
        width=width,
        height=height,
        defaults=_DEFAULTS,
        overrides=(
            *(shown_time(time) if time else (_hide(field) for field in _TIMES)),
            *(_hide(field) for field in unseen),
            *(_override(column.field, _looks(column)) for column in shown),
        ),
        options=_options(sort, descending=descending),
        transformations=(_in_order(shown, unseen, first=_TIMES if time else ()),),
        empty=empty,
        recent=how_recent(query) if recent is None else recent,
    )


_SCALES = {"high": "continuous-RdYlGr", "low": "continuous-GrYlRd"}


def matrix(
    title: str,
    says: Text,
    query: str,
    *,
    down: tuple[str, str],
    across: tuple[str, Mapping[str, str]],
    value: str,
    unit: str,
    span: tuple[float, float] | None,
    good: Literal["high", "low"] = "high",
    width: int = 12,
    height: int = 10,
    empty: Text,
    recent: str = "",
    order: str = "",
) -> Panel:
    """Coloured cells, a row for each value of one tag and a column for each of another.

    order: the column of numbers by which the rows stand; else by the tag, as text.
    down: the tag and what its column is called; across: the tag, and what each of its values is called.
    good: which end of the span is green.
    """
    (rows, heading), (columns, names) = down, across
    cells: list[JSON] = [
        _set("unit", unit),
        _set("decimals", 0),
        _set("color", {"mode": _SCALES[good] if span else "continuous-blues"}),
        _set("custom.displayMode", "color-background-solid"),
        _set("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
        _set("custom.align", "center"),
    ]
    if span:
        cells += [_set("min", span[0]), _set("max", span[1])]
    return Panel(
        type="table",
        title=title,
        says=says,
        targets=(Target(query, table=True),),
        width=width,
        height=height,
        defaults=_DEFAULTS,
        overrides=(
            *(_hide(field) for field in _TIMES),
            *(_override(tag, [_set("unit", _STRING)]) for tag in (rows, columns)),
            # So the transformation calls the column of its rows.
            _override(f"{rows}\\{columns}", [_set("displayName", heading), _set("unit", _STRING)]),
            *(_override(name, [_set("displayName", title), *cells]) for name, title in names.items()),
        ),
        options=_options(),
        transformations=(
            # The rows of a matrix stand as they come.
            *([{"id": "sortBy", "options": {"fields": {}, "sort": [{"field": order}]}}] if order else []),
            {
                "id": "groupingToMatrix",
                "options": {
                    "columnField": columns,
                    "rowField": rows,
                    "valueField": value,
                    "emptyValue": "null",
                },
            },
        ),
        empty=empty,
        recent=recent,
    )


def _options(sort: str = "", *, descending: bool = True) -> JSON:
    return {
        "showHeader": True,
        "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""},
        "sortBy": [{"displayName": sort, "desc": descending}] if sort else [],
    }


def _in_order(columns: tuple[Column, ...], hidden: tuple[str, ...], *, first: tuple[str, ...]) -> JSON:
    """Columns as they are written down: by themselves tags come first, in alphabetical order."""
    names = dict.fromkeys((*first, *(column.field for column in columns), *hidden, *_TIMES))
    order = {name: place for place, name in enumerate(names)}
    return {"id": "organize", "options": {"excludeByName": {}, "indexByName": order, "renameByName": {}}}


def _looks(column: Column) -> list[JSON]:
    mode, options = _CELLS[column.cell]
    found = [
        _set("displayName", column.title),
        _set("unit", column.unit),
        _set("custom.displayMode", mode),
        _set("custom.cellOptions", options),
    ]
    if column.words is not None:
        found.append(_set("mappings", column.words))
    if column.colours is not None:
        found.append(_set("thresholds", column.colours))
    if column.width is not None:
        found.append(_set("custom.width", column.width))
    if column.decimals is not None:
        found.append(_set("decimals", column.decimals))
    if column.span is not None:
        found += [_set("min", column.span[0]), _set("max", column.span[1])]
    if column.link:
        link = {"title": column.link_title or "打开", "url": column.link, "targetBlank": False}
        found.append(_set("links", [link]))
    return found


def _hide(field: str) -> JSON:
    # Hidden columns still feed links, so that their text must stay text.
    unit = [] if field in _TIMES else [_set("unit", _STRING)]
    return _override(field, [_set("custom.hidden", True), *unit])


def _override(field: str, properties: list[JSON]) -> JSON:
    return {"matcher": {"id": "byName", "options": field}, "properties": properties}


def _set(key: str, value: Any) -> JSON:
    return {"id": key, "value": value}
