"""`campus rules fold` and `--share` as a user runs them."""

import shutil
from pathlib import Path

import pytest

from contract.daybook import DEVICE_DAY
from rules.daybook.records import read_records
from store import Query, Select, open_store
from tests.rules.commands import SMALL, campus
from tests.rules.telemetry import CODE, points, polls, projector

_PAST = ("--from", "2021-09-20", "--to", "2021-09-28")
_FAR_MS = 2**42


@pytest.fixture
def told(sqlite_url: str) -> str:
    with open_store(sqlite_url) as store:
        store.prepare()
        assert store.write(points(*(projector(time, room="R101") for time in polls()))) == []
    return sqlite_url


def test_days_are_counted_and_told_and_counting_again_says_the_same(told: str) -> None:
    once, again = (campus("fold", "--registry", str(SMALL), "--store", told, *_PAST) for _ in range(2))
    assert [(0, "7 个上课日，1 所学校\n", "")] * 2 == [
        (ran.returncode, ran.stdout, ran.stderr) for ran in (once, again)
    ]
    with open_store(told) as store:
        counted = [
            place
            for (_, place), found in read_records(store, 0, _FAR_MS, texts=("facts", "rest")).items()
            if found.entry().facts.devices
        ]
    assert [("120116", CODE)] == counted


def test_a_day_that_is_no_school_day_any_more_is_taken_back(told: str, tmp_path: Path) -> None:
    day = ("--from", "2021-09-28", "--to", "2021-09-28")
    assert "1 个上课日，1 所学校\n" == campus("fold", "--registry", str(SMALL), "--store", told, *day).stdout
    later = tmp_path / "registry"
    shutil.copytree(SMALL, later)
    with (later / "calendar.toml").open("a") as calendar:
        calendar.write('[[holiday]]\nname = "台风"\nfirst = 2021-09-28\nlast = 2021-09-28\n')
    campus("fold", "--registry", str(later), "--store", told, *day)
    with open_store(told) as store:
        asked = Query(measurement=DEVICE_DAY, select=(Select("polls"),), group_by=("device",))
        assert [0] == [row.values["polls"] for row in store.query(asked)]


def test_a_share_that_cannot_be_is_one_line(told: str) -> None:
    ran = campus("fold", "--registry", str(SMALL), "--store", told, *_PAST, "--share", "3/2")
    assert (2, "", 1) == (ran.returncode, ran.stdout, len(ran.stderr.splitlines()))
    assert "--share '3/2'：应写成 2/4，即四份中的第二份" in ran.stderr


def test_days_that_the_calendar_does_not_have_are_told(told: str) -> None:
    ran = campus(
        "fold", "--registry", str(SMALL), "--store", told, "--from", "2021-10-02", "--to", "2021-10-03"
    )
    assert (0, "日历中 2021-10-02 至 2021-10-03 没有上课日\n", "") == (ran.returncode, ran.stdout, ran.stderr)


def test_an_end_before_the_beginning_is_no_span_without_school_days(told: str) -> None:
    ran = campus(
        "fold", "--registry", str(SMALL), "--store", told, "--from", "2021-10-08", "--to", "2021-09-01"
    )
    assert (2, True) == (ran.returncode, "--from 2021-10-08 不能晚于 --to 2021-09-01" in ran.stderr)
