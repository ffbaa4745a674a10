"""A dashboard as Grafana 9.4 and later load it: frozen descriptions in, the JSON model out.

Every field that a Grafana was seen to need is set here, so that no dashboard can forget one: the data source
on panel and target, ids, positions that do not overlap, both spellings of the time column hidden.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboards.grafana.influxql import lead_of
from runtime.language import Text

JSON = dict[str, Any]

# Grafana 9.4 writes 37; every later one takes it and migrates it to its own.
SCHEMA_VERSION = 37
PLUGIN_VERSION = "9.4.0"
SOURCE_UID = "campus"
DATA_SOURCE: JSON = {"type": "influxdb", "uid": SOURCE_UID}
WIDTH = 24
TAG = "campus"
_ROW_HEIGHT = 1


@dataclass(frozen=True, slots=True)
class Target:
    """One InfluxQL query. `alias` names its line; a table takes its columns' own names."""

    query: str
    alias: str = ""
    table: bool = False

    def to_json(self, number: int) -> JSON:
        return {
            "refId": chr(ord("A") + number),
            "datasource": DATA_SOURCE,
            "query": self.query,
            "rawQuery": True,
            "resultFormat": "table" if self.table else "time_series",
            "alias": self.alias,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. `empty` says why it may show nothing.

    recent: looks at that span up to now, whatever is chosen, but for two moments, which Grafana keeps.
    repeat: one panel for each chosen value of that variable. step: no finer steps of time than this.
    """

    type: str
    title: str
    says: Text
    targets: tuple[Target, ...]
    width: int = WIDTH
    height: int = 8
    defaults: JSON = field(default_factory=dict)
    overrides: tuple[JSON, ...] = ()
    options: JSON = field(default_factory=dict)
    transformations: tuple[JSON, ...] = ()
    empty: Text | None = None
    recent: str = ""
    repeat: str = ""
    step: str = ""

    def to_json(self, number: int, x: int, y: int) -> JSON:
        found: JSON = {
            "id": number,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "pluginVersion": PLUGIN_VERSION,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "datasource": DATA_SOURCE,
            "targets": [target.to_json(place) for place, target in enumerate(self.targets)],
            "fieldConfig": {"defaults": self.defaults, "overrides": list(self.overrides)},
            "options": self.options,
            "transparent": False,
        }
        if self.transformations:
            found["transformations"] = list(self.transformations)
        if self.recent:
            found["timeFrom"] = self.recent
        if self.lead:
            found |= {"timeShift": self.lead, "hideTimeOverride": True}
        if self.step:
            found["interval"] = self.step
        if self.repeat:
            found |= {"repeat": self.repeat, "repeatDirection": "h", "maxPerRow": WIDTH // self.width}
        return found

    @property
    def lead(self) -> str:
        """How far back the panel is shifted, for what was stored before its span and still stands in it."""
        return next((lead for target in self.targets if (lead := lead_of(target.query))), "")

    @property
    def description(self) -> str:
        """Chinese first, English below; then why it may be empty."""
        parts = [self.says.zh, self.says.en]
        if self.empty is not None:
            parts += [f"可能为空：{self.empty.zh}", f"May be empty: {self.empty.en}"]
        return "\n\n".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Panels under one heading. A folded section asks nothing of the store until someone opens it."""

    title: str
    panels: tuple[Panel, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One page. `span` is what it shows at first, `variables` and `links` are Grafana's own JSON."""

    uid: str
    title: str
    says: Text
    sections: tuple[Section, ...]
    variables: tuple[JSON, ...]
    links: tuple[JSON, ...] = ()
    span: str = "now-24h"
    tags: tuple[str, ...] = (TAG,)

    def to_json(self, timezone: str) -> JSON:
        return {
            "uid": self.uid,
            "title": self.title,
            "description": f"{self.says.zh}\n\n{self.says.en}",
            "tags": list(self.tags),
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "style": "dark",
            "timezone": timezone,
            "time": {"from": self.span, "to": "now"},
            "timepicker": {"refresh_intervals": ["30s", "1m", "5m", "15m", "1h"]},
            "refresh": "1m",
            "weekStart": "monday",
            "fiscalYearStartMonth": 0,
            "liveNow": False,
            "annotations": {"list": []},
            "links": list(self.links),
            "templating": {"list": list(self.variables)},
            "panels": list(_laid_out(self.sections)),
        }

    def panels(self) -> Iterator[Panel]:
        for section in self.sections:
            yield from section.panels


def _laid_out(sections: tuple[Section, ...]) -> Iterator[JSON]:
    """Rows of panels from left to right; one that does not fit begins the next line."""
    number, y = 0, 0
    for section in sections:
        number += 1
        row = _row(section, number, y)
        y += _ROW_HEIGHT
        placed, y_after = _placed(section.panels, number, y)
        number += len(placed)
        if section.folded:
            yield {**row, "panels": placed}
        else:
            yield row
            yield from placed
            y = y_after


def _row(section: Section, number: int, y: int) -> JSON:
    return {
        "id": number,
        "type": "row",
        "title": section.title,
        "collapsed": section.folded,
        "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": _ROW_HEIGHT},
        "panels": [],
    }


def _placed(panels: tuple[Panel, ...], number: int, y: int) -> tuple[list[JSON], int]:
    found: list[JSON] = []
    x = tallest = 0
    for place, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y, tallest = 0, y + tallest, 0
        found.append(panel.to_json(number + place, x, y))
        x, tallest = x + panel.width, max(tallest, panel.height)
    return found, y + tallest


def sized(panel: Panel, width: int, height: int) -> Panel:
    """The same panel in another size."""
    return replace(panel, width=width, height=height)


def merged(*parts: Mapping[str, Any]) -> JSON:
    """Several options as one object; later ones win."""
    found: JSON = {}
    for part in parts:
        found |= part
    return found
