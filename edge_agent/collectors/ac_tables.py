"""One walk through a controller's tables. What it has read stays readable where it breaks off."""

from collections.abc import Iterator, Mapping, Sequence

from edge_agent.collectors.ac_rows import Found, Row, Told, channels, put_together
from edge_agent.profiles import PROFILES
from edge_agent.profiles.choosing import Device, ask_what_it_is
from edge_agent.profiles.shape import ColumnRow, Profile, Table
from edge_agent.snmp.asking import Column, Index, Source
from edge_agent.snmp.ber import Oid, Value
from runtime.language import Text

# Between the count and the end of the walk an access point may come or go.
COMPLETE_PERCENT = 95
# What counts for coverage: where none of a whole column is understood, firmware tells it otherwise. Of gauges
# such as the noise all may be markers for "not known".
_MUST_BE_UNDERSTOOD = ("state", "clients", "up", "band")
# A column that the controller does not have is asked for again after a day: firmware changes.
UNSUPPORTED_MS = 24 * 3_600_000


class Walk:
    """Reads the count, the access points, the radios and the networks: what matters most comes first."""

    def __init__(self, source: Source, profile: str, *, unsupported: dict[Oid, int], now: int) -> None:
        """`unsupported` is kept by the caller: until when a missing column is not asked for."""
        self._source = source
        self._wanted = PROFILES.get(profile)
        self._unsupported = unsupported
        self._now = now
        self._columns: dict[Oid, Column] = {}
        self._by_channel: dict[Oid, Value] = {}
        self.answered = False
        self.device = Device()
        self.expected: int | None = None
        self.found = Found()

    async def read(self) -> None:
        """Read it all. Raises Failed."""
        self.device = await ask_what_it_is(self._source, self._wanted)
        self.answered = True
        self.expected = self.device.count()
        profile = self.device.profile
        if profile is None:
            return
        try:
            await self._read_table(profile.aps)
            await self._read_table(profile.radios)
            await self._read_by_channel(profile)
            await self._read_table(profile.networks)
        finally:
            self.found = put_together(profile, self._told)

    @property
    def profile(self) -> Profile | None:
        return self.device.profile

    @property
    def rows(self) -> dict[Index, Row]:
        return self.found.rows

    @property
    def needed(self) -> int:
        """How many access points a complete table has at least."""
        return _enough(self.expected or 0)

    @property
    def counted(self) -> int:
        """How many of the rows that are read its count is about."""
        if self.device.counts_joined_alone:
            return sum(1 for row in self.rows.values() if row.fields.get("state") != "down")
        return len(self.rows)

    @property
    def has_more_than_counted(self) -> bool:
        """Whether the table has more than a count of all says: then that proves nothing."""
        if self.expected is None or self.device.counts_joined_alone:
            return False
        # One may have come between the count and the table.
        return self.expected + 1 < _enough(len(self.rows))

    @property
    def serials_complete(self) -> bool:
        """Whether every access point's serial number was read, or the device has none to tell."""
        if self.profile is None:
            return False
        names = [row.oid for row in self.profile.aps.columns if row.field == "serial"]
        columns = [self._columns.get(oid, Column()) for oid in names]
        return all(column.ended and len(column.rows) in {0, len(self.rows)} for column in columns)

    @property
    def clean(self) -> bool:
        """Whether the table of access points was read to its end, and has what the controller counts."""
        if self.profile is None or self.counted < self.needed or self.has_more_than_counted:
            return False
        naming = [row.oid for row in self.profile.aps.columns if not row.gauge]
        ended = [self._columns.get(oid, Column()).ended for oid in naming]
        return bool(ended) and all(ended) and self.serials_complete and not self.found.unread

    @property
    def proves_absence(self) -> bool:
        """Whether an access point that is not in the table is not in the controller."""
        return self.clean and self.expected is not None

    def short(self) -> Iterator[Text]:
        """What the tables do not have that they should."""
        if self.profile is None:
            return
        if self.has_more_than_counted:
            yield Text(
                f"控制器称有 {self.expected} 个接入点，表中却有 {len(self.rows)} 个：总数不可信",
                f"counts {self.expected} access points and lists {len(self.rows)}: its count is wrong",
            )
        yield from self._short_columns(self.profile, self.profile.aps)
        yield from self._short_columns(self.profile, self.profile.radios)
        yield from self._not_understood(self.profile)
        working = sum(1 for row in self.rows.values() if row.works)
        heard = sum(1 for row in self.rows.values() if row.works and row.radios)
        if self.profile.radios.columns and heard < _enough(working):
            yield Text(
                f"{working} 个在线接入点中只读到 {heard} 个的射频",
                f"radios of {heard} of {working} working access points",
            )
        if self.found.strays:
            yield Text(
                f"{self.found.strays} 个射频不属于表中任何接入点",
                f"{self.found.strays} radios belong to no access point of the table",
            )
        if self.found.unread:
            yield Text(
                f"{self.found.unread} 行的索引与此型号的格式不符",
                f"{self.found.unread} rows have an index of another form than this profile's",
            )

    @property
    def _told(self) -> Told:
        return Told(self._columns, {**self.device.scalars, **self._by_channel})

    async def _read_table(self, table: Table) -> None:
        """All columns of a table that the device is not known to lack."""
        wanted: dict[Oid, Column] = {}
        for row in table.columns:
            if not row.by_channel and row.oid not in self._columns:
                column = self._columns[row.oid] = Column()
                column.ended = self._now < self._unsupported.get(row.oid, 0)
                if not column.ended:
                    wanted[row.oid] = column
        await self._source.read(wanted)
        if any(column.rows for column in wanted.values()):
            for oid, column in wanted.items():
                if column.ended and not column.rows:
                    self._unsupported[oid] = self._now + UNSUPPORTED_MS

    async def _read_by_channel(self, profile: Profile) -> None:
        """What is told by channel is asked for the channels in use only: the others are many times more."""
        for row in profile.radios.columns:
            if row.by_channel and self._now >= self._unsupported.get(row.oid, 0):
                names = [(*row.oid, *index, channel) for index, channel in channels(profile, self._told)]
                found = await self._source.get(names)
                self._by_channel |= found
                if names and not found:
                    self._unsupported[row.oid] = self._now + UNSUPPORTED_MS

    def _not_understood(self, profile: Profile) -> Iterator[Text]:
        """Fields of which something was read and nothing understood; a state must be there at all."""
        for table in (profile.aps, profile.radios):
            for name in _MUST_BE_UNDERSTOOD:
                columns = [row for row in table.columns if row.field == name and not row.by_channel]
                read = [
                    row.read(value)
                    for row in columns
                    for value in self._columns.get(row.oid, Column()).rows.values()
                ]
                yield from _odd(name, columns, self._columns)
                hidden = name == "state" and bool(columns and self.rows) and not read
                if hidden or (read and all(value is None for value in read)):
                    yield Text(
                        f"{name} 没有一行读得懂" + ("：设备不给出，或不许读" if hidden else ""),
                        f"{name} is understood of no row"
                        + (": it is not given, or may not be read" if hidden else ""),
                    )

    def _short_columns(self, profile: Profile, table: Table) -> Iterator[Text]:
        """Columns with fewer rows than another one of the same table of the maker. Of several columns for one
        field only the first must be whole."""
        first = {row.field: row for row in reversed(table.columns)}.values()
        read = {row.oid: self._columns[row.oid] for row in first if row.oid in self._columns}
        numbers = {
            oid: sum(1 for index in column.rows if profile.split(index, table.follows) is not None)
            for oid, column in read.items()
        }
        for row in table.columns:
            number = numbers.get(row.oid, 0)
            need = max((many for oid, many in numbers.items() if oid[:-1] == row.oid[:-1]), default=0)
            broken = read[row.oid].broken if row.oid in read else None
            if row in first and (broken or 0 < number < need):
                yield Text(
                    f"{row.field} 只读到 {number}/{need} 行" + (f"（{broken.zh}）" if broken else ""),
                    f"{row.field} of {number} of {need} rows" + (f" ({broken.en})" if broken else ""),
                )


def _odd(name: str, columns: Sequence[ColumnRow], read: Mapping[Oid, Column]) -> Iterator[Text]:
    """Texts where a number belongs, among others that are understood. Of a state each is told as unknown."""
    values = [
        (value, row.read(value)) for row in columns for value in read.get(row.oid, Column()).rows.values()
    ]
    odd = sum(1 for value, meant in values if meant is None and isinstance(value, bytes) and value)
    if name != "state" and 0 < odd < len(values):
        yield Text(f"{name} 有 {odd} 行读不懂", f"{name} is not understood in {odd} rows")


def _enough(count: int) -> int:
    return -(-count * COMPLETE_PERCENT // 100)
