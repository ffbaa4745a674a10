"""The newest rows of every group out of SQLite: the right ones, found without reading the others."""

import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import Point
from store import Condition, Query, Row, Select, open_store
from store.sql import compile_sql
from tests.store.test_same_answers import T0, THINGS, points, queries

COARSER = st.sampled_from([(), ("place",), ("part",), ("part", "place")])
NEWEST = Query(measurement=THINGS, select=(Select("count"),), group_by=("place", "part"), newest=1)


def thing(tags: tuple[str, str], second: int, count: int | None, word: str | None = None) -> Point:
    return Point(THINGS, tags, T0 + second * 1000, (count, None, None, word))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=points,
    asked=queries().filter(lambda query: not query.aggregated),
    group_by=COARSER,
    newest=st.integers(1, 4),
)
def test_the_newest_rows_are_the_last_of_all_rows(
    written: list[Point], asked: Query, group_by: tuple[str, ...], newest: int, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path / uuid.uuid4().hex}.sqlite") as store:
        store.write(written)
        everything = store.query(replace(asked, group_by=("place", "part"), newest=None))
        found = store.query(replace(asked, group_by=group_by, newest=newest))
    assert _last_of_each_group(everything, group_by, newest) == found


def _last_of_each_group(rows: Iterable[Row], group_by: tuple[str, ...], newest: int) -> list[Row]:
    """By hand: newer first, of one time the greater tags first (in the order of the tags' names)."""

    def group(row: Row) -> list[str]:
        return [row.tags[name] for name in group_by]

    expected: list[Row] = []
    ordered = sorted(rows, key=lambda row: (row.time or 0, row.tags["part"], row.tags["place"]), reverse=True)
    for _, members in groupby(sorted(ordered, key=group), key=group):
        last = sorted(list(members)[:newest], key=lambda row: row.time or 0)
        expected += [Row({name: row.tags[name] for name in group_by}, row.time, row.values) for row in last]
    return expected


def test_a_row_that_says_nothing_of_what_is_asked_is_passed_over_for_an_older_one(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.write([thing(("x", ""), 0, 1), thing(("x", ""), 1, 2), thing(("x", ""), 2, None, "a")])
        rows = store.query(NEWEST)
    assert [Row({"place": "x", "part": ""}, T0 + 1000, {"count": 2})] == rows


def test_a_series_without_a_fitting_row_in_the_span_is_left_out(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.write([thing(("x", ""), 0, 1), thing(("y", ""), 5, 2), thing(("z", ""), 5, 3)])
        rows = store.query(replace(NEWEST, since=T0 + 1000, where=(Condition("count", "!=", 3),)))
    assert [Row({"place": "y", "part": ""}, T0 + 5000, {"count": 2})] == rows


@pytest.mark.parametrize("group_by", [("place", "part"), ("place",), ()])
@pytest.mark.parametrize("newest", [1, 3])
def test_the_work_does_not_grow_with_the_history(
    tmp_path: Path, group_by: tuple[str, ...], newest: int
) -> None:
    query = replace(NEWEST, group_by=group_by, newest=newest, since=T0)
    short, long = (_steps(tmp_path / f"{rows}.sqlite", query, rows) for rows in (20, 2000))
    assert short == long


def _steps(path: Path, query: Query, rows: int) -> int:
    """What SQLite's machine does for a query, in its own instructions, over so many rows of each series.

    The statistics of ANALYZE are there too, which could tempt it to another plan.
    """
    with open_store(f"sqlite:///{path}") as store:
        store.write([thing((place, "p"), second, second) for place in "xyz" for second in range(rows)])
    connection = sqlite3.connect(path)
    connection.execute("ANALYZE")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 1)
    sql, parameters = compile_sql(query)
    connection.execute(sql, parameters).fetchall()
    connection.close()
    return steps
