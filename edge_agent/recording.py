"""Recording what a controller says, so that its profile can be proven without it; nothing in it names anyone.

Serial numbers, MACs, names, networks and addresses are replaced, the same by the same, in values and in the
indexes of rows. Makes, models, versions, numbers and states stay: they are what a profile is about. Only the
tables of access points, radios and networks are read, never one of clients.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from edge_agent.collectors.known_aps import usable_serial
from edge_agent.personal import masked
from edge_agent.profiles.choosing import Device, ask_what_it_is
from edge_agent.profiles.shape import Profile, Table
from edge_agent.profiles.values import text
from edge_agent.snmp.asking import Column, Index, Limits, Source, dotted, oid_of
from edge_agent.snmp.ber import Oid, Value
from runtime.errors import UserError
from runtime.language import Text

_DESCRIPTION, _OBJECT = oid_of("1.3.6.1.2.1.1.1.0"), oid_of("1.3.6.1.2.1.1.2.0")
_ENTERPRISES = oid_of("1.3.6.1.4.1")
# A whole table of a controller of 1,000 access points; what it has beyond that is not needed.
_LIMITS = {"rows": 200_000, "size": 48 * 1024**2}
# What a profile reads and what names nothing: makes, versions, states.
_PLAIN = {"model", "firmware", "state", "up", "band", "channel", "width_mhz", "levels", "level"}
_NAMING = {"serial", "name", "ssid", "mac"}


class NotRecorded(UserError):
    """A device cannot be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The lines of a .snmprec, and how many rows were left out because their index is of another form."""

    lines: tuple[str, ...]
    left_out: int


async def record(source: Source, wanted: Profile | None) -> Recording:
    """Record a controller; raises Failed, and NotRecorded where no profile knows it."""
    source.limits = Limits(**_LIMITS)
    device = await ask_what_it_is(source, wanted)
    if device.profile is None:
        name = device.name
        raise NotRecorded(
            Text(f"没有适用于此设备的型号表：{name}", f"no profile for a device that calls itself {name}")
        )
    columns = await _columns(source, device.profile)
    return _disguised(device, device.profile, columns)


async def _columns(source: Source, profile: Profile) -> dict[Oid, tuple[Table, int, Column]]:
    """Everything in the tables that the profile reads, by the name of what was read."""
    found: dict[Oid, tuple[Table, int, Column]] = {}
    for table in (profile.aps, profile.radios, profile.networks):
        for row in table.columns:
            # The maker's own tables whole, a later profile may want more; of the standard's what is read.
            own = row.oid[: len(_ENTERPRISES)] == _ENTERPRISES and not row.by_channel
            name = row.oid[:-1] if own else row.oid
            if name not in found:
                found[name] = (table, table.follows + row.by_channel, Column())
                await source.read({name: found[name][2]})
    return found


def _disguised(
    device: Device, profile: Profile, columns: Mapping[Oid, tuple[Table, int, Column]]
) -> Recording:
    disguise = _Disguise(profile)
    rows = list(_rows(profile, columns))
    # Who is named by a column for names is known before the same text turns up elsewhere.
    for _, _, field, value in rows:
        if field in _NAMING:
            disguise.value(field, value)
    objects: dict[Oid, Value] = {_OBJECT: device.object_id, _DESCRIPTION: masked(device.description).encode()}
    fields = {row.oid: row.field for row in profile.scalars}
    for oid, value in device.scalars.items():
        objects[oid] = disguise.value(fields.get(oid, "model" if oid in profile.probes else ""), value)
    left_out = 0
    for base, index, field, value in rows:
        if index is None:
            left_out += 1
        else:
            objects[(*base, *disguise.index(index))] = disguise.value(field, value)
    return Recording(lines=tuple(_line(oid, objects[oid]) for oid in sorted(objects)), left_out=left_out)


@dataclass(frozen=True, slots=True)
class _Split:
    """An index in three: what stands before the access point's key, the key, and what follows."""

    before: Index
    key: Index
    rest: Index


