"""How much displays are used: rates with what they rest on, and the rooms that nobody uses by name."""

from collections.abc import Iterator

import pytest

from contract import Point
from rules.stored.states import ROOM_STATE
from rules.stored.tables import UTILISATION
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, NAMES, PRIMARY, evaluation, point
from tests.dashboards.parsed import Element, parse


def rate(school: str, code: str, time: int, value: str | None, completeness: str, **more: str) -> Point:
    fields = {"value": value or "", "completeness": completeness, "as_of": "2026-10-14", **more}
    if value is None:
        del fields["value"]
    return point(UTILISATION, (DISTRICT, school, code), time, enough=value is not None, **fields)


def room(school: str, number: str, time: int, known: int, used: int, unused: int | None) -> Point:
    figures = {"lessons_due": 160, "lessons_known": known, "lessons_used": used}
    if unused is not None:
        figures["unused"] = unused
    return point(ROOM_STATE, (DISTRICT, school, number), time, **figures)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    with running_board(f"sqlite:///{tmp_path_factory.mktemp('use') / 'store.sqlite'}") as board:
        now = board.now_ms
        board.store.write(
            [
                *evaluation(now),
                rate(PRIMARY, "U1", now, "0.7405", "0.9950"),
                rate(PRIMARY, "U5", now, "0.9", "0.9950"),
                rate(JUNIOR, "U1", now, None, "0.4000", reason="too little"),
                rate(JUNIOR, "U4", now, "0.5", "1.0000", verdict="fail"),
                room(JUNIOR, "R03", now, 150, 0, 1),
                room(JUNIOR, "R01", now, 150, 60, 0),
                room(JUNIOR, "R04", now, 0, 0, None),
            ]
        )
        yield board


def cells(row: Element) -> dict[str, str]:
    return {cell.attributes["data-label"]: cell.text for cell in row.all("td")}


def test_rates_stand_with_their_completeness_and_too_little_data_is_no_rate(used: RunningBoard) -> None:
    rows = parse(used.get("/use").text).one("section", id="use").one("tbody").all("tr")
    assert [JUNIOR, PRIMARY] == [row.attributes["data-school"] for row in rows]
    junior, primary = map(cells, rows)
    assert ("74.05 % 完整率 99.5%", "0.9 完整率 99.5%", "—") == (
        primary["课时使用率"],
        primary["生均使用课时"],
        primary["闲置率"],
    )
    assert ("— 数据不足，完整率 40.0%", "50 % 完整率 100.0%") == (
        junior["课时使用率"],
        junior["设备完好率"],
    )
    assert ("1 八年级3班 R03", "—") == (junior["闲置教室"], primary["闲置教室"])


def test_an_unused_room_is_found_by_its_name(used: RunningBoard) -> None:
    page = parse(used.get("/use?q=R03").text)
    rows = page.one("section", id="use").one("tbody").all("tr")
    assert [JUNIOR] == [row.attributes["data-school"] for row in rows]


def test_a_schools_page_has_its_rooms_the_unused_first_and_the_unknown_last(used: RunningBoard) -> None:
    section = parse(used.get(f"/school/{JUNIOR}").text).one("section", id="use")
    rows = section.one("table", class_="use-rooms").one("tbody").all("tr")
    assert [("R03", "未使用"), ("R01", "有使用"), ("R04", "数据不足")] == [
        (row.attributes["data-room"], cells(row)["结论"]) for row in rows
    ]
    assert ["0 0.0%", "60 40.0%", "—"] == [cells(row)["使用课时"] for row in rows]


def test_a_schools_page_leads_with_what_is_wrong_and_with_links_to_its_parts(used: RunningBoard) -> None:
    page = parse(used.get(f"/school/{JUNIOR}").text)
    sections = [section.attributes["id"] for section in page.all("section")]
    wrong = {item.attributes["data-trouble"] for item in page.one("ul", class_="wrong").all("li")}
    links = [link.attributes["href"] or "" for link in page.one("nav", class_="jumps").all("a")]
    jumps = {link[1:] for link in links if link.startswith("#")}
    assert (sections[1], {"rooms", "idle", "gateways"}) == ("troubles", wrong)
    assert (True, len(jumps) + 2) == (jumps <= set(sections), len(links))
    quiet = parse(used.get(f"/school/{PRIMARY}").text).one("section", id="troubles").text
    assert NAMES.school(PRIMARY).name not in quiet
