"""One walk through a controller's tables. What it has read stays readable where it breaks off."""

from collections.abc import Iterator

from edge_agent.collectors.profiles import PROFILES, ColumnRow, Field, Profile, Table, profile_for
from edge_agent.collectors.snmp import Column, Index, Manager

# Between the count and the end of the walk an access point may come or go.
COMPLETE_PERCENT = 95
# A column that the controller does not have is asked for again after a day: firmware changes.
UNSUPPORTED_MS = 24 * 3_600_000
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"


class Walk:
    """Reads the count, the access points and the radios, in this order: what matters most comes first."""

    def __init__(self, manager: Manager, profile: str, *, unsupported: dict[str, int], now: int) -> None:
        """`unsupported` is kept by the caller: until when a missing column is not asked for."""
        self._manager = manager
        self._profile = PROFILES.get(profile)
        self._unsupported = unsupported
        self._now = now
        self._columns: dict[str, Column] = {}
        self.answered = False
        self.sys_object_id = ""
        self.expected: int | None = None
        self.short: list[str] = []

    async def read(self) -> None:
        """Read it all. Raises Silent, Garbled."""
        await self._read_scalars()
        if self._profile is None:
            return
        await self._read_table(self._profile.aps, need=self.needed)
        working = {index for index, fields in self.aps() if fields["state"] == "up"}
        await self._read_table(self._profile.radios, need=_enough(len(working)))
        seen = {index[:6] for index, _ in self.radios()}
        if len(working & seen) < _enough(len(working)):
            self.short.append(f"radios of {len(working & seen)} of {len(working)} working access points")

    @property
    def profile(self) -> Profile | None:
        return self._profile

    @property
    def needed(self) -> int:
        """How many access points a complete table has at least."""
        return _enough(self.expected or 0)

    @property
    def ap_count(self) -> int:
        return sum(1 for _ in self.aps())

    @property
    def serials_complete(self) -> bool:
        """Whether every access point's serial number was read, or the controller has none at all."""
        if self._profile is None:
            return False
        state, serial = self._profile.aps.columns[:2]
        serials = self._columns.get(_oid(self._profile.aps, serial))
        states = self._columns.get(_oid(self._profile.aps, state), {})
        return serials is not None and len(serials) in {0, len(states)}

    @property
    def proves_absence(self) -> bool:
        """Whether an access point that is not in the table is not in the controller."""
        return self.expected is not None and self.ap_count >= self.needed and self.serials_complete

    def aps(self) -> Iterator[tuple[Index, dict[str, Field]]]:
        """The access points by MAC, and what their rows say; gauges only where they work."""
        if self._profile is not None:
            for index, fields in self._rows(self._profile.aps):
                works = fields["state"] == "up"
                yield index, _without_dead_gauges(self._profile.aps, fields, works=works)

    def radios(self) -> Iterator[tuple[Index, dict[str, Field]]]:
        """The radios by MAC and number, and what their rows say; gauges only where they work."""
        if self._profile is not None:
            for index, fields in self._rows(self._profile.radios):
                works = fields["up"] is True
                yield index, _without_dead_gauges(self._profile.radios, fields, works=works)

    async def _read_scalars(self) -> None:
        profiles = [self._profile] if self._profile else list(PROFILES.values())
        counts = [oid for profile in profiles for oid in profile.counts]
        scalars = await self._manager.get((SYS_OBJECT_ID, *counts))
        self.answered = True
        self.sys_object_id = str(scalars.get(SYS_OBJECT_ID, ""))
        self._profile = self._profile or profile_for(self.sys_object_id)
        if self._profile is not None:
            values = [scalars.get(oid) for oid in self._profile.counts]
            self.expected = next((value for value in values if isinstance(value, int) and value >= 0), None)

    async def _read_table(self, table: Table, *, need: int) -> None:
        key, *others = table.columns
        keys = await self._manager.column(_oid(table, key), need=need)
        self._columns[_oid(table, key)] = keys
        for row in others if keys else ():
            self._columns[_oid(table, row)] = await self._read_further(table, row, need=len(keys))

    async def _read_further(self, table: Table, row: ColumnRow, *, need: int) -> Column:
        oid = _oid(table, row)
        if self._now < self._unsupported.get(oid, 0):
            return {}
        values = await self._manager.column(oid, need=need)
        if not values:
            self._unsupported[oid] = self._now + UNSUPPORTED_MS
        elif len(values) < need:
            self.short.append(f"{row.field} of {len(values)} of {need} rows")
        return values

    def _rows(self, table: Table) -> Iterator[tuple[Index, dict[str, Field]]]:
        keys = self._columns.get(_oid(table, table.columns[0]), {})
        columns = [(row, self._columns.get(_oid(table, row), {})) for row in table.columns]
        for index in keys:
            if len(index) == table.index_length:
                yield index, {row.field: row.read(column.get(index)) for row, column in columns}


def _oid(table: Table, row: ColumnRow) -> str:
    return f"{table.oid}.{row.number}"


def _enough(count: int) -> int:
    return -(-count * COMPLETE_PERCENT // 100)


def _without_dead_gauges(table: Table, fields: dict[str, Field], *, works: bool) -> dict[str, Field]:
    gauges = set() if works else {row.field for row in table.columns if row.gauge}
    return {name: None if name in gauges else value for name, value in fields.items()}
