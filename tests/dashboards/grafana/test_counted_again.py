"""A day that is counted again: the store keeps fields that the new counting has not; no page shows them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contract import Point
from contract.daybook import DEVICE_DAY, LESSON_DAY, RADIO_LESSON
from dashboards.board.lessons import LessonCount, read_lessons
from dashboards.board.names import Names
from rules.stored.tables import ALERT
from store import Store, open_store
from tests.dashboards.grafana.asking import EVERY, PAGES, panel_of
from tests.dashboards.grafana.grafana import Database, Span, in_order, put_in
from tests.servers import Server

DAY_MS = 86_400_000
# Monday, 14 September 2026, half past seven in Tianjin: in UTC it is Sunday still.
EARLY_MS = int(datetime(2026, 9, 13, 23, 30, tzinfo=UTC).timestamp()) * 1000
END_MS = EARLY_MS + 6 * DAY_MS
SPAN = Span(EARLY_MS - 7 * DAY_MS, END_MS, to_ms=END_MS)
PLACE = ("120116", "3112000002", "101", "PJ-101", "projector", "1")


def _point(table: Any, tags: tuple[str, ...], time_ms: int, **fields: int | str | None) -> Point:
    values = {column.name: 0 if column.required else None for column in table.fields} | fields
    return Point(table, tags, time_ms, tuple(values[name] for name in table.field_names))


def lesson(slot: str, time_ms: int, **fields: int | None) -> Point:
    return _point(LESSON_DAY, (*PLACE, slot), time_ms, **fields)


@pytest.fixture(scope="module")
def counted_again(influx: Server) -> Iterator[tuple[Store, Database]]:
    """The second lesson was used, until its timetable and then its clock said otherwise."""
    with open_store(f"influxdb://127.0.0.1:{influx.port}/counted-again") as store:
        store.prepare()
        known = {"lesson": 1, "known": 1}
        second, third = EARLY_MS + 3_600_000, EARLY_MS + 2 * 3_600_000
        for points in (
            [
                lesson("1", EARLY_MS, **known, used=0),
                lesson("2", second, **known, used=1),
                lesson("3", third, **known, used=1),
                _point(DEVICE_DAY, PLACE, EARLY_MS, polls=5, answered=0),
                _point(DEVICE_DAY, PLACE, EARLY_MS + DAY_MS, polls=0),
                _point(DEVICE_DAY, (*PLACE[:3], "PJ-OLD", *PLACE[4:]), EARLY_MS, polls=5, retired=1),
                _point(DEVICE_DAY, (*PLACE[:3], "PJ-NIGHT", *PLACE[4:]), EARLY_MS, polls=0),
            ],
            [_point(ALERT, ("", "", "certificate", "ca.pem"), EARLY_MS, status="firing", title="证书到期")],
            # No lesson then; and a lesson of which nothing is known.
            [lesson("2", second, lesson=0, known=0), lesson("3", third, lesson=1, known=0)],
        ):
            assert [] == store.write(points)
        yield store, Database(f"http://127.0.0.1:{influx.port}", "counted-again")


def shown(database: Database, uid: str, title: str, target: int = 0) -> list[dict[str, Any]]:
    query = panel_of(uid, title)["targets"][target]["query"]
    return database.ask(put_in(query, EVERY, PAGES[uid]["templating"]["list"], SPAN))


def test_a_heat_map_has_no_cell_of_what_is_not_known_any_more(counted_again: tuple[Store, Database]) -> None:
    cells = shown(counted_again[1], "campus-multimedia", "各节次使用率")
    assert [({"slot": "1", "weekday": "1"}, 0)] == [(cell["tags"], cell["values"][0][1]) for cell in cells]


@pytest.mark.parametrize(
    ("uid", "title"), [("campus-multimedia", "各节次使用率"), ("campus-wireless", "各节次信道占用")]
)
def test_the_tenth_lesson_stands_below_the_second(uid: str, title: str, influx: Server) -> None:
    """As text 第10节 comes before 第2节."""
    names = [*(f"第{number}节" for number in range(1, 13)), "早读"]
    name = f"lessons-{uid}"
    with open_store(f"influxdb://127.0.0.1:{influx.port}/{name}") as store:
        store.prepare()
        points = [
            point
            for place, slot in enumerate(names)
            for weekday in ("2", "1")
            for time_ms in (EARLY_MS + place * 3_600_000 + int(weekday) * DAY_MS,)
            for point in (
                _point(LESSON_DAY, (*PLACE[:-1], weekday, slot), time_ms, lesson=1, known=1, used=place % 2),
                _point(
                    RADIO_LESSON,
                    (*PLACE[:3], "AP1", "1", weekday, slot),
                    time_ms,
                    busy_known=5 + place,
                    busy_p95=place,
                ),
            )
        ]
        assert [] == store.write(points)
    panel = panel_of(uid, title)
    rows = in_order(panel, shown(Database(f"http://127.0.0.1:{influx.port}", name), uid, title))
    slots = list(dict.fromkeys(row["tags"]["slot"] for row in rows))
    assert ["早读", *names[:12]] == slots
    assert ["1", "2"] == list(dict.fromkeys(row["tags"]["weekday"] for row in rows))
    known = {row["tags"]["slot"]: row["values"][0][1] for row in rows}
    assert known == {
        slot: 100 * (place % 2) if uid == "campus-multimedia" else place for place, slot in enumerate(names)
    }


def test_a_week_has_its_monday_and_what_is_known_of_it(counted_again: tuple[Store, Database]) -> None:
    monday = EARLY_MS - 7 * 3_600_000 - 30 * 60_000
    used, known = (shown(counted_again[1], "campus-multimedia", "每周使用率和已知率", n) for n in (0, 1))
    assert ([[monday, 0]], [[monday, 50]]) == (used[0]["values"], known[0]["values"])


def test_a_room_is_unused_though_an_earlier_counting_said_otherwise(
    counted_again: tuple[Store, Database],
) -> None:
    (room,) = shown(counted_again[1], "campus-multimedia", "本学期未使用的房间")
    assert ["lessons", "known", 2, 1] == [*room["columns"][1:3], *room["values"][0][1:3]]


def test_only_what_was_asked_in_school_hours_and_is_in_service_never_answered(
    counted_again: tuple[Store, Database],
) -> None:
    (device,) = shown(counted_again[1], "campus-equipment", "询问过而从未应答的设备")
    assert ("PJ-101", 1) == (device["tags"]["device"], device["values"][0][1])


def test_the_board_counts_the_same(counted_again: tuple[Store, Database]) -> None:
    page = read_lessons(counted_again[0], Names(), school=None, room=None, days=7, now_ms=END_MS)
    assert (LessonCount(due=2, known=1, used=0), 1) == (page.whole, len(page.places[0].unused))


def test_an_alert_of_the_bureau_itself_is_in_the_list_though_it_names_no_school(
    counted_again: tuple[Store, Database],
) -> None:
    (alert,) = shown(counted_again[1], "campus-gateways", "正在告警的对象")
    row = dict(zip(alert["columns"], alert["values"][0], strict=True))
    assert ("ca.pem", "证书到期", None) == (alert["tags"]["subject"], row["title"], row["school_name"])
