"""What a maker's profile is made of: tables, their columns, and how the rows of a table are named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from edge_agent.snmp.asking import Index, oid_of
from edge_agent.snmp.ber import Oid, Value

ApState = Literal["up", "down", "fault", "starting", "unknown"]
Field = int | str | bool | None
Fields = dict[str, Field]
Reader = Callable[[Value], Field]
Split = Callable[[Index, int], Index | None]
"""Which access point a row is about, given how many numbers follow in its index; None where it is none."""
Finish = Callable[[Fields, Index], Fields]
"""Puts together what two columns say only together; gets the fields, and what follows in the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column, the field it fills, and how to read it. Of several for one field the first that says
    something counts.

    A gauge says something only while its device works: what a dead one last showed is not an observation.
    """

    oid: Oid
    field: str
    read: Reader
    gauge: bool = False
    by_channel: bool = False
    """Whether its rows are named by the radio and its channel; only the channel in use is asked for."""
    proves: bool = False
    """Whether a row that this column does not have, while it has others, is about nothing real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that a maker tells of one kind of thing; its columns may stand in several of the maker's tables."""

    columns: tuple[ColumnRow, ...] = ()
    follows: int = 0
    """How many numbers follow the access point in the index of a row."""
    finish: Finish = lambda fields, rest: fields

    def has(self, name: str) -> bool:
        return any(row.field == name for row in self.columns)


def rows(entry: str, *columns: tuple[int, str, Reader], gauge: bool = False) -> tuple[ColumnRow, ...]:
    """Columns of one of the maker's tables: number, field, reader."""
    base = oid_of(entry)
    return tuple(
        ColumnRow(oid=(*base, number), field=name, read=read, gauge=gauge) for number, name, read in columns
    )


def scalars(base: str, *objects: tuple[int, str, Reader]) -> tuple[ColumnRow, ...]:
    """Single objects below one name: number, field, reader."""
    return tuple(replace(row, oid=(*row.oid, 0)) for row in rows(base, *objects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One maker's controllers, or access points that answer for themselves."""

    name: str
    objects: tuple[Oid, ...]
    """What the sysObjectID of such a device begins with."""
    probes: tuple[Oid, ...] = ()
    """Scalars of which only such a device has one, beside its counts."""
    probe_columns: tuple[Oid, ...] = ()
    """The same, where the first column of its access points is one that others have too."""
    counts: tuple[Oid, ...] = ()
    """Scalars for the access points that a complete table has, best first."""
    joined: tuple[Oid, ...] = ()
    """Those of them that count only who is there, while the table also has who is away."""
    split: Split
    aps: Table
    radios: Table
    networks: Table = Table()
    """The wireless networks that each access point serves: `ssid`, and what is told only by network."""
    serial_is_index: bool = False
    """Whether the index of an access point's rows is its serial number, not its MAC."""
    alone: bool = False
    """Whether the device itself is the access point."""
    scalars: tuple[ColumnRow, ...] = ()
    """What is said once of the device; the access point's own fields where it is alone."""

    @property
    def telling_columns(self) -> tuple[Oid, ...]:
        """Columns that have rows in such a device only."""
        if self.probe_columns or self.alone:
            return self.probe_columns
        return tuple(row.oid for row in self.aps.columns[:1])


def oids(*texts: str) -> tuple[Oid, ...]:
    return tuple(oid_of(text) for text in texts)


def by_mac(index: Index, follows: int) -> Index | None:
    """Six octets of a MAC."""
    return index[:6] if len(index) == 6 + follows and _octets(index[:6]) else None


def by_counted(index: Index, follows: int) -> Index | None:
    """How many octets, and the octets of a text."""
    end = len(index) - follows
    return index[1:end] if end > 1 and index[0] == end - 1 and _octets(index[1:end]) else None


def by_mac_counted_or_not(index: Index, follows: int) -> Index | None:
    """A MAC with its length before it as some firmware writes it, or without as its MIB says."""
    counted = by_counted(index, follows)
    return counted if counted is not None and len(counted) == 6 else by_mac(index, follows)


def by_nothing(index: Index, follows: int) -> Index | None:
    """Every row is about the device itself."""
    return () if len(index) == follows else None


def _octets(values: Iterable[int]) -> bool:
    return all(value <= 255 for value in values)
