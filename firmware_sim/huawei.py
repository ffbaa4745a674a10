"""A Huawei AC6605's view of its access points: which object has which OID, type and value.

Columns, types and invalid markers from HUAWEI-WLAN-AP-MIB, HUAWEI-WLAN-AP-RADIO-MIB (V1.40) and
HUAWEI-WLAN-GLOBAL-MIB. The index columns are accessible-for-notify: no walk shows them.
"""

import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from firmware_sim.ber import Oid, counter64, gauge32, integer, ip_address, object_id, octets, timeticks
from firmware_sim.layout import AccessPoint
from firmware_sim.states import ApState, ControllerState, RadioState
from firmware_sim.world import Campus

_WLAN = (1, 3, 6, 1, 4, 1, 2011, 6, 139)
_SYSTEM = (1, 3, 6, 1, 2, 1, 1)
AP_TABLE: Oid = (*_WLAN, 13, 3, 3, 1)
RADIO_TABLE: Oid = (*_WLAN, 16, 1, 2, 1)
AC6605: Oid = (1, 3, 6, 1, 4, 1, 2011, 2, 240, 6)

_FAULT, _NORMAL = 4, 8
_RADIO_UP, _RADIO_DOWN = 1, 2
_HT20, _HT80 = 1, 4
_INVALID = 255
_FREQUENCY = {"2.4": 1, "5": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ap:
    """A row of the access-point table."""

    inventory: AccessPoint
    name: bytes
    address: str
    state: ApState


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """A row of the radio table."""

    ap_name: bytes
    state: RadioState


# hwWlanApEntry, column by column. A failed access point keeps its row; what it cannot tell is 0 there.
AP_COLUMNS: dict[int, Callable[[Ap], bytes]] = {
    2: lambda ap: octets(ap.inventory.serial.encode()),  # hwWlanApSn
    3: lambda ap: octets(b"AP4050DN"),  # hwWlanApTypeInfo
    4: lambda ap: octets(ap.name),  # hwWlanApName
    5: lambda ap: octets(b"default"),  # hwWlanApGroup
    6: lambda ap: integer(_NORMAL if ap.state.up else _FAULT),  # hwWlanApRunState
    7: lambda ap: octets(b"V200R010C00"),  # hwWlanApSoftwareVersion
    8: lambda ap: octets(b"Ver.D"),  # hwWlanApHardwareVersion
    13: lambda ap: ip_address(ap.address if ap.state.up else "0.0.0.0"),  # noqa: S104 - hwWlanApIpAddress
    18: lambda ap: gauge32(ap.state.run_s * 100),  # hwWlanApRunTime, "Unit: tick"
    21: lambda ap: gauge32(ap.state.online_s),  # hwWlanApOnlineTime, seconds
    33: lambda ap: integer(ap.state.boots),  # hwWlanApBootCountTotal
    40: lambda ap: integer(ap.state.memory_pct),  # hwWlanApMemoryUseRate
    41: lambda ap: integer(ap.state.cpu_pct),  # hwWlanApCpuUseRate
    43: lambda ap: integer(ap.state.temperature_c),  # hwWlanApTemperature
    44: lambda ap: integer(ap.state.clients),  # hwWlanApOnlineUserNum
}

# hwWlanRadioInfoEntry, column by column.
RADIO_COLUMNS: dict[int, Callable[[Radio], bytes]] = {
    3: lambda radio: octets(radio.ap_name),  # hwWlanRadioInfoApName
    5: lambda radio: integer(_FREQUENCY[radio.state.band]),  # hwWlanRadioFreqType
    6: lambda radio: integer(_RADIO_UP if radio.state.up else _RADIO_DOWN),  # hwWlanRadioRunState
    7: lambda radio: gauge32(radio.state.channel if radio.state.up else 0),  # hwWlanRadioWorkingChannel
    9: lambda radio: gauge32(radio.state.eirp_dbm or 0),  # hwWlanRadioWorkingPower
    10: lambda radio: integer(_width(radio.state)),  # hwWlanRadioWorkingChannelBandwidth
    23: lambda radio: gauge32(radio.state.interference_pct // 3),  # hwWlanRadioPER
    24: lambda radio: integer(radio.state.noise_dbm or 0),  # hwWlanRadioNoise, "Invalid value is 0"
    25: lambda radio: gauge32(radio.state.utilisation_pct),  # hwWlanRadioChUtilizationRate
    26: lambda radio: gauge32(100 - radio.state.utilisation_pct),  # hwWlanRadioChannelFreeRate
    27: lambda radio: gauge32(radio.state.sending_pct),  # hwWlanRadioTxRatio
    28: lambda radio: gauge32(radio.state.receiving_pct),  # hwWlanRadioRxRatio
    29: lambda radio: gauge32(radio.state.interference_pct),  # hwWlanRadioChInterferenceRate
    31: lambda radio: counter64(radio.state.received_bytes),  # hwWlanRadioRcvBytes
    36: lambda radio: counter64(radio.state.sent_bytes),  # hwWlanRadioSendBytes
    40: lambda radio: gauge32(radio.state.clients),  # hwWlanRadioOnlineStaCnt
    45: lambda radio: gauge32(_or_invalid(radio.state.eirp_dbm)),  # hwWlanRadioActualEIRP
}

# HUAWEI-WLAN-GLOBAL-MIB.
SCALARS: dict[Oid, Callable[[ControllerState], bytes]] = {
    (*_WLAN, 12, 1, 2, 1): lambda ac: integer(ac.aps_up),  # hwWlanCurJointApNum
    (*_WLAN, 12, 1, 2, 2): lambda ac: integer(ac.clients),  # hwWlanCurAssocStaNum
    (*_WLAN, 12, 1, 5, 6): lambda ac: integer(ac.aps_up),  # normal access points
    (*_WLAN, 12, 1, 5, 7): lambda ac: integer(ac.aps),  # all access points
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object type: a column with its rows' indexes in order, or a scalar, whose only index is 0."""

    oid: Oid
    indexes: tuple[Oid, ...]
    value: Callable[[int, float], bytes]  # of the row with this number, at this time
    in_table: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of an object; `row` counts from 0."""

    of: Object
    row: int

    @property
    def oid(self) -> Oid:
        return self.of.oid + self.of.indexes[self.row]

    def value(self, time: float) -> bytes:
        return self.of.value(self.row, time)


class Mib:
    """All objects of one school's controller, in OID order. Values are worked out when asked for."""

    def __init__(self, campus: Campus, *, network: str) -> None:
        self._campus = campus
        self._network = ipaddress.IPv4Network(network)
        self.ap = lru_cache(maxsize=256)(self._ap)
        self.radio = lru_cache(maxsize=512)(self._radio)

    def find(self, oid: Oid) -> Instance | None:
        """The instance with this very OID."""
        found = self._below(oid)
        if found is None:
            return None
        index = oid[len(found.oid) :]
        row = bisect_left(found.indexes, index)
        if row == len(found.indexes) or found.indexes[row] != index:
            return None
        return Instance(of=found, row=row)

    def knows(self, oid: Oid) -> bool:
        """Whether `oid` lies below an object of this controller, be there such an instance or not."""
        found = self._below(oid)
        return found is not None and len(oid) > len(found.oid)

    def after(self, oid: Oid) -> Instance | None:
        """The first instance behind `oid`, None at the end."""
        found = self._below(oid)
        if found is not None:
            row = bisect_right(found.indexes, oid[len(found.oid) :])
            if row < len(found.indexes):
                return Instance(of=found, row=row)
        place = bisect_right(self._oids, oid)
        return Instance(of=self._objects[place], row=0) if place < len(self._objects) else None

    def _below(self, oid: Oid) -> Object | None:
        """The object that `oid` names or lies below."""
        place = bisect_right(self._oids, oid) - 1
        if place < 0 or oid[: len(self._oids[place])] != self._oids[place]:
            return None
        return self._objects[place]

    @cached_property
    def _objects(self) -> list[Object]:
        every = (*self._system(), *self._scalars(), *self._columns())
        return sorted((one for one in every if one.indexes), key=lambda one: one.oid)

    @cached_property
    def _oids(self) -> list[Oid]:
        return [one.oid for one in self._objects]

    @cached_property
    def _rows(self) -> tuple[AccessPoint, ...]:
        # SNMP sorts rows by their index, here the MAC, whatever the order in which they were hung.
        return tuple(sorted(self._campus.layout.access_points, key=lambda ap: ap.mac))

    def _ap(self, row: int, second: int) -> Ap:
        inventory = self._rows[row]
        return Ap(
            inventory=inventory,
            name=inventory.name.encode(self._campus.school.name_encoding),
            # Access points sit above the class PCs in the school's network.
            address=str(self._network[128 + inventory.number % 120]),
            state=self._campus.ap_state(inventory, second),
        )

    def _radio(self, row: int, second: int) -> Radio:
        ap, number = divmod(row, 2)
        inventory = self._rows[ap]
        name = inventory.name.encode(self._campus.school.name_encoding)
        return Radio(ap_name=name, state=self._campus.radios(inventory, second)[number])

    def _system(self) -> Iterator[Object]:
        school = self._campus.school
        yield _constant((*_SYSTEM, 1), octets(b"Huawei AC6605 Wireless Access Controller (simulated)"))
        yield _constant((*_SYSTEM, 2), object_id(AC6605))
        yield _scalar((*_SYSTEM, 3), lambda time: timeticks(self._campus.controller(time).uptime_s))
        yield _constant((*_SYSTEM, 4), octets(b""))
        yield _constant((*_SYSTEM, 5), octets(f"AC-{school.code}".encode()))
        yield _constant((*_SYSTEM, 6), octets(school.name.encode(school.name_encoding)))
        # sysServices of a device of layers 2 to 4 (RFC 3418).
        yield _constant((*_SYSTEM, 7), integer(2 + 4 + 8))

    def _scalars(self) -> Iterator[Object]:
        for oid, read in SCALARS.items():
            yield _scalar(oid, self._controller_value(read))

    def _columns(self) -> Iterator[Object]:
        aps: tuple[Oid, ...] = tuple(tuple(ap.mac) for ap in self._rows)
        radios: tuple[Oid, ...] = tuple((*mac, number) for mac in aps for number in (0, 1))
        for column, read_ap in AP_COLUMNS.items():
            yield Object(oid=(*AP_TABLE, column), indexes=aps, value=self._ap_value(read_ap), in_table=True)
        for column, read_radio in RADIO_COLUMNS.items():
            yield Object(
                oid=(*RADIO_TABLE, column),
                indexes=radios,
                value=self._radio_value(read_radio),
                in_table=True,
            )

    def _controller_value(self, read: Callable[[ControllerState], bytes]) -> Callable[[float], bytes]:
        return lambda time: read(self._campus.controller(time))

    def _ap_value(self, read: Callable[[Ap], bytes]) -> Callable[[int, float], bytes]:
        return lambda row, time: read(self.ap(row, int(time)))

    def _radio_value(self, read: Callable[[Radio], bytes]) -> Callable[[int, float], bytes]:
        return lambda row, time: read(self.radio(row, int(time)))


def _scalar(oid: Oid, read: Callable[[float], bytes]) -> Object:
    return Object(oid=oid, indexes=((0,),), value=lambda _row, time: read(time), in_table=False)


def _constant(oid: Oid, value: bytes) -> Object:
    return _scalar(oid, lambda _time: value)


def _width(state: RadioState) -> int:
    if not state.up:
        return _INVALID
    return _HT20 if state.band == "2.4" else _HT80


def _or_invalid(value: int | None) -> int:
    return _INVALID if value is None else value
