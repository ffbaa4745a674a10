"""Trends: each day as its last evaluation left it, the standard's line, and the end of the last quarter."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from contract import Point
from dashboards.board.daily import DailyRows
from dashboards.board.names import Names, read_names
from dashboards.board.trends import TrendSource, quarter_began
from registry.calendar import Calendar
from rules.stored.tables import DISTRICT_INDICATOR
from store import Store, open_store
from tests.dashboards.conftest import running_board
from tests.dashboards.filling import PRIMARY, district, verdict
from tests.dashboards.parsed import parse
from tests.rules.commands import SMALL

NAMES: Names = read_names(SMALL)
assert NAMES.registry is not None
CALENDAR: Calendar = NAMES.registry.calendar
LAST = date(2026, 10, 20)
ORDER = ("L7", "wireless")


def at(day: date, hour: int = 9) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=CALENDAR.zone).timestamp() * 1000)


def share(
    day: date, rate: float, *, hour: int = 9, counts: tuple[int, int, int] = (1, 1, 0), **more: str
) -> Point:
    fields = {"as_of": day.isoformat(), "rate": f"{rate:.2f}", **more}
    return district("primary", "L7", counts, at(day, hour), rate_number=rate, **fields)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        opened.prepare()
        yield opened


def rates(store: Store, days: int = 30) -> tuple[list[tuple[date, float]], str | None, str | None]:
    page = TrendSource(store).read(NAMES, ORDER, show="rate", days=days, now_ms=at(LAST, 12))
    assert page is not None
    lines = [line for trend in page.trends for line in trend.lines]
    assert len(lines) <= 1
    return (list(lines[0].points), lines[0].now, lines[0].before) if lines else ([], None, None)


def test_a_day_stands_as_its_last_evaluation_left_it_and_trials_are_no_history(store: Store) -> None:
    yesterday = LAST - timedelta(days=1)
    store.write(
        [
            share(yesterday, 40.0, hour=8),
            share(yesterday, 50.0, hour=17),
            share(LAST, 60.0),
            share(LAST, 99.0, hour=10, as_of="2025-01-01"),
        ]
    )
    assert ([(yesterday, 50.0), (LAST, 60.0)], "60.00", None) == rates(store)


def test_the_end_of_the_last_quarter_stands_beside_whatever_span_is_shown(store: Store) -> None:
    store.write([share(date(2026, 9, 28), 30.0), share(date(2026, 10, 2), 35.0), share(LAST, 60.0)])
    assert [("60.00", "30.00")] * 2 == [rates(store, days)[1:] for days in (30, 366)]


def test_where_nothing_has_an_answer_no_share_is_drawn_as_none(store: Store) -> None:
    store.write([share(LAST, 0.0, counts=(0, 0, 2))])
    assert ([], None, None) == rates(store)


def test_a_day_that_is_over_is_asked_for_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    query = store.query
    monkeypatch.setattr(store, "query", lambda asking: asked.append(asking.since or 0) or query(asking))  # type: ignore[func-returns-value]  # append gives None on purpose
    rows = DailyRows(store, DISTRICT_INDICATOR, ("rate_number",))
    store.write([share(LAST - timedelta(days=number), 50.0) for number in range(10)])
    first = list(rows.read(CALENDAR, LAST - timedelta(days=9), LAST))
    looked = len(asked)
    assert first == list(rows.read(CALENDAR, LAST - timedelta(days=9), LAST))
    # Two questions a day: when it was evaluated last, and what stood then.
    assert (10, 20, 4) == (len(first), looked, len(asked) - looked)


@pytest.mark.parametrize(
    ("day", "began"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 10, 1)),
    ],
)
def test_a_quarter_begins_with_its_first_month(day: date, began: date) -> None:
    assert began == quarter_began(day)


def test_the_page_shows_district_and_school_with_the_standards_line(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", names=NAMES) as board:
        today = CALENDAR.day_of(board.now_ms)
        now = at(today, 0) + 1000
        as_of = today.isoformat()
        board.store.write(
            [
                district(
                    "primary",
                    "L7",
                    (1, 1, 0),
                    now,
                    rate="50.00",
                    mean="1.9",
                    cv="0.3",
                    rate_number=50.0,
                    mean_number=1.9,
                    cv_number=0.3,
                    as_of=as_of,
                ),
                verdict(
                    PRIMARY,
                    "primary",
                    "L7",
                    "fail",
                    now,
                    value="2.1",
                    value_number=2.1,
                    threshold_number=2.3,
                    as_of=as_of,
                ),
            ]
        )
        whole = parse(board.get("/trends?days=30").text).one("figure", data_trend="L7")
        school = parse(board.get(f"/trends?school={PRIMARY}&days=366").text).one("figure", data_trend="L7")
        wrong = [board.get(path).status for path in ("/trends?days=x&show=y", "/trends?school=nobody")]
        told = [
            "只算比值已知的学段" in board.get(f"/trends?show={show}{at_school}").text
            for show, at_school in (("rate", ""), ("mean", ""), ("cv", ""), ("cv", f"&school={PRIMARY}"))
        ]
    assert [False, True, True, False] == told
    assert "小学 50.00% 上季末 —" in whole.text
    assert whole.all("path", class_="limit") == []
    assert "小学 2.1 上季末 — ≥ 2.3" in school.text
    assert len(school.all("path", class_="limit")) == 1
    assert [200, 404] == wrong
