"""Any reading that the contract allows, built from its own table."""

from hypothesis import strategies as st

from contract import Column, Reading
from contract.readings import ADDRESS_TAGS, EARLIEST_MS, KINDS

_characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029")
texts = st.text(_characters, max_size=40)
keys = st.text(_characters, min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and not text.endswith("\\")
)
# Far enough from any "now" of a test that no reading lies in its future.
times = st.integers(EARLIEST_MS, 1_790_000_000_000)


def _values(column: Column, *, tag: bool) -> st.SearchStrategy[object]:
    values: st.SearchStrategy[object]
    if column.choices:
        values = st.sampled_from(column.choices)
    elif column.name == "acquired":
        values = st.dates().map(str)
    elif column.type == "text":
        values = keys if tag else texts
    elif column.type == "boolean":
        values = st.booleans()
    elif column.type == "integer":
        values = st.integers(int(column.low or 0), int(column.high or 0))
    else:
        values = st.floats(column.low, column.high)
    if column.required or tag:
        return values
    return st.none() | values


def _readings(kind: type[Reading]) -> st.SearchStrategy[Reading]:
    table = kind.measurement
    own = {column.name: _values(column, tag=True) for column in table.tags[len(ADDRESS_TAGS) :]}
    fields = {column.name: _values(column, tag=False) for column in table.fields[1:]}
    optional = {
        column.name
        for column in table.fields[1:]
        if not column.required and kind.model_fields[column.name].default is not None
    }
    # A field whose default is a number cannot be "not known".
    fields |= {name: fields[name].filter(lambda value: value is not None) for name in optional}
    return st.fixed_dictionaries({"time": times, **own, **fields}).map(kind.model_validate)


readings = st.one_of([_readings(kind) for kind in KINDS])
epochs = st.text("0123456789abcdef", min_size=16, max_size=16)
seqs = st.integers(1, 2**63 - 1)
