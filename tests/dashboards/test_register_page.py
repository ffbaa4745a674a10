"""What fires now and what is still open, on the board."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract import Point
from dashboards.board.names import read_names
from registry import read_registry
from registry.calendar import Calendar
from rules.alerts.machine import AlertStanding
from rules.alerts.recording import change_point
from rules.alerts.rules_file import load_alert_rules
from rules.answers.recording import points
from rules.judging.evaluate import evaluate
from rules.stored.tables import ALERT_ROUND
from tests.dashboards.browser import browser
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, PRIMARY, evaluation, point
from tests.dashboards.parsed import Element, parse
from tests.rules.build import BINHAI
from tests.rules.commands import SMALL
from tests.rules.test_register import primary_school

RULES = {rule.name: rule for rule in load_alert_rules().alerts}
HOUR = 3_600_000


def evaluated(now_ms: int, days_ago: int, rooms: int) -> list[Point]:
    """An evaluation some days ago that found so many multimedia rooms, for 302 pupils."""
    known = primary_school(rooms)
    moment = now_ms - days_ago * 24 * HOUR
    return points(evaluate(known, BINHAI, None, known.calendar.day_of(moment)), moment)


def alert(now_ms: int, name: str, subject: str, status: str, **more: Any) -> Point:
    standing = AlertStanding(status=status, since_ms=now_ms - 2 * HOUR, changed_ms=now_ms, **more)  # type: ignore[arg-type]  # one of its statuses
    return change_point((DISTRICT, PRIMARY, name, subject), standing, now_ms, RULES[name])


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    """A school that lacked three rooms, then one, and has a measure that is overdue."""
    folder = tmp_path_factory.mktemp("register")
    registry = Path(shutil.copytree(SMALL, folder / "registry"))
    with running_board(f"sqlite:///{folder / 'store.sqlite'}", names=read_names(registry)) as running:
        overdue = today(running) - timedelta(days=1)
        (registry / "measures.csv").write_text(
            "学校标识码,学段,指标,措施,责任单位,期限\n"
            f"2112000001,小学,L7,<b>新增三间</b>,区财政局,{overdue}\n",
            encoding="utf-8",
        )
        running.store.write([*evaluated(running.now_ms, 2, 4), *evaluated(running.now_ms, 1, 6)])
        running.store.write(
            [
                point(ALERT_ROUND, ("watch",), running.now_ms, judged=5),
                alert(running.now_ms, "access-point-down", "AP1", "firing", room="R101"),
                alert(
                    running.now_ms - 48 * HOUR,
                    "access-point-down",
                    "AP2",
                    "firing",
                    silent_since_ms=running.now_ms,
                ),
                alert(running.now_ms, "gateway-silent", "gw1", "firing"),
                alert(running.now_ms, "projector-fault", "P1", "pending"),
            ]
        )
    # Names follow the registry's files; a board that starts now reads the measures with them.
    with running_board(f"sqlite:///{folder / 'store.sqlite'}", names=read_names(registry)) as running:
        yield running


def today(board: RunningBoard) -> date:
    calendar: Calendar = read_registry(SMALL).calendar
    return calendar.day_of(board.now_ms)


def cells(row: Element) -> dict[str, str]:
    return {cell.attributes["data-label"]: cell.text for cell in row.all("td")}


def test_what_fires_stands_worst_first_and_grouped(board: RunningBoard) -> None:
    rows = parse(board.get("/now").text).one("section", id="alerts").one("tbody").all("tr")
    shown = {row.attributes["data-alert"]: cells(row) for row in rows}
    assert [f"{PRIMARY}/gateway-silent", f"{PRIMARY}/access-point-down"] == list(shown)
    assert {
        "级别": "警告",
        "告警": "无线接入点离线",
        "对象": "2 一年一班 R101 AP1、AP2（无消息）",
        "始于": "2 天前",
    } == shown[f"{PRIMARY}/access-point-down"]


def test_without_any_round_the_page_does_not_claim_that_all_is_well(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as empty:
        empty.store.write(evaluation(empty.now_ms))
        never = parse(empty.get("/now").text).one("section", id="alerts").text
        register = parse(empty.get("/shortfalls").text).one("section", id="register-state").text
    with running_board(f"sqlite:///{tmp_path / 'other.sqlite'}") as old:
        old.store.write([point(ALERT_ROUND, ("watch",), old.now_ms - 2 * HOUR, judged=0)])
        stale = parse(old.get("/now").text).one("section", id="alerts").text
    assert "尚未判定告警" in never
    assert "当前没有告警" not in never
    assert ("告警已停止判定" in stale, "没有登记表" in register) == (True, True)


def test_the_register_shows_state_gap_owner_deadline_and_history(board: RunningBoard) -> None:
    page = parse(board.get("/shortfalls").text)
    row = page.one("tr", data_item=f"{PRIMARY}/primary/L7")
    shown = cells(row)
    history = shown.pop("经过")
    assert {
        "指标": "每百名学生拥有网络多媒体教室数 L7",
        "状态": "整改中",
        "现值": "1.987",
        "目标": "≥ 2.3",
        "差距": "1 间",
        "责任单位、措施": "区财政局 <b>新增三间</b>",
    } == {name: text for name, text in shown.items() if name != "期限"}
    assert shown["期限"].endswith("逾期")
    assert history.index("整改中") < history.index("未启动")


def test_the_register_counts_its_items_by_state(board: RunningBoard) -> None:
    counts = parse(board.get("/shortfalls").text).one("ul", class_="legend register-counts").all("li")
    assert {
        "open": "0",
        "in_progress": "1",
        "awaiting": "0",
        "closed": "0",
        "reopened": "0",
        "overdue": "1",
    } == {item.attributes["data-state"]: item.one("b").text for item in counts}


def test_the_fragment_of_the_register_holds_the_same_sections(board: RunningBoard) -> None:
    fragment, page = (parse(board.get(path).text) for path in ("/shortfalls?fragment=1", "/shortfalls"))
    assert fragment.all("html") == []
    assert [one.attributes["id"] for one in page.all("section")] == [
        one.attributes["id"] for one in fragment.all("section")
    ]


def test_the_api_has_the_alerts_with_their_times(board: RunningBoard) -> None:
    alerts = json.loads(board.get("/api/v1/alerts").text)["data"]
    assert {("gateway-silent", True), ("access-point-down", True)} == {
        (line["alert"], line["since"].endswith("Z")) for line in alerts
    }


def test_the_register_fits_phone_and_wall_and_loads_nothing_from_elsewhere(
    board: RunningBoard, tmp_path: Path
) -> None:
    found = []
    with browser(tmp_path) as page:
        for width in (400, 1400):
            page.call(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=900,
                deviceScaleFactor=1,
                mobile=width < 500,
            )
            page.open(f"{board.url}/shortfalls")
            hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found.append((page.errors, hosts, wide))
    assert [([], {urlsplit(board.url).netloc}, False)] * 2 == found


def test_a_schools_page_says_since_when_how_much_is_short_whose_it_is_and_until_when(
    board: RunningBoard,
) -> None:
    board.get("/shortfalls")  # the register is read; a school's page does not wait for that
    page = parse(board.get(f"/school/{PRIMARY}").text)
    row = page.one("tr", data_indicator="L7/primary")
    (line,) = row.all("p", class_="reason due")
    begun, due = (today(board) - timedelta(days=days) for days in (2, 1))
    expected = f"{begun} 起未达标 · 整改中 · 差 1 间 · 区财政局 · 限期 {due} 逾期"
    assert expected == " ".join(line.text.split())
