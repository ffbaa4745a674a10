"""SQLite and InfluxDB give the same answer to any question about any points."""

import uuid
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import Column, Measurement, Point, Value
from store import Aggregate, Condition, Query, Row, Select, Store, open_store
from tests.servers import Server

T0 = 1_790_000_000_000
THINGS = Measurement(
    name="things",
    kept="records",
    tags=(Column(name="place", type="text"), Column(name="part", type="text")),
    fields=(
        Column(name="count", type="integer"),
        Column(name="level", type="float"),
        Column(name="open", type="boolean"),
        Column(name="word", type="text"),
    ),
)
FIELD_VALUES: dict[str, st.SearchStrategy[Value]] = {
    "count": st.integers(-9, 9),
    "level": st.sampled_from([-1.5, 0.0, 0.25, 3.0]),
    "open": st.booleans(),
    "word": st.sampled_from(["a", "b c", "d'e", 'f"g', "h\\", "甲\n乙"]),
}
PLACES = st.sampled_from(["", "x", "y z", "q,=\\'\"r"])
points = st.lists(
    st.builds(
        lambda tags, second, fields: Point(THINGS, tags, T0 + second * 500, fields),
        st.tuples(PLACES, PLACES),
        st.integers(0, 8),
        st.tuples(*(st.none() | values for values in FIELD_VALUES.values())).filter(
            lambda values: any(value is not None for value in values)
        ),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    fields = draw(st.lists(st.sampled_from(list(FIELD_VALUES)), min_size=1, max_size=3, unique=True))
    aggregated = draw(st.booleans())
    group_by = tuple(draw(st.lists(st.sampled_from(["place", "part"]), max_size=2, unique=True)))
    where: list[Condition] = []
    if draw(st.booleans()):
        where.append(Condition("place", draw(st.sampled_from(["=", "!="])), draw(PLACES)))
    if draw(st.booleans()):
        where.append(Condition("count", draw(st.sampled_from(["<", ">=", "="])), draw(st.integers(-9, 9))))
    series = draw(st.none() | st.lists(st.tuples(PLACES, PLACES), max_size=4).map(tuple))
    if not aggregated:
        newest = draw(st.none() | st.integers(1, 3))
        return Query(
            measurement=THINGS,
            select=tuple(Select(field) for field in fields),
            group_by=("place", "part") if newest is None else group_by,
            where=tuple(where),
            series=series,
            since=draw(st.none() | st.just(T0 + 1000)),
            until=draw(st.none() | st.just(T0 + 3000)),
            newest=newest,
        )
    numeric: list[Aggregate] = ["count", "sum", "mean", "min", "max"]
    selects = []
    for field in fields:
        of_number = field in {"count", "level"}
        selects.append(Select(field, draw(st.sampled_from(numeric if of_number else ["count"]))))
    window = draw(st.none() | st.sampled_from([1000, 1500]))
    return Query(
        measurement=THINGS,
        select=tuple(selects),
        group_by=group_by,
        where=tuple(where),
        series=series,
        since=T0 if window else draw(st.none() | st.just(T0 + 1000)),
        until=T0 + 3500 if window else draw(st.none() | st.just(T0 + 3000)),
        window_ms=window,
    )


def _ask(store: Store, written: list[Point], asked: list[Query]) -> list[object]:
    store.prepare()
    # One at a time: points of one identity overlay one another in the order of writing.
    for point in written:
        assert [] == store.write([point])
    return [_said_alike(query, store.query(query)) for query in asked]


def _said_alike(query: Query, rows: list[Row]) -> object:
    """Two rows of one group and time have no order between stores; with both tags there are none."""
    if query.aggregated or len(query.group_by) == len(THINGS.tags):
        return rows
    return [(row.tags, row.time) for row in rows]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=points, asked=st.lists(queries(), min_size=1, max_size=6))
def test_both_stores_answer_alike(
    written: list[Point], asked: list[Query], influx: Server, tmp_path: Path
) -> None:
    name = uuid.uuid4().hex
    with open_store(f"sqlite:///{tmp_path / name}.sqlite") as sqlite:
        expected = _ask(sqlite, written, asked)
    with open_store(f"influxdb://127.0.0.1:{influx.port}/{name}") as influxdb:
        assert expected == _ask(influxdb, written, asked)
