"""Use by lesson and weekday: counts of the day book; what is not known is neither used nor unused."""

from collections.abc import Iterator

import pytest

from contract import Point
from contract.daybook import DAY_FACTS
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, evaluation, point
from tests.dashboards.parsed import Element, parse

DAY_MS = 86_400_000


def lesson(
    board: RunningBoard,
    slot: str,
    used: int | None,
    *,
    school: str = JUNIOR,
    room: str = "R03",
    weekday: int = 1,
    days: int = 1,
    kind: str = "projector",
    lesson: int = 1,
) -> Point:
    tags = (DISTRICT, school, room, f"P-{room}", kind, str(weekday), slot)
    known: dict[str, int] = {} if used is None else {"used": used}
    begin = board.now_ms - days * DAY_MS + int(slot) * 3_600_000
    return point(
        DAY_FACTS["lesson_day"],
        tags,
        begin,
        lesson=lesson,
        due_min=45 * lesson,
        known_min=0 if used is None else 45,
        on_min=45 * (used or 0),
        known=0 if used is None else 1,
        faults=0,
        **known,
    )


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    with running_board(f"sqlite:///{tmp_path_factory.mktemp('lessons') / 'store.sqlite'}") as board:
        board.store.write(
            [
                *evaluation(board.now_ms),
                *(lesson(board, "2", used, days=days) for days, used in ((2, 1), (9, 1), (16, 0))),
                lesson(board, "10", None, days=2),
                lesson(board, "2", 0, days=3, weekday=7, lesson=0),
                lesson(board, "2", 1, days=2, kind="plug", room="R09"),
                lesson(board, "2", 1, days=200),
                *(lesson(board, "1", 0, school=PRIMARY, room="R01", days=days) for days in (2, 9)),
                point(
                    DAY_FACTS["device_day"],
                    (DISTRICT, JUNIOR, "R03", "P-R03", "projector", "1"),
                    board.now_ms - 2 * DAY_MS,
                    polls=10,
                    answered=10,
                    working=10,
                    faulty=0,
                    fault=0,
                    on_min=90,
                    outside_min=600,
                    retired=0,
                ),
            ]
        )
        yield board


def heat(page: Element) -> dict[str, list[str]]:
    """The cells of each lesson, in the order of the page."""
    rows = page.one("section", id="lessons").all("table")[0].one("tbody").all("tr")
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}


def places(page: Element) -> dict[str, list[str]]:
    rows = page.one("section", id="places").one("tbody").all("tr")
    return {row.attributes["data-place"]: [cell.text for cell in row.all("td")] for row in rows}


def test_a_cell_is_the_share_of_known_lessons_and_unknown_is_a_dash(board: RunningBoard) -> None:
    page = parse(board.get(f"/lessons?school={JUNIOR}&days=28").text)
    assert heat(page) == {
        "2": ["67 %", "67 %"],
        "10": ["— 不知道", "— 不知道"],
        "全天": ["67 %", "67 %"],
    }


def test_a_district_names_the_rooms_that_no_known_lesson_used(board: RunningBoard) -> None:
    found = places(parse(board.get("/lessons").text))
    assert list(found) == [PRIMARY, JUNIOR]
    assert (found[PRIMARY][0], found[PRIMARY][1], found[PRIMARY][-1]) == ("0.0 %", "2/2", "1 R01")
    assert found[JUNIOR] == ["66.7 %", "3/4", "1.5 小时", "10.0 小时", "0"]


def test_a_year_has_what_a_month_has_not(board: RunningBoard) -> None:
    month, year = (heat(parse(board.get(f"/lessons?school={JUNIOR}&days={d}").text)) for d in (28, 366))
    assert (month["2"][0], year["2"][0]) == ("67 %", "75 %")


def test_a_room_has_its_own_page_and_leads_back_to_its_school(board: RunningBoard) -> None:
    page = parse(board.get(f"/lessons?school={JUNIOR}&room=R03").text)
    links = [link.attributes["href"] for link in page.all("a")]
    assert ("2" in heat(page), f"/school/{JUNIOR}" in links) == (True, True)
    assert ([], 1) == (page.all("section", id="places"), len(page.all("table")))


@pytest.mark.parametrize("query", ["school=0000000000", f"school={JUNIOR}&room=none", "room=R03"])
def test_a_place_that_is_not_there_is_not_found(board: RunningBoard, query: str) -> None:
    assert board.get(f"/lessons?{query}").status == 404
