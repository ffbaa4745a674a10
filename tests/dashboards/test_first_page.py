"""The first page: what is wrong now and whose it is, in one screen; and long lists in pages."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from contract import utc_text
from dashboards.board.figures import Troubles
from dashboards.board.listing import PAGE_ROWS, listed
from rules.stored.states import ROOM_STATE
from runtime.language import Text
from tests.dashboards.browser import browser
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import (
    DISTRICT,
    JUNIOR,
    NAMES,
    NINE_YEAR,
    PRIMARY,
    SILENT,
    gateway,
    point,
    verdict,
)
from tests.dashboards.parsed import Element, parse

HOUR = 3_600_000


def panels(page: Element) -> dict[str, Element]:
    found = page.one("section", id="troubles").all("article")
    return {panel.attributes["data-trouble"]: panel for panel in found}


def head(panel: Element) -> str:
    return panel.one("p", class_="head").text


def lines(panel: Element) -> list[str]:
    return [item.text for item in panel.all("li")]


def look(panel: Element) -> str:
    return panel.attributes["class"].split()[-1]


def test_what_is_wrong_now_is_told_with_school_room_and_device(board: RunningBoard) -> None:
    found = panels(parse(board.get("/").text))
    junior, nine = NAMES.school(JUNIOR).name, NAMES.school(NINE_YEAR).name
    assert ("2 个异常 / 4 从未上报 1", "fail") == (head(found["gateways"]), look(found["gateways"]))
    assert [f"{nine} 失联", f"{junior} 丢弃 3 条", f"{NAMES.school(SILENT).name} 从未上报"] == lines(
        found["gateways"]
    )
    assert ("1 间未覆盖 / 4 未知 1", [f"{junior} 八年级3班 R03"]) == (
        head(found["rooms"]),
        lines(found["rooms"]),
    )
    assert ("1 个离线 / 3 未知 1", [f"{junior} 八年级3班 R03"]) == (head(found["aps"]), lines(found["aps"]))
    assert ("1 台异常 / 2", [f"{junior} 八年级3班 R03 无应答"]) == (
        head(found["displays"]),
        lines(found["displays"]),
    )


def test_the_list_behind_a_panel_names_the_device_beside_its_room(board: RunningBoard) -> None:
    page = parse(board.get("/now").text)
    assert "八年级3班 R03 · AP-3" in page.one("section", id="aps").text
    assert "八年级3班 R03 · PJ3 无应答" in page.one("section", id="displays").text


def test_where_nothing_is_known_nothing_is_said_to_be_well(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as empty:
        found = panels(parse(empty.get("/").text))
    assert dict.fromkeys(found, ("undetermined", "—")) == {
        kind: (look(panel), panel.one("strong").text) for kind, panel in found.items()
    }


def test_a_room_that_no_lesson_used_is_idle_and_one_of_which_too_little_is_known_is_not(
    tmp_path: Path,
) -> None:
    def room_state(room: str, now_ms: int, unused: int | None) -> object:
        return point(ROOM_STATE, (DISTRICT, JUNIOR, room), now_ms, lessons_due=40, unused=unused)  # type: ignore[arg-type]

    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        states = {"R03": 1, "R04": 0, "R05": None}
        board.store.write([room_state(room, board.now_ms, unused) for room, unused in states.items()])  # type: ignore[misc]
        idle = panels(parse(board.get("/").text))["idle"]
    assert ("1 间未使用 / 3 未知 1", [f"{NAMES.school(JUNIOR).name} 八年级3班 R03"]) == (
        head(idle),
        lines(idle),
    )


@pytest.mark.parametrize(
    ("offset_ms", "said"),
    [(None, "正常"), (200_000, "正常"), (3 * 24 * HOUR, "时钟偏差 3 天"), (-400_000, "时钟偏差 6 分钟")],
)
def test_a_gateway_whose_clock_is_off_says_by_how_much(
    offset_ms: int | None, said: str, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        told = gateway(PRIMARY, board.now_ms)
        fields = list(told.fields)
        fields[told.measurement.field_names.index("clock_offset_ms")] = offset_ms
        board.store.write([told._replace(fields=tuple(fields))])
        found = lines(panels(parse(board.get("/").text))["gateways"])
        now = parse(board.get("/now").text).one("tr", data_gateway=f"{PRIMARY}/gw1").text
        school = parse(board.get(f"/school/{PRIMARY}").text).one("ul", class_="gateway-line").text
    assert {said != "正常"} == {"时钟偏差" in now, "时钟偏差" in school}
    name = NAMES.school(PRIMARY).name
    assert ([f"{name} {said}"] if said != "正常" else []) == [line for line in found if name in line]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"spool_max_bytes": 200_000_000, "spool_room_bytes": 42_000_000}, None),
        ({"spool_max_bytes": 200_000_000, "spool_room_bytes": 40_000_000}, "缓存余量不足（80%）"),
        ({"certificate_until": 21, "certificate_renews": -9}, None),
        ({"certificate_until": 20, "certificate_renews": -10}, "证书 20 天内到期"),
        ({"certificate_until": 2, "certificate_renews": 1}, None),  # one of a few days is renewed in time
        ({"certificate_until": 0, "certificate_renews": -30}, "证书已到期"),
    ],
)
def test_a_spool_nearly_full_and_a_certificate_that_ends_are_told_wherever_its_gateway_is(
    told: dict[str, int], said: str | None, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        row = gateway(PRIMARY, board.now_ms)
        fields = dict(zip(row.measurement.field_names, row.fields, strict=True))
        for name, value in told.items():
            days = name.startswith("certificate")
            fields[name] = utc_text(board.now_ms + value * 24 * HOUR) if days else value
        board.store.write([row._replace(fields=tuple(fields.values()))])
        places = (
            panels(parse(board.get("/").text))["gateways"].text,
            parse(board.get("/now").text).one("tr", data_gateway=f"{PRIMARY}/gw1").text,
            parse(board.get(f"/school/{PRIMARY}").text).one("ul", class_="gateway-line").text,
        )
    words = ("缓存余量", "证书")
    assert [[said] if said else []] * 3 == [
        [said] if said and said in place else [word for word in words if word in place] for place in places
    ]


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (None, "2 个采集器异常"),
        ("ac1=timeout,projectors=auth", "2 个采集器异常： ac1 超时、 projectors 认证失败"),
        # One of its projectors is off: that is told of the projector.
        ("ac1=timeout,projectors=partial", "1 个采集器异常： ac1 超时"),
        ("beacons=partial,projectors=partial", None),
        ("projectors=partial", "2 个采集器异常"),  # the other one is not named
        ("a=b=auth,<b>=x", "2 个采集器异常： a=b 认证失败、 <b> x"),
    ],
)
def test_collectors_that_fail_are_named_with_how(
    failing: str | None, said: str | None, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        row = gateway(PRIMARY, board.now_ms)
        fields = dict(zip(row.measurement.field_names, row.fields, strict=True))
        fields |= {"collectors_failing": 2, "failing": failing}
        board.store.write([row._replace(fields=tuple(fields.values()))])
        found = lines(panels(parse(board.get("/").text))["gateways"])
        now = parse(board.get("/now").text).one("tr", data_gateway=f"{PRIMARY}/gw1").text
    name = NAMES.school(PRIMARY).name
    assert ([f"{name} {said}"] if said else []) == [line for line in found if name in line]
    assert all(part.split("=")[0] in now for part in (failing or "").split(",") if part)


@pytest.mark.parametrize(
    ("bad", "unknown", "total", "look"),
    [
        (1, 0, 3, "fail"),
        (1, 2, 3, "fail"),
        (0, 0, 3, "pass"),
        (0, 1, 3, "undetermined"),
        (0, 0, 0, "undetermined"),
    ],
)
def test_nothing_is_said_to_be_well_of_which_a_part_is_not_known(
    bad: int, unknown: int, total: int, look: str
) -> None:
    assert look == Troubles(kind="aps", bad=bad, unknown=unknown, total=total, lines=()).look


def test_the_district_stands_by_who_answers_for_its_schools(board: RunningBoard) -> None:
    page = parse(board.get("/").text)
    rows = page.one("section", id="units").one("tbody").all("tr")
    shown = {row.attributes["data-unit"]: [cell.text for cell in row.all("td")] for row in rows}
    assert {
        "区教体局": ["3", "1 / 3 1 未覆盖 1 未判定", "1 / 2 1 未达标", "1 / 2 1 未判定", "1"],
        "": ["1", "— / 1 1 未判定", "—", "—", "—"],
    } == shown
    link = rows[0].one("a").attributes["href"]
    schools = parse(board.get(link).text).one("section", id="schools").all("tbody")
    assert {PRIMARY, JUNIOR, NINE_YEAR} == {body.attributes["data-school"] for body in schools}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_page_needs_no_scrolling_on_a_common_screen(
    board: RunningBoard, language: str, tmp_path: Path
) -> None:
    with browser(tmp_path) as page:
        page.call(
            "Emulation.setDeviceMetricsOverride", width=1440, height=900, deviceScaleFactor=1, mobile=False
        )
        page.open(f"{board.url}/?lang={language}")
        assert page.evaluate("document.documentElement.scrollHeight") <= 900


@given(st.lists(st.text(alphabet="ab ", max_size=4), max_size=120), st.text(alphabet="ab ", max_size=3))
def test_the_pages_of_a_list_hold_every_row_that_is_asked_for_once(rows: list[str], words: str) -> None:
    def turned(number: int) -> list[str]:
        return list(listed(rows, QueryParams(q=words, page=str(number)), str).rows)

    pages = listed(rows, QueryParams(q=words), str).pages
    wanted = [row for row in rows if all(word in row for word in words.split())]
    assert wanted == [row for number in range(1, pages + 1) for row in turned(number)]
    assert turned(pages + 1) == turned(pages)


def test_a_district_of_many_schools_comes_in_pages_and_each_school_is_found(tmp_path: Path) -> None:
    codes = [f"21120{number:05}" for number in range(PAGE_ROWS + 7)]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write([verdict(code, "primary", "L7", "fail", board.now_ms) for code in codes])
        first = parse(board.get("/schools").text)
        second = parse(board.get("/schools" + first.one("a", rel="next").attributes["href"]).text)
        found = parse(board.get(f"/schools?q={codes[-1]}").text)
        nothing = board.get("/schools?q=nowhere&page=99999999999").text
    shown = [
        [body.attributes["data-school"] for body in page.one("section", id="schools").all("tbody")]
        for page in (first, second, found)
    ]
    assert {*codes, *NAMES.schools} == {*shown[0], *shown[1]}
    assert [codes[-1]] == shown[2]
    assert "没有符合条件的行" in nothing


def test_what_is_wrong_now_in_many_schools_comes_worst_first_in_pages_and_each_is_found(
    tmp_path: Path,
) -> None:
    codes = [f"21190{number:05}" for number in range(24)]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        told = [gateway(code, board.now_ms) for code in codes]
        late = told[-1].measurement.field_names.index("clock_offset_ms")
        fields = tuple(3 * 24 * HOUR if at == late else value for at, value in enumerate(told[-1].fields))
        board.store.write([*told[:-1], told[-1]._replace(fields=fields)])
        first = parse(board.get("/now").text)
        following = first.one("section", id="gateways").one("a", rel="next").attributes["href"]
        second = parse(board.get(f"/now{following.split('#')[0]}").text)
        found = parse(board.get(f"/now?q={codes[5]}").text)
    shown = [
        [
            str(row.attributes["data-gateway"]).split("/")[0]
            for row in page.one("section", id="gateways").one("tbody").all("tr")
        ]
        for page in (first, second, found)
    ]
    silent = sorted(NAMES.schools)
    assert ([*silent, codes[-1], *codes[:-1]], [codes[5]]) == (shown[0] + shown[1], shown[2])
    counts = {page.one("h2", id="h-gateways").text for page in (first, second, found)}
    assert {f"网关 1 / {len(codes) + len(silent)} 个异常 · 从未上报 {len(silent)}"} == counts


@pytest.mark.parametrize(
    "path",
    [
        "/now?q=x&gateways=9",
        "/indicators?q=未达标",
        "/shortfalls?q=x",
        "/schools?unit=区教体局&q=小学&page=0",
    ],
)
def test_what_is_asked_for_in_the_address_is_answered(board: RunningBoard, path: str) -> None:
    assert board.get(quote(path, safe="/?=&")).status == 200


def test_what_is_to_be_said_above_all_figures_stands_there_while_it_holds(tmp_path: Path) -> None:
    said: list[Text | None] = [Text("送入 <1%>", "coming in: <1%>"), None]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", NAMES, notice=lambda: said[0]) as board:
        pages = [board.get("/"), board.get("/now", language="en"), board.get("/schools?fragment=1")]
        said.pop(0)
        after = board.get("/")
    assert [True, True, True] == [
        text in page.text
        for text, page in zip(
            ("送入 &lt;1%&gt;", "coming in: &lt;1%&gt;", "送入 &lt;1%&gt;"), pages, strict=True
        )
    ]
    assert "送入" not in after.text
