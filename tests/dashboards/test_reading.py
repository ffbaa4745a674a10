"""How the board asks: once for all viewers, far back once, and never losing what it knew."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contract import STATUS, Point
from dashboards.board import Names, SchoolName
from dashboards.board.cache import Cached, LastRead
from dashboards.board.names import FollowedNames
from dashboards.board.newest import DAY, HOUR, MINUTE, Newest
from dashboards.board.pages import rounded, signed
from runtime.language import Text
from store import Unavailable
from store.sqlite import SqliteStore
from tests.dashboards.filling import PRIMARY, gateway

NOW = 1_800_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.sqlite")


def newest(*lookbacks: int) -> Newest:
    return Newest(STATUS, tags=STATUS.tag_names, key=STATUS.tag_names, lookbacks=lookbacks)


def pending(store: SqliteStore, table: Newest, now_ms: int) -> list[tuple[str, object]]:
    return [(row.tags["school"], row.values["pending"]) for row in table.read(store, now_ms=now_ms)]


def test_many_viewers_at_once_cost_one_look_at_the_store() -> None:
    looks: list[int] = []

    async def view() -> list[LastRead[int]]:
        with ThreadPoolExecutor(1) as executor:
            cached = Cached(lambda: len(looks.append(1) or looks), executor, fresh_s=60)  # type: ignore[func-returns-value]  # append gives None on purpose
            return await asyncio.gather(*(cached.get() for _ in range(50)))

    assert asyncio.run(view()) == [LastRead(1)] * 50


def test_while_the_store_is_away_the_last_answer_stays_with_the_problem() -> None:
    answers = iter([7])

    def look() -> int:
        for answer in answers:
            return answer
        raise Unavailable("store: no route")

    async def view() -> list[LastRead[int]]:
        with ThreadPoolExecutor(1) as executor:
            cached = Cached(look, executor, fresh_s=0)
            first = await cached.get()
            # A look that costs next to nothing is fresh for next to no time.
            for _ in range(500):
                await asyncio.sleep(0.01)
                second = await cached.get()
                if second != first:
                    break
            return [first, second]

    assert asyncio.run(view()) == [LastRead(7), LastRead(7, Text("store: no route", "store: no route"))]


def test_a_gateway_that_fell_silent_is_still_known_after_many_looks(store: SqliteStore) -> None:
    table = newest(DAY)
    store.write([gateway(PRIMARY, NOW - HOUR, pending=5), gateway("3112000002", NOW - MINUTE, pending=1)])
    first = pending(store, table, NOW)
    store.write([gateway("3112000002", NOW + 2 * HOUR, pending=2)])
    second = pending(store, table, NOW + 2 * HOUR)
    assert (first, second) == (
        [(PRIMARY, 5), ("3112000002", 1)],
        [(PRIMARY, 5), ("3112000002", 2)],
    )


def test_what_is_older_than_the_longest_lookback_is_forgotten(store: SqliteStore) -> None:
    table = newest(HOUR)
    store.write([gateway(PRIMARY, NOW - MINUTE)])
    assert (pending(store, table, NOW), pending(store, table, NOW + 2 * HOUR)) == ([(PRIMARY, 0)], [])


def test_history_that_arrives_late_does_not_replace_newer_rows(store: SqliteStore) -> None:
    table = newest(DAY)
    store.write([gateway(PRIMARY, NOW - MINUTE, pending=1)])
    table.read(store, now_ms=NOW)
    store.write([gateway(PRIMARY, NOW - 5 * MINUTE, pending=99)])
    assert pending(store, table, NOW) == [(PRIMARY, 1)]


def test_what_a_gateway_sends_late_is_noticed_though_others_have_said_more_since(store: SqliteStore) -> None:
    table = newest(DAY)
    store.write([gateway(PRIMARY, NOW - MINUTE, pending=1)])
    table.read(store, now_ms=NOW)
    store.write([gateway("3112000002", NOW - 9 * MINUTE, pending=2)])
    assert pending(store, table, NOW) == [(PRIMARY, 1), ("3112000002", 2)]


def test_a_row_from_the_future_does_not_hide_what_comes_after_it(store: SqliteStore) -> None:
    """A clock that is ahead by hours: what the others say meanwhile is older than that row."""
    table = newest(DAY)
    store.write([gateway(PRIMARY, NOW + 5 * HOUR, pending=1)])
    table.read(store, now_ms=NOW)
    store.write([gateway("3112000002", NOW, pending=2)])
    assert pending(store, table, NOW + MINUTE) == [(PRIMARY, 1), ("3112000002", 2)]


def test_the_store_s_history_is_not_read_where_the_last_hour_has_an_answer(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    query = store.query
    monkeypatch.setattr(store, "query", lambda asking: asked.append(asking.since) or query(asking))
    recent: list[Point] = [gateway(PRIMARY, NOW - MINUTE)]
    store.write(recent)
    newest(HOUR, DAY).read(store, now_ms=NOW)
    assert asked == [NOW - HOUR]


def test_a_registry_that_changes_is_read_again_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "schools.csv"

    def read(path: Path) -> Names:
        name = (path / "schools.csv").read_text()
        if name == "broken":
            raise ValueError("schools.csv: row 2")
        return Names(schools={PRIMARY: SchoolName(name=name)})

    file.write_text("one")
    names = FollowedNames(tmp_path, read)
    seen = [names().school(PRIMARY).name]
    for text in ("second", "broken"):
        file.write_text(text)
        seen.append(names().school(PRIMARY).name)
    assert seen == ["one", "second", "second"]


def test_the_board_sees_a_changed_calendar_beside_a_workbook(tmp_path: Path) -> None:
    book, calendar = tmp_path / "registry.xlsx", tmp_path / "calendar.toml"
    book.write_bytes(b"book")
    calendar.write_text("one")
    reads: list[Path] = []

    def read(path: Path) -> Names:
        reads.append(path)
        return Names()

    names = FollowedNames(book, read)
    names()
    calendar.write_text("second")
    names()
    assert [book, book] == reads


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.394205", "0.394"),
        ("0.3945", "0.394"),
        ("0.3946", "0.395"),
        ("0.5", "0.5"),
        ("350/19", "350/19"),
        (None, "—"),
    ],
)
def test_decimal_text_is_rounded_but_never_up_twice_and_anything_else_left_alone(
    text: str | None, shown: str
) -> None:
    assert rounded(text, 3) == shown


@pytest.mark.parametrize(
    ("observed", "declared", "shown"),
    [
        ("9", "10", "−1"),
        ("20", "10", "+10"),
        ("10.0", "10", None),
        ("5.4167", "5.9583", "−0.54"),
        (None, "10", None),
        ("10", "many", None),
    ],
)
def test_the_gap_between_observed_and_declared_is_shown_with_its_sign(
    observed: str | None, declared: str | None, shown: str | None
) -> None:
    assert signed(observed, declared) == shown