def _rows(
    profile: Profile, columns: Mapping[Oid, tuple[Table, int, Column]]
) -> Iterator[tuple[Oid, _Split | None, str, Value]]:
    """Every value with its column, its index and the field that the profile reads it into ("" if none)."""
    fields = {
        row.oid: row.field
        for table in (profile.aps, profile.radios, profile.networks)
        for row in reversed(table.columns)
    }
    for name, (_, follows, column) in columns.items():
        whole = name not in fields
        for index, value in column.rows.items():
            base, own = ((*name, *index[:1]), index[1:]) if whole else (name, index)
            key = profile.split(own, follows)
            if key is None:
                yield base, None, "", value
                continue
            end = len(own) - follows
            split = _Split(own[: end - len(key)], key, own[end:])
            yield base, split, fields.get(base, ""), value


class _Disguise:
    """Replaces what names something: the same by the same."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._texts: dict[str, str] = {}
        self._macs: dict[bytes, bytes] = {}
        self._addresses: dict[bytes, bytes] = {}
        self._numbers: dict[str, int] = {}

    def value(self, field: str, value: Value) -> Value:
        if not isinstance(value, bytes) or not value:
            return value
        if field in _PLAIN and value.isascii():
            return masked(value.decode("ascii")).encode("ascii")
        if len(value) == 6 and field not in {"serial", "name", "ssid"}:
            return self._mac(value)
        plain = text(value)
        if field == "serial":
            return self._serial(plain).encode() if usable_serial(plain) and plain else value
        if field in {"name", "ssid"} or (plain is not None and "·" not in plain and len(value) != 4):
            return self._text(field, plain or "", value)
        if len(value) == 4:
            return self._addresses.setdefault(value, bytes((10, 0, *self._next("address").to_bytes(2))))
        return bytes(len(value))

    def index(self, index: _Split) -> Index:
        key = index.key
        if self._profile.serial_is_index:
            plain = text(bytes(key))
            key = tuple(self._serial(plain).encode()) if plain and usable_serial(plain) else key
        elif len(key) == 6:
            key = tuple(self._mac(bytes(key)))
        rest = index.rest
        if len(rest) > 6 and all(part <= 255 for part in rest[-6:]):
            rest = (*rest[:-6], *self._mac(bytes(rest[-6:])))
        return (*index.before, *key, *rest)

    def _mac(self, mac: bytes) -> bytes:
        if not any(mac) or mac == b"\xff" * 6:
            return mac
        return self._macs.setdefault(mac, b"\x02\x00\x00" + self._next("mac").to_bytes(3))

    def _serial(self, serial: str) -> str:
        """As long as it was, because an index tells its length; capitals stay capitals."""
        known = self._texts.get(serial.casefold())
        if known is None:
            digits = str(self._next("serial"))
            known = ("S" + digits.zfill(len(serial) - 1))[-len(serial) :] if len(serial) > 1 else digits[-1:]
            self._texts[serial.casefold()] = known
        return known if serial == serial.upper() else known.lower()

    def _text(self, field: str, plain: str, value: bytes) -> bytes:
        """A name of the same script in the same encoding."""
        kind = {"name": "AP", "ssid": "SSID"}.get(field, "text")
        known = self._texts.get(plain.casefold())
        if known is None:
            number = self._next(kind)
            known = f"{kind}-{number}" if plain.isascii() else f"名称{kind}{number}"
            self._texts[plain.casefold()] = known
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            return known.encode("gb18030")
        return known.encode()

    def _next(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]


def _line(oid: Oid, value: Value) -> str:
    name = dotted(oid)
    if isinstance(value, bytes):
        try:
            plain = value.decode("utf-8")
        except UnicodeDecodeError:
            plain = "\0"
        return f"{name}|4|{plain}" if _printable(plain) else f"{name}|4x|{value.hex()}"
    if isinstance(value, tuple):
        return f"{name}|6|{dotted(value)}"
    return f"{name}|5|" if value is None else f"{name}|2|{value}"


def _printable(text: Iterable[str]) -> bool:
    return all(character.isprintable() for character in text)
