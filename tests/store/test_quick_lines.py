"""A line by recipe is the line written field by field; what has no recipe is written, or refused, so."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contract import Column, ColumnType, Measurement, Point, Value
from store.line_protocol import Unwritable, encode_line, plain_fields
from store.quick_lines import Texts
from store.sqlite_file import misfit, plain_misfit

TYPES: tuple[ColumnType, ...] = ("integer", "float", "boolean", "text")
TABLE = Measurement(
    name="table",
    kept="readings",
    tags=(Column(name="t", type="text"),),
    fields=tuple(Column(name=f"{kind}_{n}", type=kind) for kind in TYPES for n in range(2)),
)
RIGHT: dict[ColumnType, st.SearchStrategy[Value | None]] = {
    "integer": st.none() | st.integers(-(2**63), 2**63 - 1),
    "float": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5),
    "boolean": st.none() | st.booleans(),
    "text": st.none() | st.text(max_size=300) | st.sampled_from(['a"b', "a\\", "a\nb", "{x}", "%s", ""]),
}
ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400)
fields = st.tuples(*(RIGHT[column.type] for column in TABLE.fields))
some_wrong = st.tuples(*(RIGHT[column.type] | ANY for column in TABLE.fields))


def field_by_field(values: tuple[Value | None, ...]) -> str:
    try:
        return f"table,t=a {plain_fields(TABLE, values)} 5"
    except Unwritable as error:
        return f"refused: {error}"


def by_recipe(values: tuple[Value | None, ...]) -> str:
    try:
        return encode_line(Point(TABLE, ("a",), 5, values))
    except Unwritable as error:
        return f"refused: {error}"


@given(fields)
@settings(max_examples=100, deadline=None)
def test_what_fits_the_table_is_written_the_same(values: tuple[Value | None, ...]) -> None:
    assert field_by_field(values) == by_recipe(values)


@given(some_wrong)
@settings(max_examples=200, deadline=None)
def test_what_does_not_fit_is_refused_with_the_same_reason(values: tuple[Value | None, ...]) -> None:
    assert field_by_field(values) == by_recipe(values)


@given(some_wrong)
@settings(max_examples=200, deadline=None)
def test_what_does_not_fit_a_file_is_told_with_the_same_reason(values: tuple[Value | None, ...]) -> None:
    point = Point(TABLE, ("a",), 5, values)
    assert plain_misfit(point) == misfit(point)


def test_a_point_with_too_few_tags_does_not_fit_a_file() -> None:
    right = Point(TABLE, ("a",), 5, (1, *(None,) * 7))
    assert [None, "wrong number of tags or fields"] == [misfit(right), misfit(right._replace(tags=()))]


def test_short_texts_are_remembered_and_long_ones_are_not() -> None:
    texts = Texts(str.upper)
    assert ["A", "B" * 301] == [texts["a"], texts["b" * 301]]
    assert {"a": "A"} == texts


def test_a_text_that_is_too_long_is_refused() -> None:
    values = (None,) * 6 + ("x" * 70_000, None)
    assert by_recipe(values).startswith("refused: field text_0")


def test_another_table_of_the_same_name_has_recipes_of_its_own() -> None:
    other = Measurement(name="table", kept="readings", tags=TABLE.tags, fields=TABLE.fields[:1])
    lines = [
        encode_line(Point(table, ("a",), 5, (1, *[None] * (len(table.fields) - 1))))
        for table in (TABLE, other)
    ]
    assert ["table,t=a integer_0=1i 5"] * 2 == lines
