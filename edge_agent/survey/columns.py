"""Which column of a survey holds what."""

import re
import tomllib
from collections.abc import Collection, Mapping
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
    "building",
    "floor",
]
Columns = Mapping[Field, int]

TITLES: Mapping[Field, tuple[str, ...]] = {
    name: tuple(words.split())  # type: ignore[misc]  # the file's keys are the fields
    for name, words in tomllib.loads(
        Path(__file__).with_name("headings.toml").read_text(encoding="utf-8")
    ).items()
}
_IN_PARENTHESES = re.compile(r"[(\[（【].*?[)\]）】]")
_PLACES = ("位置", "location")
_MARKS = re.compile(r"[\s._\-]")


def columns_of(row: Row) -> Columns:
    """The columns by field, of several for one the best."""
    return {field: found[0] for field, found in _claims(row).items()}


def doubled(row: Row) -> Mapping[Field, tuple[int, ...]]:
    """Further columns whose headings say as well as the chosen one's that they are the field's."""
    return {field: found[1:] for field, found in _claims(row).items() if len(found) > 1}


def _claims(row: Row) -> Mapping[Field, tuple[int, ...]]:
    """The columns that claim a field best, by field: one with its unit before one without."""
    ranks: dict[Field, dict[int, tuple[int, bool]]] = {}
    for column, text in sorted(row.cells.items()):
        found = next((_FIELDS[name] for name in _spellings(text) if name in _FIELDS), None)
        if found is not None:
            ranks.setdefault(found[0], {})[column] = (found[1], "dbm" not in title(text))
    if "point" not in ranks and (inside := _inside(row, ranks.get("room", {}))) is not None:
        ranks["point"] = {inside: ranks["room"].pop(inside)}
    return {
        field: tuple(column for column, rank in by_column.items() if rank == min(by_column.values()))
        for field, by_column in ranks.items()
    }


def _inside(row: Row, rooms: Collection[int]) -> int | None:
    """The column 位置 beside 教室: where in the room. Alone it is the room."""
    places = [column for column in rooms if title(row.cells[column]) in _PLACES]
    return places[0] if len(places) == 1 and len(rooms) > 1 else None


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
