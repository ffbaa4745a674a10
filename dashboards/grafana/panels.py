"""The kinds of panel that are used, each with the settings that make it readable on a wall."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.grafana.influxql import recent as how_recent
from dashboards.grafana.looks import NOTHING, PLAIN
from dashboards.grafana.model import Panel, Target
from runtime.language import Text

JSON = dict[str, Any]

STAT_WIDTH, STAT_HEIGHT = 4, 4
COUNT = "none"
_HOUR_MS = 3_600_000
# In so long a device is asked at least once: a step without an answer is a gap.
_TOLD = "5m"
_STRING = "string"


def numbers(
    title: str,
    says: Text,
    query: str,
    *,
    unit: str,
    colours: JSON = PLAIN,
    width: int = STAT_WIDTH,
    height: int = STAT_HEIGHT,
    decimals: int | None = None,
    mappings: list[JSON] | None = None,
    text: str = "",
    empty: Text | None = None,
    recent: str | None = None,
    others: Mapping[str, JSON] | None = None,
) -> Panel:
    """Large numbers, one a column of the query. `text`: show this column's text instead of a number.

    others: colours of columns that have their own.
    """
    defaults: JSON = {
        "unit": unit,
        "color": {"mode": "thresholds"},
        "thresholds": colours,
        "mappings": mappings or [],
        "noValue": NOTHING,
    }
    if decimals is not None:
        defaults["decimals"] = decimals
    return Panel(
        type="stat",
        title=title,
        says=says,
        targets=(Target(query, table=True),),
        width=width,
        height=height,
        defaults=defaults,
        overrides=tuple(map(_shaded, (others or {}).items())),
        options={
            "reduceOptions": {
                "calcs": ["lastNotNull"],
                "fields": f"/^{text}$/" if text else "",
                "values": False,
            },
            "orientation": "auto",
            "textMode": "auto",
            "colorMode": "background" if mappings or colours is not PLAIN else "value",
            "graphMode": "none",
            "justifyMode": "center",
        },
        empty=empty,
        recent=how_recent(query) if recent is None else recent,
    )


def _shaded(column: tuple[str, JSON]) -> JSON:
    name, colours = column
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": "thresholds", "value": colours}],
    }


def lines(
    title: str,
    says: Text,
    targets: Iterable[tuple[str, str]],
    *,
    unit: str,
    width: int = 12,
    height: int = 8,
    low: float | None = 0,
    high: float | None = None,
    decimals: int | None = None,
    limit: JSON | None = None,
    bars: bool = False,
    stepped: bool = False,
    empty: Text | None = None,
    repeat: str = "",
    overrides: Iterable[JSON] = (),
    step: str = "",
) -> Panel:
    """Lines over time, (name, query) each; `limit`: steps of which the lines are drawn dashed.

    step: no finer than this, for sums of what is told once a minute: a step that just misses one falls short.
    """
    drawn = tuple(targets)
    custom: JSON = {
        "drawStyle": "bars" if bars else "line",
        "lineInterpolation": "stepAfter" if stepped else "linear",
        "lineWidth": 1 if bars else 2,
        "fillOpacity": 60 if bars else 10,
        "showPoints": "never" if bars else "auto",
        "pointSize": 4,
        "spanNulls": False if bars else _gap_ms(drawn),
        "thresholdsStyle": {"mode": "dashed" if limit else "off"},
    }
    defaults: JSON = {
        "unit": unit,
        "color": {"mode": "palette-classic"},
        "custom": custom,
        "thresholds": limit or PLAIN,
        "mappings": [],
        "noValue": NOTHING,
    }
    for key, value in (("min", low), ("max", high), ("decimals", decimals)):
        if value is not None:
            defaults[key] = value
    return Panel(
        type="timeseries",
        title=title,
        says=says,
        targets=tuple(Target(query, alias=name) for name, query in drawn),
        width=width,
        height=height,
        defaults=defaults,
        overrides=tuple(overrides),
        options={
            "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
        empty=empty,
        repeat=repeat,
        step=step,
    )


def _gap_ms(targets: Iterable[tuple[str, str]]) -> int:
    """How long nothing may be known and the line still goes on: an hour, of a figure a day one day."""
    return 36 * _HOUR_MS if any("time(1d)" in query for _, query in targets) else _HOUR_MS


def states(
    title: str, says: Text, query: str, name: str, mappings: list[JSON], *, height: int = 6, empty: Text
) -> Panel:
    """What something was, over time, as coloured spans. `name` may hold tags, as [[tag_ap]].

    The query fills what is not known with null: a span goes on to the next value, also over silent hours.
    """
    return Panel(
        type="state-timeline",
        title=title,
        says=says,
        targets=(Target(query, alias=name),),
        width=24,
        height=height,
        step=_TOLD,
        defaults={
            "unit": _STRING,
            "color": {"mode": "thresholds"},
            "custom": {"lineWidth": 0, "fillOpacity": 80},
            "thresholds": PLAIN,
            "mappings": mappings,
            "noValue": NOTHING,
        },
        options={
            "mergeValues": True,
            "showValue": "auto",
            "alignValue": "center",
            "rowHeight": 0.9,
            "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        empty=empty,
    )
