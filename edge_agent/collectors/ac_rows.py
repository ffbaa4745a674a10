"""What a controller's columns say together: access points with their radios and networks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edge_agent.profiles.shape import ColumnRow, Fields, Profile, Table
from edge_agent.snmp.asking import Column, Index
from edge_agent.snmp.ber import Oid, Value

Columns = Mapping[Oid, Column]


@dataclass(slots=True)
class Row:
    """One access point as its controller tells of it, with its radios by their number."""

    fields: Fields = field(default_factory=dict)
    radios: dict[str, Fields] = field(default_factory=dict)
    ssids: frozenset[str] | None = None
    """The names of its networks; None where they are not known, or it does not work."""

    @property
    def works(self) -> bool:
        return self.fields.get("state") == "up"


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that was read of a device: columns, and single values by their full names."""

    columns: Columns
    scalars: Mapping[Oid, Value]


@dataclass(frozen=True, slots=True)
class Found:
    """The access points by the key of their rows; and how many rows are not about one of them."""

    rows: dict[Index, Row] = field(default_factory=dict)
    unread: int = 0
    """Rows whose index does not name an access point."""
    strays: int = 0
    """Radios of access points that have no row."""


def put_together(profile: Profile, told: Told) -> Found:
    """The access points, in the order of their keys."""
    rows: dict[Index, Row] = {}
    for key, _, fields in _rows(profile, profile.aps, told):
        _add(rows.setdefault(key, Row()).fields, fields)
    if profile.alone and not _is_one(profile, told):
        rows.clear()
    elif profile.alone:
        own = rows.setdefault((), Row())
        _add(
            own.fields,
            {scalar.field: scalar.read(told.scalars.get(scalar.oid)) for scalar in profile.scalars},
        )
        own.fields["state"] = "up"
    for row in rows.values():
        _drop_dead_gauges(profile.aps, row.fields, works=row.works)
    strays = 0
    for key, number, fields in _rows(profile, profile.radios, told):
        if key not in rows:
            strays += 1
            continue
        works = fields.get("up") is True if profile.radios.has("up") else rows[key].works
        _drop_dead_gauges(profile.radios, fields, works=works)
        rows[key].radios[str(number[0])] = fields
    _put_networks(profile, told, rows)
    if not profile.aps.has("clients"):
        for row in rows.values():
            _add_up_clients(row)
    unread = sum(_unread(profile, table, told) for table in (profile.aps, profile.radios))
    return Found(rows, unread, strays)


def channels(profile: Profile, told: Told) -> Iterator[tuple[Index, int]]:
    """The radios' indexes and the channels in use."""
    for _, _, index, fields in _indexed(profile, profile.radios, told):
        channel = fields.get("channel")
        if isinstance(channel, int):
            yield index, channel


def _rows(profile: Profile, table: Table, told: Told) -> Iterator[tuple[Index, Index, Fields]]:
    for key, rest, _, fields in _indexed(profile, table, told):
        yield key, rest, table.finish(fields, rest)


def _indexed(profile: Profile, table: Table, told: Told) -> Iterator[tuple[Index, Index, Index, Fields]]:
    """The rows of a table: the access point's key, what follows it, the whole index, and the fields."""
    columns = [(row, told.columns.get(row.oid, _NONE).rows) for row in table.columns]
    proofs = [column for row, column in columns if row.proves and column]
    for index in _indexes(table, told):
        key = profile.split(index, table.follows)
        if key is None or any(index not in proof for proof in proofs):
            continue
        fields: Fields = {}
        for row, column in columns:
            if fields.get(row.field) is None:
                value = _of_channel(told, row, index, fields) if row.by_channel else column.get(index)
                fields[row.field] = row.read(value)
        yield key, index[len(index) - table.follows :], index, fields


def _indexes(table: Table, told: Told) -> list[Index]:
    """A gauge makes no row: a table that has other things than access points would make ghosts."""
    naming = (told.columns.get(row.oid, _NONE).rows for row in table.columns if not row.gauge)
    return sorted({index for column in naming for index in column})


def _unread(profile: Profile, table: Table, told: Told) -> int:
    return sum(1 for index in _indexes(table, told) if profile.split(index, table.follows) is None)


def _of_channel(told: Told, row: ColumnRow, index: Index, fields: Fields) -> Value:
    channel = fields.get("channel")
    return told.scalars.get((*row.oid, *index, channel)) if isinstance(channel, int) else None


def _add(fields: Fields, more: Fields) -> None:
    """Fill in what is not known yet."""
    for name, value in more.items():
        if fields.get(name) is None:
            fields[name] = value


def _is_one(profile: Profile, told: Told) -> bool:
    """Whether a device that is asked as an access point of this kind is one."""
    tells = any(told.scalars.get(oid) is not None for oid in profile.probes)
    return tells or any(told.columns.get(oid, _NONE).rows for oid in profile.probe_columns)


def _drop_dead_gauges(table: Table, fields: Fields, *, works: bool) -> None:
    if not works:
        fields |= dict.fromkeys(row.field for row in table.columns if row.gauge and row.field in fields)


def _put_networks(profile: Profile, told: Told, rows: Mapping[Index, Row]) -> None:
    networks: dict[Index, list[Fields]] = {}
    for key, _, fields in _rows(profile, profile.networks, told):
        networks.setdefault(key, []).append(fields)
    names = [told.columns.get(row.oid, _NONE) for row in profile.networks.columns if row.field == "ssid"]
    # A device that tells of no network at all does not tell; one that does tells which serve none.
    whole = bool(networks) and all(column.ended for column in names)
    for key, row in rows.items():
        found = networks.get(key, [])
        if row.works and whole:
            row.ssids = frozenset(name for fields in found if isinstance(name := fields.get("ssid"), str))
        if found and profile.networks.has("band"):
            _fill_radios(row, found)


def _fill_radios(row: Row, networks: list[Fields]) -> None:
    """What a device tells by network belongs to its only radio of that band."""
    for band in {fields.get("band") for fields in row.radios.values()} - {None}:
        radios = [fields for fields in row.radios.values() if fields.get("band") == band]
        on_it = [fields for fields in networks if fields.get("band") == band]
        if len(radios) == 1 and on_it:
            for fields in on_it:
                _add(radios[0], {name: fields.get(name) for name in ("channel", "tx_power_dbm")})
            ups = [fields.get("up") for fields in on_it]
            _add(radios[0], {"up": True in ups if None not in ups else None, "clients": _sum(on_it)})


def _add_up_clients(row: Row) -> None:
    if row.works and row.radios:
        _add(row.fields, {"clients": _sum(list(row.radios.values()))})


def _sum(parts: list[Fields]) -> int | None:
    """The clients of all parts; None where one of them does not tell."""
    counts = [fields.get("clients") for fields in parts]
    numbers = [count for count in counts if isinstance(count, int)]
    return sum(numbers) if len(numbers) == len(counts) else None


_NONE = Column()
