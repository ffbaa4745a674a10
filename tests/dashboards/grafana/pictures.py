"""Pictures of the pages, drawn from the answers to their own queries.

`python -m tests.dashboards.grafana.pictures docs/pictures` makes them.

No Grafana runs here. What is drawn is what one would be given: its columns, units, words, colours and places,
on the simulated term. They show what a page says, not how Grafana looks.
"""

import html
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.collectors import ledger, survey
from store import open_store
from tests.dashboards.grafana.asking import CASES, PAGES, chosen_on, span_of
from tests.dashboards.grafana.grafana import Database, in_order, put_in
from tests.dashboards.grafana.term import Term
from tests.servers import influxd, program, running

_COLUMN, _LINE, _GAP = 60, 34, 8
_COLOURS = {
    "green": "#37872d",
    "red": "#c4162a",
    "yellow": "#e0b400",
    "orange": "#fa6400",
    "blue": "#1f60c4",
}
_PALETTE = ("#37872d", "#e0b400", "#1f60c4", "#fa6400", "#c4162a", "#8f3bb8", "#3274d9", "#56a64b")
_STYLE = """
body { margin: 0; font: 13px 'Noto Sans CJK SC', sans-serif; background: #f4f5f5; color: #24292e; }
.panel { position: absolute; background: #fff; border: 1px solid #d8d9da; overflow: hidden; }
.panel h2 { font-size: 13px; margin: 5px 8px 2px; font-weight: 600; }
.row { position: absolute; font-size: 15px; font-weight: 600; padding: 6px 4px; }
table { border-collapse: collapse; width: 100%; font-size: 12px; }
td, th { padding: 3px 8px; text-align: left; white-space: nowrap; border-bottom: 1px solid #eee; }
td { max-width: 420px; overflow: hidden; text-overflow: ellipsis; }
.stat { display: flex; justify-content: space-around; align-items: center; height: 75%; }
.stat div { text-align: center; flex: 1; margin: 4px; padding: 8px 0; border-radius: 3px; }
.stat b { font-size: 28px; display: block; }
.empty { color: #999; text-align: center; padding-top: 18px; }
.legend { font-size: 11px; padding: 0 8px; }
.legend span { margin-right: 10px; }
"""
_INK = "#24292e"
Series = list[dict[str, Any]]


def main(folder: Path) -> None:
    """Fill a store, draw every page, and take its picture with a browser."""
    ledger.SETTLE_S = survey.SETTLE_S = 0.0
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, running(influxd(Path(scratch) / "influx")) as server:
        with open_store(f"influxdb://127.0.0.1:{server.port}/term") as store:
            store.prepare()
            term = Term(Path(scratch), store)
            term.fill()
        database = Database(f"http://127.0.0.1:{server.port}", "term")
        for uid, page in PAGES.items():
            drawn, height = draw(page, term, database)
            file = Path(scratch) / f"{uid}.html"
            file.write_text(drawn, encoding="utf-8")
            take(file, folder / f"{uid}.png", height)


