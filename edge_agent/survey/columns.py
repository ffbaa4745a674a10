"""Which column of a survey holds what."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from edge_agent.ledger.plain import title
from tables.sheets import Row

Field = Literal[
    "time",
    "room",
    "point",
    "band",
    "frequency",
    "channel",
    "rssi",
    "snr",
    "noise",
    "ap",
    "person",
    "ssid",
    "bssid",
]
Columns = Mapping[Field, int]

TITLES: Mapping[Field, tuple[str, ...]] = {
    name: tuple(words.split())  # type: ignore[misc]  # the file's keys are the fields
    for name, words in tomllib.loads(
        Path(__file__).with_name("headings.toml").read_text(encoding="utf-8")
    ).items()
}
_IN_PARENTHESES = re.compile(r"[(\[（【].*?[)\]）】]")
_MARKS = re.compile(r"[\s._\-]")


def columns_of(row: Row) -> Columns:
    """The columns by field, of several for one the best."""
    found: dict[Field, tuple[int, int]] = {}
    for column, text in row.cells.items():
        for name in _spellings(text):
            field = _FIELDS.get(name)
            if field is not None:
                best = min(found.get(field[0], (999, column)), (field[1], column))
                found[field[0]] = best
                break
    return {name: column for name, (_, column) in found.items()}


def _spellings(text: str) -> tuple[str, ...]:
    plain = title(text)
    bare = title(_IN_PARENTHESES.sub("", plain))
    whole = re.sub(r"[()\[\]（）【】]", "", plain)
    return (plain, _MARKS.sub("", plain), _MARKS.sub("", whole), bare, _MARKS.sub("", bare))


_FIELDS: Mapping[str, tuple[Field, int]] = {
    spelled: (field, rank)
    for field, names in list(TITLES.items())[::-1]
    for rank, name in enumerate(names)
    for spelled in (name, _MARKS.sub("", name))
}
