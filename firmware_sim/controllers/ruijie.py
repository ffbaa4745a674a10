"""A Ruijie WS6008's view of its access points: which object has which OID, type and value.

Columns and their numbers from RUIJIE-AC-MGMT-MIB, RUIJIE-RRM-MIB and RUIJIE-WLAN-FIT-AP-CF-MIB. Rows are
named by the six octets of the MAC. The general table keeps an access point that has gone (offline), the state
in the other table and everything about radios does not. A radio that is up says 0.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from firmware_sim.ber import Oid, gauge32, integer, ip_address, octets, timeticks
from firmware_sim.controllers.fleet import Ap, Fleet, Radio
from firmware_sim.controllers.mib import Object, Rows, constant, scalar

_RUIJIE = (1, 3, 6, 1, 4, 1, 4881, 1, 1, 10, 2)
AP_TABLE: Oid = (*_RUIJIE, 56, 2, 1, 1, 1)
GENERAL_TABLE: Oid = (*_RUIJIE, 56, 2, 1, 8, 1)
RADIO_TABLE: Oid = (*_RUIJIE, 56, 2, 1, 2, 1)
STATUS_TABLE: Oid = (*_RUIJIE, 81, 2, 3, 1, 1)
LOAD_TABLE: Oid = (*_RUIJIE, 63, 1, 4, 4, 1)
NOISE_TABLE: Oid = (*_RUIJIE, 63, 1, 4, 6, 1)
WS6008: Oid = (1, 3, 6, 1, 4, 1, 4881, 1, 3, 1, 1, 8)

_KIND_WS6008 = 12
_ONLINE, _OFFLINE = 1, 2
_RADIO_UP, _RADIO_DOWN = 0, 1
# What a radio hears on a channel that it does not serve, as it looks around.
_ELSEWHERE_DBM = -97

# Of every access point that is configured.
KNOWN_COLUMNS: dict[Oid, Callable[[Ap], bytes]] = {
    (*GENERAL_TABLE, 3): lambda ap: integer(_ONLINE if ap.state.up else _OFFLINE),
    (*GENERAL_TABLE, 11): lambda ap: integer(ap.state.cpu_pct),
    (*GENERAL_TABLE, 13): lambda ap: integer(ap.state.memory_pct),
    (*AP_TABLE, 1): lambda ap: octets(ap.inventory.mac),
    (*AP_TABLE, 2): lambda ap: octets(ap.name),
    (*AP_TABLE, 32): lambda ap: octets(ap.inventory.serial.encode()),
    (*AP_TABLE, 33): lambda ap: ip_address(ap.address if ap.state.up else "0.0.0.0"),  # noqa: S104
    (*AP_TABLE, 34): lambda ap: gauge32(ap.state.clients),
    (*AP_TABLE, 37): lambda ap: octets(b"AP_RGOS 11.9(6)W1B1"),
    (*AP_TABLE, 39): lambda ap: octets(b"AP720-L"),
    (*AP_TABLE, 52): lambda ap: timeticks(ap.state.online_s),
}
# Of those that are online.
ONLINE_COLUMNS: dict[Oid, Callable[[Ap], bytes]] = {(*AP_TABLE, 48): lambda ap: integer(_ONLINE)}
RADIO_COLUMNS: dict[Oid, Callable[[Radio], bytes]] = {
    (*STATUS_TABLE, 7): lambda radio: integer(_RADIO_UP if radio.state.up else _RADIO_DOWN),
    (*RADIO_TABLE, 11): lambda radio: integer(radio.state.channel),
    (*RADIO_TABLE, 17): lambda radio: integer(radio.state.eirp_dbm or 0),
    (*LOAD_TABLE, 1): lambda radio: integer(radio.state.receiving_pct),
    (*LOAD_TABLE, 2): lambda radio: integer(radio.state.sending_pct),
    (*LOAD_TABLE, 3): lambda radio: integer(radio.state.utilisation_pct),
    (*LOAD_TABLE, 4): lambda radio: integer(radio.state.clients),
}


def objects(fleet: Fleet) -> Iterator[Object]:
    """Everything that the controller tells."""
    yield from fleet.system(b"Ruijie Wireless Switch WS6008 (simulated)", WS6008)
    yield from _counts(fleet)
    by_mac = {tuple(ap.mac): ap for ap in fleet.access_points}
    known: Rows = tuple(sorted(by_mac))

    @lru_cache(maxsize=2)
    def online(second: int) -> Rows:
        return tuple(sorted(tuple(ap.mac) for ap in fleet.running(second)))

    @lru_cache(maxsize=2)
    def radios(second: int) -> Rows:
        return tuple((*mac, number) for mac in online(second) for number in (1, 2))

    def radio_at(index: Oid, time: float) -> Radio:
        return fleet.radio(by_mac[index[:6]], index[6] - 1, int(time))

    @lru_cache(maxsize=2)
    def heard(second: int) -> Rows:
        """By radio and channel: the one in use, and one that was looked at."""
        found = []
        for index in radios(second):
            channel = radio_at(index, second).state.channel
            found += [(*index, one) for one in sorted({channel, 1 if channel < 15 else 36})]
        return tuple(found)

    def of_ap(read: Callable[[Ap], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(fleet.ap(by_mac[index], int(time)))

    def of_radio(read: Callable[[Radio], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(radio_at(index, time))

    def noise(index: Oid, time: float) -> bytes:
        state = radio_at(index[:7], time).state
        in_use = index[7] == state.channel and state.noise_dbm is not None
        return integer(state.noise_dbm if in_use and state.noise_dbm is not None else _ELSEWHERE_DBM)

    for oid, read in KNOWN_COLUMNS.items():
        yield Object(oid=oid, rows=lambda _: known, value=of_ap(read), in_table=True)
    for oid, read in ONLINE_COLUMNS.items():
        yield Object(oid=oid, rows=online, value=of_ap(read), in_table=True)
    for oid, read_radio in RADIO_COLUMNS.items():
        yield Object(oid=oid, rows=radios, value=of_radio(read_radio), in_table=True)
    yield Object(oid=(*NOISE_TABLE, 2), rows=heard, value=noise, in_table=True)


def _counts(fleet: Fleet) -> Iterator[Object]:
    campus, base = fleet.campus, (*_RUIJIE, 56, 1, 1)
    yield scalar((*base, 11), lambda time: gauge32(campus.controller(time).aps_up))
    yield scalar((*base, 15), lambda time: gauge32(campus.controller(time).clients))
    yield constant((*base, 20), octets(f"G1SIM{campus.school.code}".encode()))
    yield constant((*base, 31), integer(_KIND_WS6008))
    yield scalar((*base, 80), lambda time: gauge32(_offline(fleet, time)))
    yield scalar((*base, 81), lambda time: gauge32(campus.controller(time).aps))


def _offline(fleet: Fleet, time: float) -> int:
    state = fleet.campus.controller(time)
    return state.aps - state.aps_up
