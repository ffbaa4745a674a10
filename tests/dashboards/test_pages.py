"""What the pages say, read back from their HTML."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from contract import AccessPoint, Point, RoomDevice
from contract.daybook import LATE_DAY
from dashboards.board import Names
from dashboards.board.history import read_history
from rules.standards.reading import STANDARDS
from rules.stored.shares import share_point
from store import open_store
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import (
    JUNIOR,
    NAMES,
    NINE_YEAR,
    PRIMARY,
    SILENT,
    UNSAFE,
    district,
    evaluation,
    live,
    reading,
    room,
    verdict,
)
from tests.dashboards.parsed import Element, parse
from tests.rules.build import BINHAI
from tests.servers import influxd


def overview(board: RunningBoard) -> Element:
    return parse(board.get("/").text)


def schools(board: RunningBoard, query: str = "") -> Element:
    return parse(board.get(f"/schools{query}").text)


def now(board: RunningBoard) -> Element:
    return parse(board.get("/now").text)


def school(board: RunningBoard, code: str) -> Element:
    return parse(board.get(f"/school/{code}").text)


def cells(row: Element) -> dict[str, str]:
    return {cell.attributes["data-label"]: cell.text for cell in row.all("td")}


def test_every_school_of_the_registry_has_its_row_what_is_wrong_first(board: RunningBoard) -> None:
    matrix = schools(board).one("section", id="schools")
    shown = [body.attributes["data-school"] for body in matrix.all("tbody")]
    assert shown == [JUNIOR, NINE_YEAR, SILENT, PRIMARY]


def test_a_section_shows_declared_beside_observed_with_threshold_verdict_and_reason(
    board: RunningBoard,
) -> None:
    row = schools(board).one("tbody", data_school=JUNIOR).one("tr")
    assert cells(row) == {
        "学段": "初中",
        "申报": "10 间",
        "观测": "9 间 −1",
        "每百人": "2.499",
        "标准": "≥ 2.4",
        "判定": "达标 临界 near the threshold",
        "无线网络": "未覆盖 R03 not covered",
        "房间": "1 / 2",
    }


def test_a_nine_year_school_has_one_row_a_section_primary_first(board: RunningBoard) -> None:
    rows = schools(board).one("tbody", data_school=NINE_YEAR).all("tr")
    assert [(cells(row)["学段"], cells(row)["判定"].split()[0]) for row in rows] == [
        ("小学", "未达标"),
        ("初中", "未判定"),
    ]


def test_a_school_without_an_evaluation_is_undetermined_and_says_why(board: RunningBoard) -> None:
    row = cells(schools(board).one("tbody", data_school=SILENT).one("tr"))
    expected = "未判定 尚未评估"
    assert (row["判定"], row["无线网络"], row["申报"]) == (expected, expected, "—")


def test_the_headline_counts_schools_and_sections_against_their_targets(board: RunningBoard) -> None:
    targets = overview(board).one("section", id="targets").all("article")
    figures = [target.one("p", class_="figure").text for target in targets]
    assert figures == [
        "1 / 3 所学校全覆盖 33.33 %",
        "1 / 2 个小学学段达标 50.00 %",
        "1 / 2 个初中学段达标 50.00 %",
    ]


def test_the_balance_of_a_target_is_shown_with_its_limit(board: RunningBoard) -> None:
    primary = overview(board).one("section", id="targets").all("article")[1]
    basis = primary.one("p", class_="basis").text
    assert basis == "标准 ≥ 2.3 差异系数 0.116 ≤ 0.50 均衡"


def test_the_page_says_when_and_by_which_standard_was_evaluated(board: RunningBoard) -> None:
    facts = overview(board).one("section", id="evaluated").one("dl")
    assert [item.text for item in facts.all("dd")][1:] == ["2026-10-14", BINHAI.title]
    assert facts.one("time").text.endswith("秒前")


def test_gateways_tell_online_from_silent_from_never_heard(board: RunningBoard) -> None:
    table = now(board).one("section", id="gateways")
    rows = {row.attributes["data-gateway"]: cells(row) for row in table.one("tbody").all("tr")}
    assert {key: (row["状态"], row["待传"], row["丢弃"]) for key, row in rows.items()} == {
        f"{NINE_YEAR}/gw1": ("失联", "0", "0"),
        f"{SILENT}/": ("从未上报", "—", "—"),
        f"{PRIMARY}/gw1": ("在线", "0", "0"),
        f"{JUNIOR}/gw1": ("在线", "7", "3"),
    }
    assert (rows[f"{JUNIOR}/gw1"]["AP 在线"], rows[f"{JUNIOR}/gw1"]["设备应答"]) == ("1 / 3 未知 1", "1 / 2")


@pytest.mark.parametrize("path", ["/schools", f"/school/{NINE_YEAR}"])
def test_text_from_the_store_and_the_registry_is_escaped(board: RunningBoard, path: str) -> None:
    html = board.get(path).text
    assert UNSAFE not in html
    assert "<学校>" not in html
    assert UNSAFE in parse(html).text


def test_rooms_are_tiles_with_points_weakest_signal_and_availability(board: RunningBoard) -> None:
    tiles = school(board, JUNIOR).one("section", id="rooms").one("ul", class_="tiles").all("li")
    assert [tile.attributes["data-room"] for tile in tiles] == ["R03", "R01"]
    assert tiles[0].text == (
        "八年级3班 R03 未覆盖 普通教室 · 62 m² 测点 3 / 4 最弱 −78 dBm AP 在线率 51 % p4 −78 dBm"
    )


def test_an_access_point_that_is_unknown_is_not_called_down(board: RunningBoard) -> None:
    rows = school(board, JUNIOR).one("section", id="aps").one("tbody").all("tr")
    assert [(row.attributes["data-ap"], cells(row)["状态"]) for row in rows] == [
        ("A3", "离线"),
        ("A4", "未知"),
        ("A1", "在线"),
    ]


def test_a_radio_with_an_idle_channel_shows_zero_not_a_gap(board: RunningBoard) -> None:
    row = school(board, JUNIOR).one("section", id="aps").one("tr", data_ap="A1")
    assert cells(row)["射频：信道与利用率"] == "5 GHz 信道 44 · 0 %"


def test_a_projector_that_does_not_answer_is_unknown_not_off(board: RunningBoard) -> None:
    row = cells(school(board, JUNIOR).one("section", id="devices").one("tr", data_device="PJ3"))
    assert (row["连通"], row["电源"], row["灯时"]) == ("无应答", "未知", "—")


def test_a_collector_that_was_cut_short_says_so(board: RunningBoard) -> None:
    row = cells(school(board, JUNIOR).one("section", id="collectors").one("tbody").one("tr"))
    assert row["结果"] == "不完整 2 of 3 rows"


def test_a_school_that_nobody_knows_is_not_found(board: RunningBoard) -> None:
    answer = board.get("/school/%3Cb%3E")
    heading = parse(answer.text).one("main", id="main").one("h1").text
    assert (answer.status, heading) == (404, "没有这个页面或学校")


def test_the_fragment_holds_the_same_sections_without_the_page_around_them(board: RunningBoard) -> None:
    fragment = parse(board.get("/?fragment=1").text)
    assert fragment.all("html") == []
    assert [item.attributes["id"] for item in fragment.all("section")] == [
        item.attributes["id"] for item in overview(board).all("section")
    ]


def test_every_header_cell_of_every_table_says_its_scope(board: RunningBoard) -> None:
    for page in (overview(board), schools(board), now(board), school(board, JUNIOR)):
        heads = [cell for table in page.all("table") for cell in table.all("th")]
        assert heads
        assert [cell.text for cell in heads if "scope" not in cell.attributes] == []


def test_the_api_has_the_figures_of_the_page(board: RunningBoard) -> None:
    def told(what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(board.get(f"/api/v1/{what}").text)["data"]
        return found

    (district,) = told("districts")
    (junior,) = told(f"schools?school={JUNIOR}")
    observed = [row["observed"] for row in told(f"indicators?school={JUNIOR}&indicator=L7")]
    wireless = [row["passing"] for row in told("results?indicator=wireless")]
    rooms = [junior[f"rooms_{state}"] for state in ("covered", "uncovered", "undetermined")]
    assert "binhai-2021" == district["standard"]
    assert (["9"], [1], [1, 1, 0]) == (observed, wireless, rooms)


def test_the_charts_hold_the_last_hour_with_zero_as_a_value(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        now_ms = 1_790_000_000_000
        store.write(live(now_ms - 300_000))
        history = read_history(store, JUNIOR, now_ms=now_ms)
    assert ([(0.0,)], [(12.0,)], (1,)) == (
        [line.values for line in history.utilisation],
        [line.values for line in history.clients],
        history.devices_on[0].values,
    )


def test_no_device_is_drawn_as_off_that_did_not_answer(tmp_path: Path) -> None:
    """Asked and silent, it may be on."""
    now_ms = 1_790_000_000_000
    silent, off = (
        reading(JUNIOR, RoomDevice(time=moment, device="PJ3", type="projector", room="R03", **said))
        for moment, said in (
            (now_ms - 600_000, {"reachable": False}),
            (now_ms - 1_200_000, {"reachable": True, "power": "off"}),
        )
    )
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.prepare()
        store.write([silent, off])
        (line,) = read_history(store, JUNIOR, now_ms=now_ms).devices_on
    window_ms = (now_ms - 1_200_000) // 120_000 * 120_000
    assert ((window_ms,), (0,)) == (line.times_ms, line.values)


def test_a_school_that_left_the_evaluation_and_the_registry_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with running_board(url, names=Names()) as board:
        board.store.write([verdict("2112000009", "primary", "L7", "fail", board.now_ms - 60_000)])
        board.store.write([verdict(PRIMARY, "primary", "L7", "pass", board.now_ms - 1000)])
        told = json.loads(board.get("/api/v1/schools").text)["data"]
    assert [row["school"] for row in told] == [PRIMARY]


def test_an_old_evaluation_is_shown_with_a_warning(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with running_board(url) as board:
        board.store.write(evaluation(board.now_ms - 5 * 86_400_000))
        section = overview(board).one("section", id="evaluated")
    assert "评估已陈旧" in section.one("p", class_="notice").text
    assert section.one("time").text == "5 天前"


def test_a_target_without_any_verdict_shows_no_zero(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(
            [
                verdict(PRIMARY, "primary", "L7", "undetermined", board.now_ms, reason="no reading yet"),
                district("primary", "L7", (0, 0, 1), board.now_ms, rate="0.00"),
            ]
        )
        figure = overview(board).one("section", id="targets").all("p", class_="figure")[1]
    assert figure.text == "— / 1 个小学学段达标"


def test_an_empty_store_says_that_nothing_has_been_evaluated(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        page = overview(board)
    assert "尚未评估" in page.one("section", id="evaluated").text
    assert [item.one("strong").text for item in page.all("p", class_="figure")] == ["—", "—", "—"]


def test_without_the_store_the_last_figures_stay_and_health_says_why(tmp_path: Path) -> None:
    server = influxd(tmp_path / "influxd")
    server.start()
    try:
        with running_board(f"influxdb://127.0.0.1:{server.port}/board") as board:
            board.store.write([*evaluation(board.now_ms), *live(board.now_ms)])
            before = schools(board)
            healthy = board.get("/healthz")
            server.kill()
            deadline = time.monotonic() + 30
            while (health := board.get("/healthz")).status == 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            after = schools(board)
    finally:
        server.stop()
    assert (healthy.status, healthy.text) == (200, "ok\n")
    assert health.status == 503
    assert "数据库暂时不可用" in after.one("section", id="evaluated").text
    assert after.one("section", id="schools").text == before.one("section", id="schools").text
    assert NAMES.school(PRIMARY).name in after.text


def test_the_board_counts_its_answers_for_prometheus(board: RunningBoard) -> None:
    board.get("/school/nobody")
    assert 'campus_board_responses_total{page="error",status="404"}' in board.get("/metrics").text


def test_the_foot_names_the_standard_that_was_applied_by_its_own_title_and_source(
    board: RunningBoard, tmp_path: Path
) -> None:
    foot = parse(board.get("/").text).one("footer").text
    assert f"依据：{BINHAI.source}" in foot  # which begins with its title
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as other:
        other.store.write([verdict(PRIMARY, "primary", "L7", "pass", other.now_ms, standard="our-own")])
        page = parse(other.get("/").text)
    assert "our-own" in page.one("main", id="main").all("p", class_="notice")[0].text
    assert "依据" not in page.one("footer").text


def test_rooms_are_found_by_what_is_counted_and_not_by_a_code(tmp_path: Path) -> None:
    """A standard of the bureau's own that gives the rooms' code to equipment, and calls the rooms B1."""
    text = (STANDARDS / "binhai-2021.toml").read_text(encoding="utf-8")
    own = tmp_path / "our-own.toml"
    own.write_text(
        text.replace('name = "binhai-2021"', 'name = "our-own"')
        .replace('"L7"', '"B1"')
        .replace('"L6"', '"L7"')
        .replace("每百名学生拥有网络多媒体教室数", "百生教室数"),
        encoding="utf-8",
    )
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", standard=own) as board:
        answers = {"L7": "fail", "B1": "pass"}
        board.store.write(
            [
                verdict(PRIMARY, "primary", code, answer, board.now_ms, standard="our-own")
                for code, answer in answers.items()
            ]
        )
        row, matrix = (parse(board.get(path).text) for path in ("/schools", "/indicators"))
        first = overview(board)
    assert cells(row.one("tbody", data_school=PRIMARY).one("tr"))["判定"] == "达标"
    assert first.one("section", id="targets").all("h3")[1].text == "百生教室数 · 小学"
    assert "B1 多媒体教室" in matrix.one("section", id="sections").one("thead").text


def test_a_school_says_which_readings_came_too_late_to_be_counted(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    late = [
        Point(LATE_DAY, ("120116", PRIMARY), 1_632_700_000_000 + exact, (f"2021-10-0{exact + 1}", 37, exact))
        for exact in (0, 1)
    ]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write([*late, district("school", "wireless", (0, 0, 1), now, rate="0.00")])
        pages = {code: school(board, code) for code in (PRIMARY, JUNIOR)}
    assert [
        "2021-10-02：37 条读数在当日部分读数到期之后才到，未计入；原汇总保留",
        "2021-10-01：至多 37 条读数在当日部分读数到期之后才到，未计入；原汇总保留",
    ] == [line.text for line in pages[PRIMARY].one("ul", class_="late").all("li")]
    assert [] == list(pages[JUNIOR].all("ul", class_="late"))


def test_the_board_says_which_share_of_the_work_is_away(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    points = [
        district("school", "wireless", (0, 0, 1), now, rate="0.00"),
        verdict(PRIMARY, "school", "wireless", "undetermined", now, reason="no survey"),
        share_point("1/3", 300, now),
        share_point("2/3", 300, now - 3_600_000),
    ]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(points)
        told = {
            path: [line.text for line in parse(board.get(path).text).all("p")]
            for path in ("/", "/now", "/indicators", "/schools", f"/school/{PRIMARY}")
        }
    for lines in told.values():
        (second, third) = (line for line in lines if line.startswith("评估进程"))
        assert "评估进程 2/3 没有运行：最近一轮 " in second
        assert "评估进程 3/3 没有运行：七天内没有记录；它负责的学校和区县没有更新。" == third


def test_where_nothing_was_observed_no_page_shows_a_zero(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    points = [
        verdict(PRIMARY, "school", "wireless", "undetermined", now, reason="no survey"),
        verdict(PRIMARY, "primary", "overall", "undetermined", now, reason="nothing is known"),
        district("school", "wireless", (0, 0, 1), now, rate="0.00"),
        district("primary", "overall", (0, 0, 1), now, rate="0.00"),
        district("school", "G4", (0, 0, 1), now, rate="0.00"),
        *(room(PRIMARY, name, "undetermined", now, points=0, points_covered=0) for name in ("R1", "R2")),
        reading(PRIMARY, AccessPoint(time=now, ap="A1", room="R1", state="unknown")),
    ]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(points)
        pages = {
            path: parse(board.get(path).text)
            for path in ("/", "/now", "/schools", "/indicators", f"/school/{PRIMARY}")
        }
    texts = [page.one("main", id="main").text for page in pages.values()]
    assert [[]] * 5 == [re.findall(r"\b0(?:\.00)? ?%|\b0 / ", text) for text in texts]
    assert cells(pages["/schools"].one("tbody", data_school=PRIMARY).one("tr"))["房间"] == "— / 2 未判定 2"
    assert "已覆盖 — / 2 · 未判定 2" in pages[f"/school/{PRIMARY}"].text
    assert "— / 1 所达标" in pages["/indicators"].text
    full = [
        rect.attributes["width"]
        for page in pages.values()
        for rect in (*page.all("rect", class_="pass"), *page.all("rect", class_="fail"))
    ]
    assert {"0.0"} >= set(full)


def test_a_page_that_is_not_there_says_nothing_about_a_connection(board: RunningBoard) -> None:
    page = parse(board.get("/nowhere").text)
    assert page.all("p", id="link") == []
