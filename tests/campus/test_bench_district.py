"""The benchmark's term is judged from its day book as if it had been counted."""

import datetime as dt
from pathlib import Path

import pytest

from campus.bench.term.figures import Figures
from campus.bench.term.moving import spread
from campus.bench.term.one_store import OneStore, Subject
from campus.bench.term.raw import ROOMS, Day, district_of, school_days
from firmware_sim import write_registry
from registry import Registry, read_registry
from rules.daybook.book import Book, open_book
from rules.standards.reading import standard_for
from rules.standards.standard import Standard
from store import Store, Tallied, Tally, open_store


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    write_registry(district_of(2), tmp_path / "registry")
    return read_registry(tmp_path / "registry")


@pytest.fixture
def standard() -> Standard:
    return standard_for("binhai-2021", as_of=dt.date(2026, 3, 1))


def looked_up(store: Store, registry: Registry, standard: Standard, days: list[dt.date]) -> Book:
    until = registry.calendar.end_of(days[-1])
    return open_book(store, registry, standard, days, until_ms=until, now_ms=until)


def test_the_other_days_stand_in_the_book_and_nothing_of_them_is_counted(
    registry: Registry, standard: Standard, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = district_of(2)
    days = school_days(scenario, 7)
    with open_store(sqlite_url) as store:
        store.prepare()
        day = Day(scenario, days[-1], interval_s=900)
        written = 0
        for points in day.points():
            assert [] == store.write(points)
            written += len(points)
        (counted,) = looked_up(store, registry, standard, days[-1:]).values()
        assert spread(store, registry, standard, days[-1], days[:-1]) > 0
        tallied: list[object] = []
        real = store.tally

        def tally(asked: list[Tally]) -> list[Tallied]:
            tallied.append(asked)
            return real(asked)

        monkeypatch.setattr(store, "tally", tally)
        book = looked_up(store, registry, standard, days)
    assert (day.rows, [], days) == (written, tallied, list(book))
    for place, page in counted.items():
        assert ROOMS == len(page.facts.aps) == len(page.facts.devices)
        for one in book.values():
            facts = one[place].facts
            assert [ap.polls for ap in facts.aps.values()] == [ap.polls for ap in page.facts.aps.values()]
            assert [lesson.name for lesson in facts.lessons] == [one.name for one in page.facts.lessons]
    begins = [book[day][place].facts.hours.begin_ms for day in days]
    assert begins == [registry.calendar.slots(day)[0].begin_ms for day in days]


def test_what_there_was_no_time_for_is_said_and_stands_as_not_measured(
    registry: Registry, sqlite_url: str, tmp_path: Path
) -> None:
    scenario, lines = district_of(2), list[str]()
    days = tuple(school_days(scenario, 2))
    day = Day(scenario, days[-1], interval_s=3600)
    subject = Subject(scenario=scenario, folder=tmp_path, days=days, day=day, requests=1)
    figures = Figures(minutes=0)
    figures.note("a fold", "another store", "1 s")
    OneStore("SQLite", sqlite_url, subject, dict, figures, lines.append).measure()
    figures.note("a scan", "SQLite", "2 s")
    assert ["SQLite: no time is left for writing the day and what follows"] == lines
    assert [
        "|  | another store | SQLite |",
        "| --- | --- | --- |",
        "| a fold | 1 s | not measured |",
        "| a scan | not measured | 2 s |",
    ] == figures.table()
