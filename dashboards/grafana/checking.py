"""What a Grafana was seen to need, looked at in finished files; each rule says what to mend."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dashboards.grafana.influxql import lead_of
from dashboards.grafana.model import DATA_SOURCE, SCHEMA_VERSION, WIDTH
from runtime.language import Text

JSON = Mapping[str, Any]

MOST_UID = 40
# Everything else that a current Grafana ships is drawn by React as well; these are what is used here.
_PANELS = {"row", "stat", "timeseries", "table", "state-timeline"}
_ANGULAR = {
    "graph",
    "singlestat",
    "table-old",
    "grafana-piechart-panel",
    "grafana-worldmap-panel",
    "heatmap-old",
}
_TIMES = ("Time", "time")
_BARE = re.compile(r"\$(?!timeFilter\b|__interval\b)\w+|\[\[\w+\]\]|\$\{\w+\}")
_NAMED = re.compile(r"\$\{(\w+)[:}]")
_OWN = {"__data", "__url_time_range", "__to"}
_REGEX = re.compile(r"=~\s*/((?:[^/\\]|\\.)*)/")
_GROUPS = re.compile(r"GROUP BY ([^()]*?(?:time\([^)]*\))?[^()]*)$")
_TAG = re.compile(r'"(\w+)"')


def page_problems(page: JSON) -> Iterator[Text]:
    """Everything that is wrong with one dashboard."""
    yield from _head(page)
    panels = list(_panels(page))
    yield from _numbers(panels)
    yield from _overlaps(page)
    variables = {variable.get("name", "") for variable in page.get("templating", {}).get("list", ())}
    for variable in page.get("templating", {}).get("list", ()):
        yield from _variable(variable)
    for panel in panels:
        name = panel.get("title") or panel.get("id")
        for problem in _panel(panel, variables):
            yield Text(f"“{name}”：{problem.zh}", f"{name!r}: {problem.en}")


def folder_problems(pages: Mapping[str, JSON]) -> Iterator[tuple[str, Text]]:
    """What is wrong between pages, as (file, problem): a uid or a title twice."""
    for key in ("uid", "title"):
        seen: dict[str, str] = {}
        for file, page in pages.items():
            value = str(page.get(key, ""))
            if value and value in seen:
                yield (
                    file,
                    Text(f"{key} {value} 在 {seen[value]} 中已有", f"{key} {value} is also in {seen[value]}"),
                )
            seen.setdefault(value, file)


def _head(page: JSON) -> Iterator[Text]:
    uid = page.get("uid")
    if not uid or len(uid) > MOST_UID or not re.fullmatch(r"[A-Za-z0-9_-]+", uid):
        yield Text(
            f"uid 应为 1 至 {MOST_UID} 个字母、数字、- 或 _", f"uid must be 1 to {MOST_UID} of a-z, 0-9, -, _"
        )
    if not page.get("title"):
        yield Text("没有 title，Grafana 会跳过它", "without a title Grafana skips it")
    if page.get("schemaVersion") != SCHEMA_VERSION:
        yield Text(f"schemaVersion 应为 {SCHEMA_VERSION}", f"schemaVersion must be {SCHEMA_VERSION}")
    if page.get("id") is not None:
        yield Text("不应有 id，它属于某一台 Grafana", "it must have no id: that belongs to one Grafana")


def _numbers(panels: Iterable[JSON]) -> Iterator[Text]:
    for number, times in Counter(panel.get("id") for panel in panels).items():
        if not number or times > 1:
            yield Text(f"面板 id {number} 缺失或重复", f"panel id {number} is missing or not the only one")


def _overlaps(page: JSON) -> Iterator[Text]:
    """Panels of a folded row stand in a place of their own."""
    groups = [page.get("panels", ()), *(panel.get("panels") or () for panel in page.get("panels", ()))]
    for group in groups:
        taken: dict[tuple[int, int], str] = {}
        for panel in group:
            place = panel.get("gridPos") or {}
            x, y, w, h = (place.get(key, -1) for key in ("x", "y", "w", "h"))
            if min(x, y) < 0 or min(w, h) < 1 or x + w > WIDTH:
                yield Text(
                    f"“{panel.get('title')}”没有可用的位置", f"{panel.get('title')!r} has no usable place"
                )
                continue
            cells = [(column, line) for column in range(x, x + w) for line in range(y, y + h)]
            over = next((taken[cell] for cell in cells if cell in taken), None)
            if over is not None:
                yield Text(
                    f"“{panel.get('title')}”与“{over}”重叠", f"{panel.get('title')!r} lies over {over!r}"
                )
            taken.update(dict.fromkeys(cells, str(panel.get("title"))))


def _variable(variable: JSON) -> Iterator[Text]:
    name, kind, query = variable.get("name"), variable.get("type"), str(variable.get("query", ""))
    if kind == "query" and variable.get("datasource") != DATA_SOURCE:
        yield Text(f"变量 {name} 应以 uid 指定数据源", f"variable {name} must name the data source by uid")
    if kind == "custom" and not variable.get("options"):
        yield Text(
            f"变量 {name} 没有 options，网址中的值会显示为代码", f"variable {name} has no options filled in"
        )
    if query.upper().startswith("SHOW TAG VALUES") and " FROM " not in query.upper():
        yield Text(f"变量 {name}：SHOW TAG VALUES 缺少 FROM", f"variable {name}: SHOW TAG VALUES needs FROM")
    yield from _query(query, f"{name}")


def _query(query: str, name: str) -> Iterator[Text]:
    for regex in _REGEX.findall(query):
        if bare := _BARE.search(regex):
            yield Text(
                f"{name}：正则中应写 ${{变量:regex}}，而不是 {bare[0]}",
                f"{name}: in a regular expression write ${{name:regex}}, not {bare[0]}",
            )


def _panel(panel: JSON, variables: set[str]) -> Iterator[Text]:
    kind = str(panel.get("type"))
    if kind in _ANGULAR or kind not in _PANELS:
        yield Text(f"面板类型 {kind} 不可用", f"panel type {kind} is not to be used")
    if kind == "row":
        return
    if not panel.get("title"):
        yield Text("没有标题", "has no title")
    if not panel.get("description"):
        yield Text("没有说明", "has no description")
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if not defaults.get("unit"):
        yield Text("没有单位", "has no unit")
    if str(defaults.get("noValue", "")) == "0":
        yield Text(
            "noValue 不能是 0：查询失败会显示为 0", "noValue must not be 0: a query that fails would show it"
        )
    if panel.get("datasource") != DATA_SOURCE:
        yield Text("应以 uid 指定数据源", "must name the data source by uid")
    for target in panel.get("targets", ()):
        yield from _target(target, kind, variables)
        lead = lead_of(str(target.get("query", "")))
        if lead != (panel.get("timeShift") or ""):
            yield Text(
                f"查询比所选时间早开始 {lead or '0'}，timeShift 应与之相同",
                f"a query begins {lead or '0'} before the span: timeShift must be the same",
            )
    if kind == "table":
        yield from _table(panel)


def _target(target: JSON, kind: str, variables: set[str]) -> Iterator[Text]:
    name, query = f"查询 {target.get('refId')}", str(target.get("query", ""))
    if target.get("datasource") != DATA_SOURCE:
        yield Text(
            f"{name} 应以 uid 指定数据源", f"target {target.get('refId')} must name the data source by uid"
        )
    if not query or target.get("rawQuery") is not True or not target.get("refId"):
        yield Text(f"{name} 需要 refId、query 和 rawQuery", "a target needs refId, query and rawQuery")
    yield from _query(query, name)
    unknown = {variable for variable in _NAMED.findall(query) if variable not in variables | _OWN}
    if unknown:
        yield Text(
            f"{name} 用到没有的变量 {unknown}", f"a target uses variables that are not there: {unknown}"
        )
    if kind == "stat" and _tags(query):
        yield Text(
            f"{name}：标签列中的数字会被当作数值显示",
            "a stat must have no tag columns: digits would be shown",
        )


def _tags(query: str) -> set[str]:
    """The tags that a query's outermost GROUP BY makes columns of."""
    found = _GROUPS.search(re.sub(r"\s+(ORDER BY|LIMIT|fill\(|tz\().*$", "", query))
    return set(_TAG.findall(found[1])) if found else set()


def _table(panel: JSON) -> Iterator[Text]:
    overrides = {
        override["matcher"]["options"]: {item["id"]: item["value"] for item in override["properties"]}
        for override in panel["fieldConfig"].get("overrides", ())
        if override["matcher"]["id"] == "byName"
    }
    for field in _TIMES:
        shown = overrides.get(field, {})
        if not shown.get("custom.hidden") and not shown.get("displayName"):
            yield Text(f"时间列 {field} 没有隐藏", f"the time column {field} is not hidden")
    for target in panel.get("targets", ()):
        for tag in sorted(_tags(str(target.get("query", "")))):
            if overrides.get(tag, {}).get("unit") != "string":
                yield Text(
                    f"标签列 {tag} 应为文本（unit: string）", f"tag column {tag} must have unit: string"
                )


def _panels(page: JSON) -> Iterator[JSON]:
    for panel in page.get("panels", ()):
        yield panel
        yield from panel.get("panels") or ()


def read_page(file: Path) -> JSON | Text:
    """A dashboard from a file, or why it cannot be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Text(f"无法读取：{error}", f"cannot read it: {error}")
    return found if isinstance(found, dict) else Text("不是一个面板文件", "it is no dashboard")
