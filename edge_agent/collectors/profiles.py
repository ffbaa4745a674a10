"""What each maker's controller calls things: one table a maker, one row a quantity.

Huawei: HUAWEI-WLAN-AP-MIB, HUAWEI-WLAN-AP-RADIO-MIB, HUAWEI-WLAN-GLOBAL-MIB. The rows of both tables are
indexed by the access point's six MAC octets; radios also by the radio's number, from 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gufo.snmp import ValueType

from edge_agent.collectors.base import shorten

ApState = Literal["up", "down", "fault", "starting", "unknown"]
Field = int | str | bool | None
Reader = Callable[[ValueType], Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column of a controller's table, the field it fills, and how to read it.

    A gauge says something only while its device works: what a dead one last showed is not an observation.
    """

    number: int
    field: str
    read: Reader
    gauge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A controller's table. Its first column is read first, and says which rows there are."""

    oid: str
    index_length: int
    columns: tuple[ColumnRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One maker's tables. `counts` are the scalars for the access points it has, best first."""

    enterprise: str
    counts: tuple[str, ...]
    aps: Table
    radios: Table


def text(value: ValueType) -> str | None:
    """A name as UTF-8 or, on older controllers, GBK; None where it is empty."""
    if not isinstance(value, bytes):
        return None
    raw = value.rstrip(b"\0")
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = raw.decode("gb18030", errors="replace")
    return shorten(plain) or None


def number(low: int, high: int) -> Reader:
    """A whole number; the markers for "not known" (255, 0x7FFFFFFF and the like) lie outside its range."""

    def read(value: ValueType) -> int | None:
        return value if isinstance(value, int) and low <= value <= high else None

    return read


def dbm(value: ValueType) -> int | None:
    """A received level: -127 to -1 as it is. 0, 255, 0x7FFFFFFF and all else mean "not known"."""
    return value if isinstance(value, int) and -127 <= value < 0 else None


def choice(table: Mapping[int, Field] | Mapping[int, ApState]) -> Reader:
    """One of the numbers that the MIB names; any other is not known."""

    def read(value: ValueType) -> Field:
        return table.get(value) if isinstance(value, int) else None

    return read


_HUAWEI = "1.3.6.1.4.1.2011.6.139"
_HUAWEI_STATES: dict[int, ApState] = {
    1: "down",  # idle: configured, has never joined
    2: "fault",  # autofind: found, and waits to be admitted by someone
    3: "fault",  # typeNotMatch
    4: "down",  # fault: Huawei's word for an access point that the controller has lost
    5: "starting",  # config
    6: "fault",  # configFailed
    7: "starting",  # download
    8: "up",  # normal
    9: "starting",  # committing
    10: "fault",  # commitFailed
    11: "up",  # standby: it serves, and this controller is its second
    12: "fault",  # verMismatch
    13: "fault",  # nameConflicted
    14: "fault",  # invalid
    15: "fault",  # countryCodeMismatch
}

HUAWEI = Profile(
    enterprise="1.3.6.1.4.1.2011.",
    # All that are configured; where that is missing, those that have joined.
    counts=(f"{_HUAWEI}.12.1.5.7.0", f"{_HUAWEI}.12.1.2.1.0"),
    aps=Table(
        oid=f"{_HUAWEI}.13.3.3.1",
        index_length=6,
        columns=(
            ColumnRow(number=6, field="state", read=choice(_HUAWEI_STATES)),
            ColumnRow(number=2, field="serial", read=text),
            ColumnRow(number=4, field="name", read=text),
            ColumnRow(number=3, field="model", read=text),
            ColumnRow(number=7, field="firmware", read=text),
            ColumnRow(number=44, field="clients", read=number(0, 10_000), gauge=True),
            # The online time, in seconds; the run time in column 18 has no sure unit.
            ColumnRow(number=21, field="uptime_s", read=number(0, 2**31 - 3), gauge=True),
            ColumnRow(number=41, field="cpu_pct", read=number(0, 100), gauge=True),
            ColumnRow(number=40, field="memory_pct", read=number(0, 100), gauge=True),
            ColumnRow(number=43, field="temperature_c", read=number(-60, 150), gauge=True),
        ),
    ),
    radios=Table(
        oid=f"{_HUAWEI}.16.1.2.1",
        index_length=7,
        columns=(
            ColumnRow(number=6, field="up", read=choice({1: True, 2: False})),
            ColumnRow(number=5, field="band", read=choice({1: "2.4", 2: "5", 3: "6"})),
            ColumnRow(number=7, field="channel", read=number(1, 233)),
            ColumnRow(number=10, field="width_mhz", read=choice({1: 20, 2: 40, 3: 40, 4: 80, 5: 160})),
            ColumnRow(number=9, field="tx_power_dbm", read=number(-10, 36), gauge=True),
            ColumnRow(number=25, field="utilisation_pct", read=number(0, 100), gauge=True),
            ColumnRow(number=24, field="noise_dbm", read=dbm, gauge=True),
            ColumnRow(number=40, field="clients", read=number(0, 10_000), gauge=True),
        ),
    ),
)

PROFILES = {"huawei": HUAWEI}


def profile_for(sys_object_id: str) -> Profile | None:
    """The profile of the maker that a controller's sysObjectID names."""
    return next(
        (profile for profile in PROFILES.values() if sys_object_id.startswith(profile.enterprise)), None
    )