def take(page: Path, picture: Path, height: int) -> None:
    command = [
        program("chromium"),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={24 * _COLUMN + 2 * _GAP},{height}",
        f"--screenshot={picture}",
        page.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def draw(page: Mapping[str, Any], term: Term, database: Database) -> tuple[str, int]:
    """A page as HTML, and how high it is."""
    parts = [f"<meta charset=utf-8><style>{_STYLE}</style>"]
    bottom = 0
    chosen = chosen_on(page, CASES["all"])
    for panel in page["panels"]:
        place = panel["gridPos"]
        box = (
            f"left:{place['x'] * _COLUMN + _GAP}px;top:{place['y'] * _LINE + _GAP}px;"
            f"width:{place['w'] * _COLUMN - _GAP}px;height:{place['h'] * _LINE - _GAP}px"
        )
        bottom = max(bottom, place["y"] + place["h"])
        title = html.escape(panel["title"].replace("${school:text} · ", "").replace("${room:text}", ""))
        if panel["type"] == "row":
            parts.append(f'<div class=row style="{box}">▾ {title}</div>')
            continue
        answers = list(_answers(panel, page, chosen, term, database))
        inside = _KINDS[panel["type"]](panel, answers) if any(answers) else _nothing()
        parts.append(f'<div class=panel style="{box}"><h2>{title}</h2>{inside}</div>')
    return "".join(parts), bottom * _LINE + 3 * _GAP


def _answers(
    panel: Mapping[str, Any],
    page: Mapping[str, Any],
    chosen: Mapping[str, Sequence[str]],
    term: Term,
    database: Database,
) -> Iterator[Series]:
    found = span_of(panel, term)
    step = max(600, (found.until_ms - found.since_ms) // 1000 // 300)
    span = replace(found, step_s=step)
    for target in panel["targets"]:
        yield database.ask(put_in(target["query"], chosen, page["templating"]["list"], span))


def _nothing() -> str:
    return "<p class=empty>—</p>"


def _stat(panel: Mapping[str, Any], answers: list[Series]) -> str:
    defaults, own = panel["fieldConfig"]["defaults"], _own(panel)
    (series,) = answers[0]
    cells = []
    for name, value in zip(series["columns"][1:], series["values"][-1][1:], strict=True):
        text, colour = _shown(value, defaults | own.get(name, {}))
        filled = panel["options"]["colorMode"] == "background"
        look = f"background:{colour};color:#fff" if filled else f"color:{colour}"
        label = name if len(series["columns"]) > 2 else ""
        cells.append(f'<div style="{look}"><b>{text}</b>{html.escape(label)}</div>')
    return f"<div class=stat>{''.join(cells)}</div>"


def _own(panel: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each column has of its own."""
    return {
        one["matcher"]["options"]: {item["id"]: item["value"] for item in one["properties"]}
        for one in panel["fieldConfig"]["overrides"]
    }


def _matrix(panel: Mapping[str, Any], answers: list[Series]) -> str:
    looks, options = _own(panel), panel["transformations"][-1]["options"]
    down, across = options["rowField"], options["columnField"]
    cells: dict[str, dict[str, Any]] = {}
    for series in in_order(panel, answers[0]):
        row = dict(zip(series["columns"], series["values"][-1], strict=True))
        cells.setdefault(series["tags"][down], {})[series["tags"][across]] = row[options["valueField"]]
    names = list(dict.fromkeys(name for row in cells.values() for name in row))
    titles = [looks[f"{down}\\{across}"]["displayName"], *(looks[name]["displayName"] for name in names)]
    head = "".join(f"<th>{html.escape(title)}</th>" for title in titles)
    lines = (
        "".join(
            (
                f"<tr><td>{html.escape(key)}</td>",
                *(_scaled(row.get(name), looks[name]) for name in names),
                "</tr>",
            )
        )
        for key, row in cells.items()
    )
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _scaled(value: float | None, look: Mapping[str, Any]) -> str:
    """A cell between two colours, as far as its value is between its ends."""
    if value is None:
        return "<td></td>"
    share = (value - look.get("min", 0)) / max(1e-9, look.get("max", 100) - look.get("min", 0))
    green = share if look["color"]["mode"] == "continuous-RdYlGr" else 1 - share
    hue = max(0.0, min(1.0, green)) * 120
    return f'<td style="background:hsl({hue:.0f} 55% 45%);color:#fff">{value:.0f}</td>'


def _table(panel: Mapping[str, Any], answers: list[Series]) -> str:
    if panel["transformations"][-1]["id"] == "groupingToMatrix":
        return _matrix(panel, answers)
    looks = _own(panel)
    rows = [
        {**series.get("tags", {}), **dict(zip(series["columns"], row, strict=True))}
        for series in answers[0]
        for row in series["values"]
    ]
    shown = [
        name for name in rows[0] if name in looks and not looks[name].get("custom.hidden") and name != "time"
    ]
    places = panel["transformations"][0]["options"]["indexByName"]
    order = sorted(shown, key=places.__getitem__)
    for sort in panel["options"]["sortBy"]:
        key = next((one for one in order if looks[one].get("displayName") == sort["displayName"]), order[0])
        rows.sort(key=lambda row: (row[key] is None, str(row[key])), reverse=False)
        if sort["desc"]:
            rows.sort(key=lambda row: -(row[key] or 0) if isinstance(row[key], int | float) else 0)
    head = "".join(f"<th>{html.escape(str(looks[name]['displayName']))}</th>" for name in order)
    body = "".join(f"<tr>{''.join(_cell(row[name], looks[name]) for name in order)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any, look: Mapping[str, Any]) -> str:
    text, colour = _shown(value, look)
    mode = look.get("custom.displayMode")
    if value is None:
        return "<td></td>"
    if mode == "color-background-solid":
        return f'<td style="background:{colour};color:#fff">{text}</td>'
    if mode == "gradient-gauge":
        low, high = look.get("min", 0), look.get("max", 100)
        share = max(0.0, min(1.0, (value - low) / (high - low)))
        bar = (
            f"background:{colour};width:{share * 90:.0f}px;height:10px;display:inline-block;margin-right:6px"
        )
        return f'<td><span style="{bar}"></span>{text}</td>'
    return f'<td style="color:{colour}">{text}</td>' if mode == "color-text" else f"<td>{text}</td>"


def _lines(panel: Mapping[str, Any], answers: list[Series]) -> str:
    defaults, place = panel["fieldConfig"]["defaults"], panel["gridPos"]
    width, height = place["w"] * _COLUMN - 70, place["h"] * _LINE - 78
    drawn = [
        (target["alias"], series)
        for target, answer in zip(panel["targets"], answers, strict=True)
        for series in answer
    ]
    points = [row for _, series in drawn for row in series["values"] if row[1] is not None]
    if not points:
        return _nothing()
    times = [row[0] for row in points]
    limits = [step["value"] for step in defaults["thresholds"]["steps"] if step["value"] is not None]
    if defaults["custom"]["thresholdsStyle"]["mode"] == "off":
        limits = []
    values = [row[1] for row in points] + limits
    low, high = defaults.get("min", min(values)), defaults.get("max", max(values))
    low, high = min([low, *values]), max([high, *values, low + 1e-9])

    def at(moment: float, value: float) -> str:
        x = (moment - min(times)) / max(1, max(times) - min(times)) * width
        return f"{x + 50:.1f},{height - (value - low) / (high - low) * height + 6:.1f}"

    shapes = []
    for number, (_, series) in enumerate(drawn):
        colour = _PALETTE[number % len(_PALETTE)]
        path = " ".join(at(*row[:2]) for row in series["values"] if row[1] is not None)
        if defaults["custom"]["drawStyle"] == "bars":
            for row in series["values"]:
                x, y = at(*row[:2]).split(",")
                if row[1]:
                    tall = height + 6 - float(y)
                    shapes.append(f'<rect x="{x}" y="{y}" width="4" height="{tall:.1f}" fill="{colour}"/>')
        else:
            shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    for limit in limits:
        (x1, y), (x2, _) = (at(moment, limit).split(",") for moment in (min(times), max(times)))
        shapes.append(
            f'<line x1="{x1}" x2="{x2}" y1="{y}" y2="{y}" stroke="#c4162a" stroke-dasharray="5 4"/>'
        )
    marks = "".join(
        f'<text x="2" y="{height - share * height + 10:.0f}" font-size="10">'
        f"{_shown(low + share * (high - low), defaults)[0]}</text>"
        for share in (0, 0.5, 1)
    )
    colours = [_PALETTE[number % len(_PALETTE)] for number in range(len(drawn))]
    names = "".join(
        f'<span style="color:{colour}">▬ {html.escape(_alias(alias, series))}</span>'
        for colour, (alias, series) in zip(colours, drawn, strict=True)
    )
    return (
        f'<svg width="100%" height="{height + 12}">{marks}{"".join(shapes)}</svg><p class=legend>{names}</p>'
    )


def _alias(alias: str, series: Mapping[str, Any]) -> str:
    for tag, value in series.get("tags", {}).items():
        alias = alias.replace(f"[[tag_{tag}]]", value)
    return alias


def _spans(panel: Mapping[str, Any], answers: list[Series]) -> str:
    width, defaults = panel["gridPos"]["w"] * _COLUMN - 260, panel["fieldConfig"]["defaults"]
    found = []
    for series in answers[0]:
        rows = series["values"]
        first, last = rows[0][0], rows[-1][0]
        each = f'width="{width / len(rows) + 1:.1f}" height="20"'
        places = [(row[0] - first) / max(1, last - first) * width + 220 for row in rows]
        boxes = "".join(
            f'<rect x="{x:.1f}" {each} fill="{_shown(row[1], defaults)[1]}"/>'
            for x, row in zip(places, rows, strict=True)
        )
        name = html.escape(_alias(panel["targets"][0]["alias"], series))
        found.append(
            f'<svg width="100%" height="24"><text x="8" y="15" font-size="12">{name}</text>{boxes}</svg>'
        )
    return "".join(found)


def _shown(value: Any, look: Mapping[str, Any]) -> tuple[str, str]:
    """Text and colour of a value, as Grafana's field options say."""
    options: dict[str, Any] = next(
        (one["options"] for one in look.get("mappings") or () if one["type"] == "value"), {}
    )
    key = str(value).lower() if isinstance(value, bool) else str(value)
    if key in options:
        return html.escape(options[key]["text"]), _colour(options[key].get("color", _INK))
    if value is None:
        return "—", "#999"
    colour = _INK
    if isinstance(value, int | float):
        for step in look.get("thresholds", {}).get("steps", ()):
            if step["value"] is None or value >= step["value"]:
                colour = _colour(step["color"])
    return html.escape(_text(value, str(look.get("unit", "")), look.get("decimals"))), colour


def _text(value: Any, unit: str, decimals: int | None) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "percentunit":
        value, unit = value * 100, "percent"
    digits = decimals if decimals is not None else (0 if float(value).is_integer() else 2)
    if unit == "locale":
        return f"{value:,.{digits}f}"
    if unit == "dateTimeFromNow":
        return f"{datetime.fromtimestamp(value / 1000, UTC):%m-%d %H:%M} UTC"
    if unit == "dtdurations":
        return f"{int(value) // 60} min" if value >= 60 else f"{int(value)} s"
    suffix = {"percent": "%", "string": "", "none": ""}.get(unit, f" {unit.removeprefix('suffix:').strip()}")
    return f"{value:.{digits}f}{suffix}"


def _colour(name: str) -> str:
    return _COLOURS.get(name, name)


_KINDS = {"stat": _stat, "table": _table, "timeseries": _lines, "state-timeline": _spans}

if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
