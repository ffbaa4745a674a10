"""A tally gives on every store what counting row by row gives."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campus.servers import influxd, running
from contract import Point, Value
from store import Condition, Item, Newest, Span, Store, Tallied, Tally, open_store
from store.tally import TallyFunction, percentile_95
from tests.servers import Server
from tests.store.test_same_answers import T0, THINGS, points

_FUNCTIONS: dict[str, tuple[TallyFunction, ...]] = {
    "count": ("count", "sum", "min", "max", "p95", "last", "first_ms"),
    "open": ("count", "last", "first_ms"),
    "word": ("count", "last", "first_ms"),
}
_CONDITIONS = (
    (),
    (Condition("open", "=", True),),
    (Condition("word", "=", ("a", "b c")),),
    (Condition("open", "=", False), Condition("count", ">", 0)),
)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    items = []
    for number in range(draw(st.integers(1, 5))):
        field = draw(st.sampled_from(list(_FUNCTIONS)))
        begin = draw(st.integers(0, 8))
        items.append(
            Item(
                name=f"i{number}",
                function=draw(st.sampled_from(_FUNCTIONS[field])),
                field=field,
                span=Span(T0 + begin * 500, T0 + draw(st.integers(begin + 1, 10)) * 500),
                where=draw(st.sampled_from(_CONDITIONS)),
            )
        )
    groups = draw(st.lists(st.sampled_from(["place", "part"]), min_size=1, max_size=2, unique=True))
    return Tally(
        measurement=THINGS,
        group_by=tuple(groups),
        apart=draw(st.sampled_from(["", *groups])),
        items=tuple(items),
        where=draw(st.sampled_from([(), (Condition("place", "=", ("x", "y z")),)])),
    )


def slow(tally: Tally, stored: list[Point]) -> Tallied:
    """Row by row, from what a store holds of the points: field by field the last that was written."""
    rows: dict[tuple[tuple[str, ...], int], dict[str, Value]] = {}
    for point in stored:
        known = {n: v for n, v in zip(THINGS.field_names, point.fields, strict=False) if v is not None}
        rows.setdefault((point.tags, point.time), {}).update(known)
    found: Tallied = {}
    for item in tally.items:
        values: dict[tuple[str, ...], list[tuple[int, Value]]] = {}
        for (tags, time), row in rows.items():
            named = dict(zip(THINGS.tag_names, tags, strict=True))
            if (
                item.field in row
                and item.span.begin <= time < item.span.end
                and all(named[one.column] in one.value for one in tally.where if isinstance(one.value, tuple))
                and all(meets(row.get(one.column), one) for one in item.where)
            ):
                values.setdefault(tuple(named[tag] for tag in tally.group_by), []).append(
                    (time, row[item.field])
                )
        for group, pairs in values.items():
            if (value := aggregate(item.function, pairs)) is not None:
                found.setdefault(group, {})[item.name] = value
    return found


def meets(value: Value | None, condition: Condition) -> bool:
    if condition.comparison == ">":
        return isinstance(value, int) and isinstance(condition.value, int) and value > condition.value
    wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return value is not None and value in wanted


def aggregate(function: TallyFunction, pairs: list[tuple[int, Value]]) -> Value | Newest | None:
    numbers = [value for _, value in pairs if isinstance(value, int)]
    match function:
        case "count":
            return len(pairs)
        case "first_ms":
            return min(time for time, _ in pairs)
        case "last":
            return Newest(*max(pairs))
        case "p95":
            return percentile_95(numbers)
        case "sum":
            return sum(numbers)
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(stored=points, tally=tallies())
def test_a_tally_is_what_counting_row_by_row_gives(
    stored: list[Point], tally: Tally, tmp_path: Path, influx: Server
) -> None:
    name = uuid.uuid4().hex
    expected = slow(tally, stored)
    for url in (f"sqlite:///{tmp_path / name}.sqlite", f"influxdb://127.0.0.1:{influx.port}/{name}"):
        with open_store(url) as store:
            store.prepare()
            assert store.tally([tally]) == [{}]
            assert store.write(stored) == []
            assert store.tally([tally, tally]) == [expected, expected]


_BUSY = Tally(
    measurement=THINGS,
    group_by=("place", "part"),
    apart="place",
    items=tuple(
        Item(name=f"{function} {field}", function=function, field=field, span=Span(T0, T0 + 4000))
        for field, functions in _FUNCTIONS.items()
        for function in functions
    ),
)
_MANY = [
    Point(THINGS, (place, part), T0 + second * 500, (second, None, second % 2 == 0, "a"))
    for place in ("x", "", "y z")
    for part in ("", "p")
    for second in range(8)
]


def test_what_is_counted_apart_is_the_same_on_every_store(store: Store) -> None:
    store.prepare()
    assert store.write(_MANY) == []
    together, apart = store.tally([replace(_BUSY, apart=""), _BUSY])
    assert slow(_BUSY, _MANY) == together
    assert together == apart


@pytest.mark.parametrize(
    "odd", ["101 教室", "a,b", "c=d", " ,= ", 'e"f', "g'h", "i\\j", "k\\,l", "m\\ =\\n", "o\\\\p"]
)
def test_groups_with_odd_names_are_counted_as_any_other(store: Store, odd: str) -> None:
    """Where a store lists groups by their written names, a wrong reading of one would lose its rows."""
    store.prepare()
    stored = [
        point._replace(tags=(odd, part))
        for point in _MANY
        if point.tags[0] == "x"
        for part in ("", "p", odd, f"{odd}x")
    ]
    assert store.write([*_MANY, *stored]) == []
    of_part = replace(_BUSY, group_by=("part",), apart="part")
    named = replace(_BUSY, where=(Condition("place", "=", (odd, "x")),))
    assert store.tally([_BUSY, of_part, named]) == [
        slow(tally, [*_MANY, *stored]) for tally in (_BUSY, of_part, named)
    ]


def test_an_answer_that_the_server_cuts_off_is_asked_for_in_parts(tmp_path: Path) -> None:
    server = influxd(tmp_path)
    server.environment["INFLUXDB_HTTP_MAX_ROW_LIMIT"] = "3"
    with running(server), open_store(f"influxdb://127.0.0.1:{server.port}/cut") as store:
        store.prepare()
        assert store.write(_MANY) == []
        assert [slow(_BUSY, _MANY)] == store.tally([_BUSY])


def test_a_tally_is_divided_by_a_tag_of_its_groups() -> None:
    with pytest.raises(ValueError, match="not grouped by 'place'"):
        replace(_BUSY, group_by=("part",))


def test_a_field_that_the_file_does_not_have_yet_is_in_no_row(tmp_path: Path) -> None:
    older = THINGS.__class__(
        name="things",
        kept="records",
        tags=THINGS.tags,
        fields=tuple(f for f in THINGS.fields if f.name != "word"),
    )
    item = Item(name="n", function="last", field="word", span=Span(T0, T0 + 1))
    counted = Item(name="m", function="count", field="count", span=Span(T0, T0 + 1))
    with open_store(f"sqlite:///{tmp_path}/old.sqlite") as store:
        store.write([Point(older, ("x", ""), T0, (1, 0.5, True))])
        tally = Tally(measurement=THINGS, group_by=("place",), items=(item, counted))
        assert store.tally([tally]) == [{("x",): {"m": 1}}]


@pytest.mark.parametrize(("number", "place"), [(0, None), (1, 0), (10, 9), (11, 9), (20, 18), (100, 94)])
def test_the_95th_percentile_is_a_value_that_was_read(number: int, place: int | None) -> None:
    assert percentile_95(range(number)) == place
