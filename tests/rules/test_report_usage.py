"""设备使用记录: which lessons a device was used in, from readings in a real store."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rules.report.chapters.usage_record import FOLDER
from rules.report.files import WORKBOOK
from rules.report.usage import DeviceUsage, rates, usage_of
from store import open_store
from tests.rules.build import BINHAI
from tests.rules.report_world import Q3, SMALL, files, made, workbook
from tests.rules.telemetry import (
    LAST_DAY,
    access_point,
    good_survey,
    ms,
    one_school,
    points,
    polls,
    projector,
    room,
    silent,
)

RULE = BINHAI.utilisation
LATER = ms("2021-12-01T00:00")


def used(url: str, *readings: object, as_of: date = LAST_DAY, until_ms: int = LATER) -> DeviceUsage:
    """The one device's record of the third quarter."""
    with open_store(url) as store:
        store.prepare()
        assert store.write(points(*readings)) == []  # type: ignore[arg-type]  # readings of telemetry
        found = usage_of(store, one_school(room()), BINHAI, Q3, as_of=as_of, until_ms=until_ms)
    return found[0].devices[0]


# The first lesson is 08:00–08:40: eight polls five minutes apart, of which two are ten minutes.
@pytest.mark.parametrize(("on", "expected"), [(0, False), (1, False), (2, True), (8, True)])
def test_a_lesson_is_used_when_the_device_was_on_for_ten_minutes_of_it(
    sqlite_url: str, on: int, expected: bool
) -> None:
    times = polls(count=8)
    answers = [projector(time, power="on" if number < on else "off") for number, time in enumerate(times)]
    assert expected is used(sqlite_url, *answers).days[-1].slots[0]


def test_a_lesson_in_which_nothing_answered_is_no_data_not_unused(sqlite_url: str) -> None:
    found = used(sqlite_url, *(silent(time) for time in polls(count=8)))
    assert ((None, None), 8, 0, None) == (
        found.days[-1].slots,
        found.total("polls"),
        found.total("answered"),
        rates([found], RULE).used,
    )


def test_completeness_counts_every_lesson_of_the_quarters_school_days(sqlite_url: str) -> None:
    found = used(sqlite_url, *(projector(time) for time in polls(count=8)))
    # 20 school days in September up to the 28th, two lessons each; one has data.
    assert (40, 1, 1, "5/2") == (
        found.slots,
        found.total("known"),
        found.total("used"),
        str(rates([found], RULE).completeness),
    )


def test_what_is_on_between_or_after_lessons_is_no_use(sqlite_url: str) -> None:
    breaks = [projector(ms(f"{LAST_DAY}T{clock}")) for clock in ("07:59", "08:45", "09:30", "20:00")]
    off = [projector(time, power="off") for time in polls(count=7, begin="08:55")]
    found = used(sqlite_url, *breaks, *off)
    assert (None, False) == found.days[-1].slots


def test_lessons_still_to_come_are_not_counted_as_missing(sqlite_url: str) -> None:
    found = used(sqlite_url, *(projector(time) for time in polls(count=8)), until_ms=ms("2021-09-28T08:45"))
    assert ((True,), 39) == (found.days[-1].slots, found.slots)


def test_a_lesson_in_which_too_little_answered_is_no_data(sqlite_url: str) -> None:
    assert (None, None) == used(sqlite_url, *(projector(time) for time in polls(count=2))).days[-1].slots


def test_a_rate_is_given_only_where_enough_lessons_are_known(sqlite_url: str) -> None:
    times = [time for begin in ("08:00", "08:50") for time in polls(count=8, begin=begin)]
    found = used(sqlite_url, *(projector(time) for time in times))
    today = replace(found, days=found.days[-1:])
    days = replace(found, days=found.days[-2:])
    assert (100, None) == (rates([today], RULE).used, rates([days], RULE).used)


def test_a_report_with_a_store_has_a_file_a_school_and_the_same_bytes_again(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        readings = [
            *(projector(time, room="R101") for time in polls()),
            *(access_point(time, "up", room="R101") for time in polls()),
            *good_survey("R101"),
        ]
        assert store.write(points(*readings)) == []
        one, other = (
            files(made(SMALL, tmp_path / name, Q3, store=store, submit=True).folder) for name in "ab"
        )
    assert one == other
    book = workbook(one[f"{FOLDER}/2112000001_海滨小学.xlsx"])
    summary = [cell.value for cell in book["汇总"][4]]
    days = [[cell.value for cell in row] for row in book["一年一班（R101）"].iter_rows(4)]
    assert (
        [1, "一年一班（R101）", "P1", "投影机", 44, 1, 1, "数据不足", 10, 10, "2.27%"],
        22 + 1,
        ["2021-09-28", "二", "P1", "用", "缺", 1, 1, "10/10"],
    ) == (summary, len(days), next(row for row in days if row[0] == "2021-09-28"))
    wireless = [
        row for row in workbook(one[WORKBOOK])["台账"].iter_rows(4) if row[4].value == "无线网络全覆盖"
    ]
    assert ["海滨小学"] == [row[1].value for row in wireless if row[1].value == "海滨小学"]
